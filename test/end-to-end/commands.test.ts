import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { ListApiDestinationsCommand } from '@aws-sdk/client-eventbridge';
import { mulberry32 } from './mulberry32';
import type { RecordedRequest } from './recording-server';
import { ATTEMPTS, type Command, ToMomento } from './to-momento';

const API_KEY = 'eyJhcGlfa2V5Ijoi.test';

describe('the deployed way to Momento', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy(API_KEY);
  });
  after(() => toMomento.stop());
  afterEach(() => {
    toMomento.momento.forget();
  });

  const set = (detail: Record<string, unknown> = {}): Command => ({
    detailType: 'cacheSet',
    detail: { cacheName: 'chat', key: 'user-17', message: 'hello', ttl: 60, ...detail },
  });
  const remove = (detail: Record<string, unknown> = {}): Command => ({
    detailType: 'cacheDelete',
    detail: { cacheName: 'chat', key: 'user-17', ...detail },
  });
  const publish = (detail: Record<string, unknown> = {}): Command => ({
    detailType: 'topicPublish',
    detail: { cacheName: 'chat', topicName: 'room-281', message: 'hello', ...detail },
  });
  const withoutKey = { key: undefined };

  /** Puts one command, and returns the one request that it becomes. */
  const deliver = async (command: Command): Promise<RecordedRequest> => {
    await toMomento.put(command);
    const [request, ...more] = await toMomento.momento.received(1);
    assert.ok(request);
    assert.deepEqual(more, []);
    toMomento.momento.forget();
    return request;
  };
  const callOf = ({ method, url, body, headers }: RecordedRequest) => [method, url, headers['content-type'], body];
  const noDeadLetters = async () => {
    assert.deepEqual(await toMomento.deadLetters(1, 150), []);
  };
  const json = 'application/json; charset=utf-8';

  describe('calls', () => {
    test('PUT with the key, the ttl and the message for cacheSet', async () => {
      assert.deepEqual(callOf(await deliver(set())), [
        'PUT',
        '/cache/chat?key=user-17&ttl_seconds=60',
        json,
        '"hello"',
      ]);
    });

    test('PUT with the base64 key alone, if the command has that', async () => {
      const request = await deliver(set({ ...withoutKey, key_base64: 'dXNlci0xNw' }));
      assert.equal(request.url, '/cache/chat?key_base64=dXNlci0xNw&ttl_seconds=60');
    });

    test('DELETE with the key for cacheDelete, and nothing of the event in its body', async () => {
      assert.deepEqual(callOf(await deliver(remove())), ['DELETE', '/cache/chat?key=user-17', json, '{}']);
      const request = await deliver(remove({ ...withoutKey, key_base64: 'dXNlci0xNw' }));
      assert.equal(request.url, '/cache/chat?key_base64=dXNlci0xNw');
    });

    test('POST as text/plain for topicPublish', async () => {
      assert.deepEqual(callOf(await deliver(publish())), ['POST', '/topics/chat/room-281', 'text/plain', '"hello"']);
    });

    test('with the raw API key in Authorization, and nowhere else', async () => {
      for (const command of [set(), remove(), publish()]) {
        const request = await deliver(command);
        assert.equal(request.headers.authorization, API_KEY);
        assert.ok(!request.url.includes(API_KEY));
      }
    });

    // The encoding is the emulator's: AWS documents none, and no recording of it is known.
    for (const name of [
      'a/b',
      'with space',
      'é',
      '100%',
      '%2F',
      'a#b',
      'a?b=c&d',
      '..',
      'a+b',
      '*',
      '"',
      '$.detail.key',
      '🎉',
    ]) {
      test(`with the name ${name} as one path segment, and the key of that name, in the emulator's encoding`, async () => {
        const topic = await deliver(publish({ cacheName: name, topicName: name }));
        assert.deepEqual(topic.url.split('/').slice(1).map(decodeURIComponent), ['topics', name, name]);
        const { url } = await deliver(set({ cacheName: name, key: name }));
        const [path = '', query = ''] = url.split('?');
        assert.deepEqual(path.split('/').slice(1).map(decodeURIComponent), ['cache', name]);
        assert.deepEqual(
          [...new URLSearchParams(query)],
          [
            ['key', name],
            ['ttl_seconds', '60'],
          ],
        );
      });
    }
  });

  describe('delivers as a JSON string, in quotes,', () => {
    const messages: Record<string, string> = {
      'a text': 'hello world!',
      JSON: '{"a":[1,"b"],"c":null}',
      'quotes and backslashes': 'she said "no" \\ "yes"',
      newlines: 'one\ntwo\r\n\tthree',
      nothing: '',
      'what looks like a path or a placeholder': '$.detail.key <aws.events.event>',
      'text that is not ASCII': 'naïve 日本 🎉 \u2028',
      'a lone surrogate': '\ud83c',
      '4 KB': 'x'.repeat(4096),
      '1 MB': 'x'.repeat(1_000_000),
    };
    for (const [what, message] of Object.entries(messages)) {
      test(`${what}, to a cache and to a topic`, async () => {
        for (const command of [set({ message }), publish({ message })]) {
          const { body } = await deliver(command);
          assert.match(body, /^"[^]*"$/);
          assert.equal(JSON.parse(body), message);
          // The emulator escapes what is not ASCII, which AWS need not do.
          if (/^[\x20-\x7e]*$/.test(message)) assert.equal(body, JSON.stringify(message));
        }
      });
    }
  });

  test('sends what is no command to the dead-letter queue, the whole event, and not to Momento', async () => {
    const refused: Command[] = [
      set({ key_base64: 'dXNlci0xNw' }),
      set(withoutKey),
      set({ key: '' }),
      set({ cacheName: '' }),
      set({ cacheName: undefined }),
      set({ ttl: undefined }),
      set({ ttl: '60' }),
      set({ message: { text: 'hello' } }),
      set({ message: 12 }),
      set({ message: null }),
      remove(withoutKey),
      remove({ key: '', key_base64: 'dXNlci0xNw' }),
      remove({ ...withoutKey, key_base64: '' }),
      remove({ cacheName: { name: 'chat' } }),
      publish({ topicName: '' }),
      publish({ topicName: [] }),
      publish({ message: undefined }),
      { detailType: 'topicPublish', detail: {} },
    ];
    await toMomento.put(...refused);
    const letters = await toMomento.deadLetters(refused.length + 1, 1000);
    const text = (command: Command) => JSON.stringify(command);
    assert.deepEqual(letters.map(({ command }) => text(command)).sort(), refused.map(text).sort());
    assert.deepEqual([letters[0]?.event.source, letters[0]?.attribute('ERROR_CODE')], ['orders', undefined]);
    assert.deepEqual(toMomento.momento.requests, []);
  });

  test('leaves other events alone', async () => {
    await toMomento.put({ detailType: 'chat#room-281', detail: { cacheName: 'chat', key: 'a' } });
    await noDeadLetters();
    assert.deepEqual(toMomento.momento.requests, []);
  });

  describe('when Momento answers', () => {
    for (const status of [401, 429, 500, 503]) {
      test(`${status.toString()}, tries ${ATTEMPTS.toString()} times, and then it is a dead letter`, async () => {
        toMomento.momento.answer = () => status;
        await toMomento.put(set());
        const [letter] = await toMomento.deadLetters(1);
        assert.deepEqual(letter?.command, set());
        assert.equal(letter.attribute('RETRY_ATTEMPTS'), (ATTEMPTS - 1).toString());
        assert.match(letter.attribute('RULE_ARN') ?? '', /CacheSetByKey/);
        assert.equal(toMomento.momento.requests.length, ATTEMPTS);
      });
    }

    for (const status of [302, 400, 403, 404, 413]) {
      test(`${status.toString()}, does not try again: it is a dead letter at once`, async () => {
        toMomento.momento.answer = () => status;
        await toMomento.put(publish());
        const [letter] = await toMomento.deadLetters(1);
        assert.deepEqual(letter?.command, publish());
        assert.equal(letter.attribute('EXHAUSTED_RETRY_CONDITION'), undefined);
        assert.equal(toMomento.momento.requests.length, 1);
      });
    }

    for (const fault of [429, 500, 'reset', 'hang'] as const) {
      test(`${fault.toString()} once, delivers with the next try`, async () => {
        toMomento.momento.answer = () => (toMomento.momento.requests.length === 1 ? fault : 204);
        await toMomento.put(publish());
        const [first, second] = await toMomento.momento.received(2);
        assert.deepEqual(second, first);
        await noDeadLetters();
      });
    }
  });

  test('takes each of 1,000 commands among random faults to Momento or to the dead-letter queue', async () => {
    const random = mulberry32(20_261_122);
    const statuses = [204, 204, 204, 400, 401, 404, 429, 500, 503, 'reset'] as const;
    const choose = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;
    const taken = new Set<string>();
    toMomento.momento.answer = ({ url }) => {
      const answer = choose(statuses);
      const id = /id-\d+/.exec(url)?.[0] ?? '';
      if (answer === 204) taken.add(id);
      return answer;
    };
    const ids = Array.from({ length: 1000 }, (_, i) => `id-${i.toString()}`);
    const commands = ids.map((id) =>
      choose([
        set({ key: id }),
        remove({ key: id }),
        publish({ topicName: id }),
        set({ key: id, key_base64: id }),
        publish({ topicName: id, message: 1 }),
      ]),
    );
    await toMomento.put(...commands);
    const buried = new Set<string>();
    let refused = 0;
    while (taken.size + buried.size < ids.length) {
      const letters = await toMomento.deadLetters(10, 2000);
      assert.ok(letters.length > 0 || taken.size + buried.size >= ids.length, 'some are in neither');
      for (const letter of letters) {
        const { key, topicName } = letter.command.detail;
        buried.add(String(key ?? topicName));
        if (letter.attribute('ERROR_CODE') === undefined) refused += 1;
      }
    }
    await noDeadLetters();
    console.log(
      `1,000 commands: ${taken.size.toString()} in Momento, ${buried.size.toString()} dead letters, ` +
        `${refused.toString()} of them no commands; ${toMomento.momento.requests.length.toString()} requests`,
    );
    assert.deepEqual(
      ids.filter((id) => taken.has(id) === buried.has(id)),
      [],
    );
  });

  test("keeps a key's copy until a deployment names another version of the secret", async () => {
    const versionId = await toMomento.rotate('rotated');
    assert.equal((await deliver(set())).headers.authorization, API_KEY);
    await toMomento.update({ maxEventAge: undefined });
    assert.equal((await deliver(set())).headers.authorization, API_KEY);
    await toMomento.update({ apiKeyVersionId: versionId });
    assert.equal((await deliver(set())).headers.authorization, 'rotated');
  });

  test('calls the cell of the region that it is deployed to, if the stack does not know that at synth', async () => {
    await toMomento.update({ endpoint: undefined });
    const { ApiDestinations } = await toMomento.aws.clients.events.send(new ListApiDestinationsCommand());
    const cell = 'https://api.cache.cell-us-east-1-1.prod.a.momentohq.com';
    assert.deepEqual(ApiDestinations?.map(({ InvocationEndpoint }) => InvocationEndpoint).sort(), [
      `${cell}/cache/*`,
      `${cell}/cache/*`,
      `${cell}/topics/*/*`,
    ]);
  });
});
