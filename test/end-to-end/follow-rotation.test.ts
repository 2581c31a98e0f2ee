import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { DescribeConnectionCommand, ListConnectionsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Delivery } from 'cdk-momento-eventbridge';
import { until } from '../local/until';
import { type Command, ToMomento } from './to-momento';

// The handler runs as a process of this machine.
const architecture = process.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64;

const COMMAND: Command = {
  detailType: 'cacheSet',
  detail: { cacheName: 'chat', key: 'user-17', message: 'hello', ttl: 60 },
};

describe('the deployed way to Momento that follows the rotation of its API key', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('first');
    await toMomento.update({ delivery: Delivery.apiDestinations({ followSecretRotation: true, architecture }) });
  });
  after(() => toMomento.stop());
  afterEach(() => {
    toMomento.momento.forget();
  });

  const description = async (): Promise<string> => {
    const { events } = toMomento.aws.clients;
    const { Connections = [] } = await events.send(new ListConnectionsCommand());
    assert.equal(Connections.length, 1);
    const { Description = '' } = await events.send(new DescribeConnectionCommand({ Name: Connections[0]?.Name }));
    return Description;
  };
  const authorization = async (): Promise<string | undefined> => {
    await toMomento.put(COMMAND);
    const [request] = await toMomento.momento.received(1);
    toMomento.momento.forget();
    return request?.headers.authorization;
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
    assert.equal(await authorization(), 'first');
  });

  test('sends the new key once Secrets Manager has said that there is one, without a deployment', async () => {
    const version = await toMomento.rotate('second');
    await until('the connection of the new version', async () =>
      (await description()).includes(version) ? version : undefined,
    );
    assert.equal(await authorization(), 'second');
  });

  test('leaves a connection alone that has the current key', async () => {
    const before = await description();
    assert.equal(await run(), undefined);
    assert.equal(await description(), before);
    assert.equal(await authorization(), 'second');
  });

  test('keeps the key it has, and says why, when the secret has none any more', async () => {
    const before = await description();
    await toMomento.rotate('{"momento":"third"}');
    assert.match((await run()) ?? '', /MOMENTO_API_KEY_FIELD does not say which of its fields is the API key/);
    assert.equal(await description(), before);
    assert.equal(await authorization(), 'second');
  });

  test('is set right again by the schedule after a deployment has set the connection back', async () => {
    const version = await toMomento.rotate('fourth');
    await toMomento.update({ apiKeyVersionId: version });
    await toMomento.update({ delivery: Delivery.apiDestinations({ followSecretRotation: true, architecture }) });
    assert.equal(await run(), undefined);
    assert.ok((await description()).includes(version));
    assert.equal(await authorization(), 'fourth');
  });
});
