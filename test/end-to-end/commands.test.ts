/** Each command by each delivery, as it arrives. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { MomentoRequest } from '../../tools';
import { type Command, ToMomento, WAYS } from './to-momento';

const NAMES = ['a/b', 'with space', 'é', '100%', '%2F', 'a#b', 'a?b=c&d', '..', 'a+b', '*', '"', '$.detail.key', '🎉'];

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
const withoutMessage = { message: undefined };

const REFUSED: readonly Command[] = [
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
  publish(withoutMessage),
  { detailType: 'topicPublish', detail: {} },
];

const MESSAGES: Record<string, string> = {
  'a text': 'hello world!',
  JSON: '{"a":[1,"b"],"c":null}',
  'quotes and backslashes': 'she said "no" \\ "yes"',
  newlines: 'one\ntwo\r\n\tthree',
  nothing: '',
  'what looks like a path or a placeholder': '$.detail.key <aws.events.event>',
  'text that is not ASCII': 'naïve 日本 🎉 \u2028',
};
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

for (const way of WAYS) {
  describe(`deployed, by ${way}, a command`, () => {
    const isLambda = way === 'Lambda';
    let toMomento: ToMomento;
    before(async () => {
      toMomento = await ToMomento.deploy(way, ['chat', ...NAMES]);
    });
    after(() => toMomento.stop());
    afterEach(() => toMomento.momento.clear());

    const deliver = (command: Command) => toMomento.deliver(command);
    const callOf = ({ method, path, query, headers, body }: MomentoRequest) => [
      method,
      query === '' ? path : `${path}?${query}`,
      headers.get('content-type'),
      body.toString(),
    ];
    const noDeadLetters = async () => {
      assert.deepEqual(await toMomento.deadLetters(1, 150), []);
    };
    const json = 'application/json; charset=utf-8';
    const quoted = (message: string) => (isLambda ? message : JSON.stringify(message));

    test('to set an item becomes PUT with the key, the ttl and the message', async () => {
      const request = await deliver(set());
      const [type, body] = isLambda ? ['application/octet-stream', 'hello'] : [json, '"hello"'];
      assert.deepEqual(callOf(request), ['PUT', '/cache/chat?key=user-17&ttl_seconds=60', type, body]);
      const [item] = await toMomento.momento.items('chat');
      assert.deepEqual([item?.key.toString(), item?.value.toString(), item?.ttlSeconds], ['user-17', body, 60]);
    });

    test('with a key in base64 becomes a call with that alone', async () => {
      const key = { ...withoutKey, key_base64: 'dXNlci0xNw' };
      assert.equal((await deliver(set(key))).query, 'key_base64=dXNlci0xNw&ttl_seconds=60');
      assert.ok(await toMomento.momento.item('chat', 'user-17'));
      assert.equal((await deliver(remove(key))).query, 'key_base64=dXNlci0xNw');
      assert.equal(await toMomento.momento.item('chat', 'user-17'), undefined);
    });

    test('to delete an item becomes DELETE with the key, and nothing of the event in its body', async () => {
      await deliver(set());
      const call = callOf(await deliver(remove()));
      assert.deepEqual(call.slice(0, 2), ['DELETE', '/cache/chat?key=user-17']);
      assert.deepEqual(call.slice(2), isLambda ? [undefined, ''] : [json, '{}']);
      assert.equal(await toMomento.momento.item('chat', 'user-17'), undefined);
    });

    test('to publish a message becomes POST as text', async () => {
      assert.deepEqual(callOf(await deliver(publish())), [
        'POST',
        '/topics/chat/room-281',
        'text/plain',
        quoted('hello'),
      ]);
      const [message] = await toMomento.momento.messages('chat', 'room-281');
      assert.equal(message?.value, quoted('hello'));
    });

    test('comes with the raw API key in Authorization, and nowhere else', async () => {
      for (const command of [set(), remove(), publish()]) {
        const request = await deliver(command);
        assert.deepEqual([request.caller, request.headers.has('authorization')], ['api-key-1', true]);
        assert.ok(!request.query.includes('token'));
      }
    });

    // For API destinations the encoding is the emulator's: AWS documents none, and no recording of it is known.
    for (const name of NAMES) {
      test(`with the name ${name} has it as one path segment, and as its key`, async () => {
        const topic = await deliver(publish({ cacheName: name, topicName: name }));
        assert.equal(topic.status, 204);
        assert.deepEqual(topic.path.split('/').slice(1).map(decodeURIComponent), ['topics', name, name]);
        const { path, query, status } = await deliver(set({ cacheName: name, key: name }));
        assert.equal(status, 204);
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

    for (const [what, message] of Object.entries(MESSAGES)) {
      test(`with ${what} has it in the cache and in the topic ${isLambda ? 'byte for byte' : 'as a JSON string'}`, async () => {
        for (const command of [set({ message }), publish({ message })]) {
          const { status, body } = await deliver(command);
          assert.equal(status, 204);
          const received = body.toString();
          if (isLambda) assert.equal(received, message);
          else assert.equal(JSON.parse(received), message);
          // The emulator escapes what is not ASCII, which AWS need not do.
          if (/^[\x20-\x7e]*$/.test(message)) assert.equal(received, quoted(message));
        }
      });
    }

    test('has a message of 1 MB in the cache, which is as large as an event may be', async () => {
      const message = 'x'.repeat(1_000_000);
      assert.equal((await deliver(set({ message }))).status, 204);
      assert.ok((await toMomento.momento.item('chat', 'user-17'))?.equals(Buffer.from(quoted(message))));
    });

    // An API destination's quotes count: two bytes less of a message are left.
    const largest = isLambda ? 4096 : 4094;
    test(`has a message of ${largest.toString()} bytes in the topic; with one more it is a dead letter`, async () => {
      assert.equal((await deliver(publish({ message: 'x'.repeat(largest) }))).status, 204);
      const tooLarge = publish({ message: 'x'.repeat(largest + 1) });
      assert.equal((await deliver(tooLarge)).status, 400);
      await toMomento.deadLetter(tooLarge);
    });

    test(`with bytes ${isLambda ? 'has them in the cache and in the topic' : 'is refused'}`, async () => {
      const bytes = { ...withoutMessage, message_base64: BINARY.toString('base64url') };
      for (const command of [set(bytes), publish(bytes)]) {
        if (isLambda) {
          const { headers, body } = await deliver(command);
          assert.equal(headers.get('content-type'), 'application/octet-stream');
          assert.deepEqual(body, BINARY);
        } else {
          await toMomento.put(command);
          assert.equal((await toMomento.deadLetter(command)).attribute('ERROR_CODE'), undefined);
        }
      }
      const messages = await toMomento.momento.messages('chat', 'room-281');
      assert.deepEqual(
        messages.map(({ value }) => value),
        isLambda ? [BINARY] : [],
      );
    });

    test('that is invalid is in the dead-letter queue, the whole event, and never at Momento', async () => {
      // What patterns cannot tell from a command: EventBridge would send it.
      const refusedByCode = [
        set({ ttl: 0 }),
        set({ ttl: 1.5 }),
        set({ key: 17 }),
        remove({ key: 'a', key_base64: {} }),
      ];
      const refused = isLambda ? [...REFUSED, ...refusedByCode] : REFUSED;
      await toMomento.put(...refused);
      for (const command of refused) {
        const letter = await toMomento.deadLetter(JSON.parse(JSON.stringify(command)) as Command);
        assert.equal(letter.event.source, 'orders');
        assert.equal(letter.attribute('ERROR_CODE'), isLambda ? 'INVALID_COMMAND' : undefined);
      }
      await noDeadLetters();
      assert.deepEqual(await toMomento.momento.requests(), []);
    });

    test('is nothing that an event of another kind becomes', async () => {
      await toMomento.put({ detailType: 'chat#room-281', detail: { cacheName: 'chat', key: 'a' } });
      await noDeadLetters();
      assert.deepEqual(await toMomento.momento.requests(), []);
    });
  });
}
