import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DescribeConnectionCommand, ListConnectionsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { ApiKeyRotation, Delivery } from 'cdk-momento-eventbridge';
import { until } from '../../tools/common/until';
import { ToMomento } from './to-momento';

// The handler runs as a process of this machine.
const architecture = process.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64;

const following = Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret({ architecture }) });

describe('the deployed way to Momento that follows the rotation of its API key', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('API destination', ['chat']);
    await toMomento.update(() => ({ delivery: following }));
  });
  after(() => toMomento.stop());
  const description = async (): Promise<string> => {
    const { events } = toMomento.aws.clients;
    const { Connections = [] } = await events.send(new ListConnectionsCommand());
    assert.equal(Connections.length, 1);
    const { Description = '' } = await events.send(new DescribeConnectionCommand({ Name: Connections[0]?.Name }));
    return Description;
  };
  let commands = 0;
  /** Who Momento takes the sender of a command for, by the key that it is sent with. */
  const caller = async (): Promise<string | undefined> => {
    const key = `item-${(++commands).toString()}`;
    await toMomento.put({ detailType: 'cacheSet', detail: { cacheName: 'chat', key, message: 'hello', ttl: 60 } });
    const [request] = await toMomento.answered(({ query }) => new URLSearchParams(query).get('key') === key, 1);
    return request?.caller;
  };
  /** Runs the function as its schedule does, and says how it failed, if it did. */
  const run = async (): Promise<string | undefined> => {
    const { lambda } = toMomento.aws.clients;
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
    assert.equal(Functions.length, 1);
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: Functions[0]?.FunctionName,
        Payload: JSON.stringify({ source: 'aws.events' }),
      }),
    );
    return FunctionError === undefined ? undefined : Buffer.from(Payload ?? []).toString();
  };

  test('sends the key that it was deployed with', async () => {
    assert.equal(await caller(), 'api-key-1');
  });

  test('sends the new key once Secrets Manager has said that there is one, without a deployment', async () => {
    assert.equal(await toMomento.momento.addApiKey('second'), 'api-key-2');
    const version = await toMomento.rotate('second');
    await until(
      'the connection of the new version',
      async () => ((await description()).includes(version) ? version : undefined),
      { timeoutMs: 60_000 },
    );
    assert.equal(await caller(), 'api-key-2');
  });

  test('leaves a connection alone that has the current key', async () => {
    const before = await description();
    assert.equal(await run(), undefined);
    assert.equal(await description(), before);
    assert.equal(await caller(), 'api-key-2');
  });

  test('keeps the key it has, and says why, when the secret has none any more', async () => {
    const before = await description();
    await toMomento.rotate('{"momento":"third"}');
    assert.match((await run()) ?? '', /MOMENTO_API_KEY_FIELD does not say which of its fields is the API key/);
    assert.equal(await description(), before);
    assert.equal(await caller(), 'api-key-2');
  });

  test('is set right again by the schedule after a deployment has set the connection back', async () => {
    const fourth = await toMomento.momento.addApiKey('fourth');
    const version = await toMomento.rotate('fourth');
    const copied = ApiKeyRotation.onDeployment({ versionId: version });
    await toMomento.update(() => ({ delivery: Delivery.apiDestinations({ apiKeyRotation: copied }) }));
    await toMomento.update(() => ({ delivery: following }));
    assert.equal(await run(), undefined);
    assert.ok((await description()).includes(version));
    assert.equal(await caller(), fourth);
  });
});
