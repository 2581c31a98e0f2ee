/** What API destinations do when Momento fails, and with the key. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { ListApiDestinationsCommand } from '@aws-sdk/client-eventbridge';
import { ApiKeyRotation, Delivery } from 'cdk-momento-eventbridge';
import type { MomentoFault } from '../../tools';
import { ATTEMPTS, type Command, ToMomento } from './to-momento';

describe('a deployed API destination', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('API destination', ['chat']);
  });
  after(() => toMomento.stop());
  afterEach(() => toMomento.momento.clear());

  const set: Command = {
    detailType: 'cacheSet',
    detail: { cacheName: 'chat', key: 'user-17', message: 'hello', ttl: 60 },
  };
  const publish: Command = {
    detailType: 'topicPublish',
    detail: { cacheName: 'chat', topicName: 'room-281', message: 'hello' },
  };

  for (const status of [401, 429, 500, 503]) {
    test(`tries ${ATTEMPTS.toString()} times where Momento answers ${status.toString()}, and then it is a dead letter`, async () => {
      await toMomento.momento.inject({ kind: 'answer', status });
      await toMomento.put(set);
      const letter = await toMomento.deadLetter(set);
      assert.equal(letter.attribute('RETRY_ATTEMPTS'), (ATTEMPTS - 1).toString());
      assert.match(letter.attribute('RULE_ARN') ?? '', /CacheSetByKey/);
      assert.equal((await toMomento.momento.requests()).length, ATTEMPTS);
    });
  }

  for (const status of [302, 400, 403, 404, 413]) {
    test(`does not try again where Momento answers ${status.toString()}: it is a dead letter at once`, async () => {
      await toMomento.momento.inject({ kind: 'answer', status });
      await toMomento.put(publish);
      const letter = await toMomento.deadLetter(publish);
      assert.equal(letter.attribute('EXHAUSTED_RETRY_CONDITION'), undefined);
      assert.equal((await toMomento.momento.requests()).length, 1);
    });
  }

  const passing: readonly MomentoFault[] = [
    { kind: 'answer', status: 429 },
    { kind: 'answer', status: 500 },
    { kind: 'reset' },
    { kind: 'hang', milliseconds: 60_000 },
  ];
  for (const fault of passing) {
    const what = fault.kind === 'answer' ? fault.status.toString() : fault.kind;
    test(`delivers with the next try after a ${what}`, async () => {
      await toMomento.momento.inject({ ...fault, times: 1 });
      await toMomento.put(publish);
      await toMomento.answered(({ status }) => status === 204, 1);
      const [first, second] = (await toMomento.momento.requests()).map(({ path, body }) => ({ path, body }));
      assert.deepEqual(second, first);
      assert.deepEqual(await toMomento.deadLetters(1, 150), []);
    });
  }

  test("keeps a key's copy until a deployment names another version of the secret", async () => {
    await toMomento.momento.addApiKey('rotated');
    const versionId = await toMomento.rotate('rotated');
    assert.equal((await toMomento.deliver(set)).caller, 'api-key-1');
    await toMomento.update(() => ({ maxEventAge: undefined }));
    assert.equal((await toMomento.deliver(set)).caller, 'api-key-1');
    const apiKeyRotation = ApiKeyRotation.onDeployment({ versionId });
    await toMomento.update(() => ({ delivery: Delivery.apiDestinations({ apiKeyRotation }) }));
    assert.equal((await toMomento.deliver(set)).caller, 'api-key-2');
  });

  test('calls the cell of the region that it is deployed to, if the stack does not know that at synth', async () => {
    await toMomento.update(() => ({ endpoint: undefined }));
    const { ApiDestinations } = await toMomento.aws.clients.events.send(new ListApiDestinationsCommand());
    const cell = 'https://api.cache.cell-us-east-1-1.prod.a.momentohq.com';
    assert.deepEqual(ApiDestinations?.map(({ InvocationEndpoint }) => InvocationEndpoint).sort(), [
      `${cell}/cache/*`,
      `${cell}/cache/*`,
      `${cell}/topics/*/*`,
    ]);
  });
});
