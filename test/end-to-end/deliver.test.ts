/** What the deliver function does when Momento fails, and with the key. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FaultyRequests, MomentoFault, MomentoRequest } from '../../tools';
import { until } from '../../tools/common/until';
import { ATTEMPTS, type Command, type DeadLetter, ToMomento } from './to-momento';

const set = (key: string, detail: Record<string, unknown> = {}): Command => ({
  detailType: 'cacheSet',
  detail: { cacheName: 'chat', key, message: `of ${key}`, ttl: 60, ...detail },
});

describe('the deployed deliver function', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('Lambda', ['chat']);
  });
  after(() => toMomento.stop());

  /** The requests for a key. */
  const of =
    (key: string) =>
    ({ query }: MomentoRequest) =>
      query.startsWith(`key=${key}&`);
  const inject = (key: string, fault: MomentoFault & FaultyRequests) =>
    toMomento.momento.inject({ ...fault, targetPrefix: `/cache/chat?key=${key}&` });
  const requestsOf = async (key: string) => (await toMomento.momento.requests()).filter(of(key));

  // The waits are the function's own, so they run at the same time.
  describe('where Momento fails', { concurrency: true }, () => {
    const passing: Record<string, MomentoFault> = {
      '429': { kind: 'answer', status: 429 },
      '500': { kind: 'answer', status: 500 },
      'a hang of more than 5 s': { kind: 'hang', milliseconds: 60_000 },
    };
    for (const [index, [what, fault]] of Object.entries(passing).entries()) {
      const key = `passing-${index.toString()}`;
      test(`once with ${what}, delivers with the next try`, async () => {
        await inject(key, { ...fault, times: 1 });
        await toMomento.put(set(key));
        const [first, second, ...more] = await toMomento.answered(
          (request) => of(key)(request) && (request.status === 204 || request.fault !== undefined),
          fault.kind === 'hang' ? 1 : 2,
        );
        assert.deepEqual([first?.fault, second?.status, more], [fault.kind, 204, []]);
        assert.deepEqual(await toMomento.momento.item('chat', key), Buffer.from(`of ${key}`));
      });
    }

    for (const kind of ['reset', 'lost-answer'] as const) {
      test(`once with a ${kind}, delivers with a connection of its own at once`, async () => {
        await inject(kind, { kind, times: 1 });
        await toMomento.put(set(kind));
        const [first, second] = await toMomento.answered(of(kind), 1);
        assert.deepEqual([first?.fault, second?.status], [kind, 204]);
      });
    }

    test('with 429 and Retry-After, waits for that long', async () => {
      // Longer than the 2 s that it would wait by itself.
      await inject('asked', { kind: 'answer', status: 429, retryAfter: '4', times: 1 });
      await toMomento.put(set('asked'));
      const [first, second] = await toMomento.answered(of('asked'), 2);
      assert.ok(first && second && second.receivedAt - first.receivedAt >= 4000);
    });

    test('with 429 and a Retry-After of more than the age that is left, gives up at once', async () => {
      await inject('too-long', { kind: 'answer', status: 429, retryAfter: '7200' });
      const command = set('too-long');
      await toMomento.put(command);
      const letter = await toMomento.deadLetter(command);
      assert.equal(letter.attribute('EXHAUSTED_RETRY_CONDITION'), 'MaximumEventAgeInSeconds');
      assert.equal((await requestsOf('too-long')).length, 1);
    });

    const lasting: readonly [string, MomentoFault, Record<string, string | undefined>][] = [
      ['429', { kind: 'answer', status: 429 }, { ERROR_CODE: 'ERROR_FROM_TARGET', MOMENTO_STATUS: '429' }],
      ['500', { kind: 'answer', status: 500 }, { ERROR_CODE: 'ERROR_FROM_TARGET', MOMENTO_STATUS: '500' }],
      ['401', { kind: 'answer', status: 401 }, { ERROR_CODE: 'ERROR_FROM_TARGET', MOMENTO_STATUS: '401' }],
      ['a hang of more than 5 s', { kind: 'hang', milliseconds: 60_000 }, { ERROR_CODE: 'TIMEOUT' }],
    ];
    for (const [index, [what, fault, expected]] of lasting.entries()) {
      test(`each time with ${what}, tries ${ATTEMPTS.toString()} times, and then it is a dead letter that says so`, async () => {
        const key = `lasting-${index.toString()}`;
        await inject(key, fault);
        const command = set(key);
        await toMomento.put(command);
        const letter = await toMomento.deadLetter(command);
        assertAttributes(letter, {
          ...expected,
          RETRY_ATTEMPTS: (ATTEMPTS - 1).toString(),
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        });
        assert.equal((await requestsOf(key)).length, ATTEMPTS);
      });
    }

    const refusals: readonly [string, Command, number][] = [
      ['no-cache', set('no-cache', { cacheName: 'other' }), 404],
      ['too-long-to-live', set('too-long-to-live', { ttl: 86_401 }), 400],
      ['forbidden', set('forbidden'), 403],
    ];
    for (const [key, command, status] of refusals) {
      test(`with ${status.toString()}, does not try again: it is a dead letter at once, without Momento's own text`, async () => {
        if (status === 403) await inject(key, { kind: 'answer', status, body: '{"message":"Not yours"}' });
        await toMomento.put(command);
        const letter = await toMomento.deadLetter(command);
        const meanings: Record<number, string> = {
          400: 'invalid request',
          403: 'the API key has no permission for it',
          404: 'the cache does not exist',
        };
        assert.equal(
          letter.attribute('ERROR_MESSAGE'),
          `Momento answered ${status.toString()}: ${meanings[status] ?? ''}`,
        );
        assertAttributes(letter, {
          ERROR_CODE: 'ERROR_FROM_TARGET',
          MOMENTO_STATUS: status.toString(),
          RETRY_ATTEMPTS: '0',
          EXHAUSTED_RETRY_CONDITION: undefined,
        });
        assert.equal((await requestsOf(key)).length, 1);
      });
    }
  });

  test('takes up a rotated key with the command that the old one is refused for, without a deployment', async () => {
    const { momento } = toMomento;
    // Each environment holds a key. While one is at work, a command goes to another; its message is deleted when it is free again.
    const idle = () =>
      until('the function to be idle', async () => {
        const { length } = await toMomento.aws.bodiesIn(toMomento.commandQueueUrl);
        return length === 0 || undefined;
      });
    const next = await momento.addApiKey('rotated');
    await toMomento.rotate('rotated');
    await toMomento.put(set('before'));
    assert.equal((await toMomento.answered(of('before'), 1))[0]?.caller, 'api-key-1');

    await idle();
    await momento.revokeApiKey(momento.apiKey);
    await toMomento.put(set('after'));
    const requests = await toMomento.answered(of('after'), 2);
    assert.deepEqual(
      requests.map(({ caller, status }) => [caller, status]),
      [
        [undefined, 401],
        [next, 204],
      ],
    );
    await idle();
    await toMomento.put(set('then'));
    assert.equal((await toMomento.answered(of('then'), 1))[0]?.caller, next);
  });
});

function assertAttributes(letter: DeadLetter, expected: Record<string, string | undefined>): void {
  const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, letter.attribute(name)]));
  assert.deepEqual(actual, expected);
}
