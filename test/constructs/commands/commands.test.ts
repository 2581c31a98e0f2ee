import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { momentoCommand } from 'cdk-momento-eventbridge/commands';

const options = { source: 'orders' };
const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
const set = { cacheName: 'chat', key: 'user-17', message: 'hello', ttl: 60 };
const publish = { cacheName: 'chat', topicName: 'room-281', message: 'hello' };

describe('momentoCommand builds', () => {
  test('cacheSet', () => {
    assert.deepEqual(momentoCommand.cacheSet(set, options), {
      Source: 'orders',
      DetailType: 'cacheSet',
      Detail: '{"cacheName":"chat","key":"user-17","message":"hello","ttl":60}',
    });
  });

  test('cacheDelete', () => {
    assert.deepEqual(momentoCommand.cacheDelete({ cacheName: 'chat', key: 'user-17' }, options), {
      Source: 'orders',
      DetailType: 'cacheDelete',
      Detail: '{"cacheName":"chat","key":"user-17"}',
    });
  });

  test('topicPublish, for a bus of its own', () => {
    assert.deepEqual(momentoCommand.topicPublish(publish, { ...options, eventBusName: 'commands' }), {
      Source: 'orders',
      DetailType: 'topicPublish',
      Detail: '{"cacheName":"chat","topicName":"room-281","message":"hello"}',
      EventBusName: 'commands',
    });
  });

  test('a key of bytes as base64 for URLs, of exactly these bytes', () => {
    const key = Buffer.from([0xff, 0, 0xfb, 0xef]).subarray(0, 3);
    const { Detail } = momentoCommand.cacheDelete({ cacheName: 'chat', key }, options);
    assert.equal(Detail, '{"cacheName":"chat","key_base64":"_wD7"}');
  });

  test('a message of bytes, even of none, as base64 for URLs', () => {
    const message = Buffer.from([0xff, 0, 0xfb, 0xef]);
    assert.equal(
      momentoCommand.topicPublish({ ...publish, message }, options).Detail,
      '{"cacheName":"chat","topicName":"room-281","message_base64":"_wD77w"}',
    );
    assert.equal(
      momentoCommand.cacheSet({ ...set, message: new Uint8Array() }, options).Detail,
      '{"cacheName":"chat","key":"user-17","message_base64":"","ttl":60}',
    );
  });

  test('a key and a message that are given in base64, of either alphabet, as base64 for URLs', () => {
    for (const base64 of ['-_-_', '+/+/']) {
      const command = { cacheName: 'chat', key_base64: base64, message_base64: `${base64}_w==`, ttl: 60 };
      assert.equal(
        momentoCommand.cacheSet(command, options).Detail,
        '{"cacheName":"chat","key_base64":"-_-_","message_base64":"-_-__w","ttl":60}',
      );
      assert.equal(momentoCommand.cacheDelete(command, options).Detail, '{"cacheName":"chat","key_base64":"-_-_"}');
    }
    const { Detail } = momentoCommand.topicPublish({ cacheName: 'c', topicName: 't', message_base64: '' }, options);
    assert.equal(Detail, '{"cacheName":"c","topicName":"t","message_base64":""}');
  });

  test('bytes of another realm, such as of a sandbox that tests run in', () => {
    const bytes = runInNewContext('new Uint8Array([9, 255, 0, 251, 9]).subarray(1, 4)') as Uint8Array;
    assert.ok(!(bytes instanceof Uint8Array));
    assert.equal(
      momentoCommand.cacheSet({ ...set, key: bytes, message: bytes }, options).Detail,
      '{"cacheName":"chat","key_base64":"_wD7","message_base64":"_wD7","ttl":60}',
    );
  });

  test('a whole emoji, and other text beyond the basic plane', () => {
    const { Detail } = momentoCommand.cacheSet({ ...set, key: '😀', message: '👩‍👩‍👧‍👦 𝒳' }, options);
    assert.equal(Detail, '{"cacheName":"chat","key":"😀","message":"👩‍👩‍👧‍👦 𝒳","ttl":60}');
  });

  test('messages and events up to the limits', () => {
    for (const message of ['a'.repeat(4096), 'é'.repeat(2048), new Uint8Array(4096)]) {
      momentoCommand.topicPublish({ ...publish, message }, options);
    }
    const overhead =
      Buffer.byteLength(momentoCommand.cacheSet({ ...set, message: '' }, options).Detail) + 'orders'.length;
    const message = 'a'.repeat(1024 * 1024 - 1 - overhead - 'cacheSet'.length);
    momentoCommand.cacheSet({ ...set, message }, options);
    assert.throws(() => momentoCommand.cacheSet({ ...set, message: `${message}a` }, options), {
      name: 'RangeError',
      message: 'cacheSet: the event must have less than 1048576 bytes.',
    });
  });

  test('a command of a class with getters', () => {
    class Session {
      public readonly cacheName = 'chat';
      public constructor(private readonly user: string) {}
      public get key(): string {
        return `user-${this.user}`;
      }
    }
    const { Detail } = momentoCommand.cacheDelete(new Session('17'), options);
    assert.equal(Detail, '{"cacheName":"chat","key":"user-17"}');
  });

  test('no field that the command does not have', () => {
    const { Detail } = momentoCommand.topicPublish({ ...publish, ttl: 60, key: 'a' } as never, options);
    assert.equal(Detail, '{"cacheName":"chat","topicName":"room-281","message":"hello"}');
  });
});

describe('momentoCommand rejects, without showing the value,', () => {
  const string = 'must be a string of one character or more';
  const half = 'cut within an emoji 😀'.slice(0, -1);
  const cut = 'must be well-formed text, but has half of a surrogate pair: it may have been cut within an emoji';
  const refusals: [what: string, build: () => unknown, sentence: string][] = [
    ...[undefined, null, '', 5, {}, ['a']].flatMap((wrong): typeof refusals => [
      [
        `a key of ${shown(wrong)}`,
        () => momentoCommand.cacheDelete({ cacheName: 'chat', key: wrong as never }, options),
        `cacheDelete: key ${string}.`,
      ],
      [
        `a cache name of ${shown(wrong)}`,
        () => momentoCommand.cacheSet({ ...set, cacheName: wrong as never }, options),
        `cacheSet: cacheName ${string}.`,
      ],
      [
        `a topic name of ${shown(wrong)}`,
        () => momentoCommand.topicPublish({ ...publish, topicName: wrong as never }, options),
        `topicPublish: topicName ${string}.`,
      ],
      [
        `a source of ${shown(wrong)}`,
        () => momentoCommand.topicPublish(publish, { source: wrong as never }),
        `topicPublish: source ${string}.`,
      ],
      [
        `a bus of ${shown(wrong ?? null)}`,
        () => momentoCommand.topicPublish(publish, { ...options, eventBusName: (wrong ?? null) as never }),
        `topicPublish: eventBusName ${string}.`,
      ],
    ]),
    ...[undefined, null].flatMap((nothing): typeof refusals => [
      [
        `options of ${String(nothing)}`,
        () => momentoCommand.topicPublish(publish, nothing as never),
        `topicPublish: source ${string}.`,
      ],
      [
        `a command of ${String(nothing)}`,
        () => momentoCommand.topicPublish(nothing as never, options),
        `topicPublish: cacheName ${string}.`,
      ],
    ]),
    [
      'a source that EventBridge reserves',
      () => momentoCommand.topicPublish(publish, { source: 'aws.orders' }),
      'topicPublish: source must not begin with aws., which EventBridge reserves.',
    ],
    [
      'many megabytes that are not base64',
      () =>
        momentoCommand.topicPublish({ cacheName: 'c', topicName: 't', message_base64: `${'a'.repeat(4e7)}!` }, options),
      'topicPublish: message_base64 must be base64.',
    ],
    [
      'a key of no bytes',
      () => momentoCommand.cacheDelete({ cacheName: 'chat', key: new Uint8Array() }, options),
      'cacheDelete: key must not be empty.',
    ],
    [
      'a key of no bytes in base64',
      () => momentoCommand.cacheDelete({ cacheName: 'chat', key_base64: '' }, options),
      'cacheDelete: key must not be empty.',
    ],
    ...['a', 'aa=', 'aaaaa', 'a b', 'aa===', '=', 'é', null, 5, new Uint8Array(2)].flatMap((wrong): typeof refusals => [
      [
        `a key_base64 of ${shown(wrong)}`,
        () => momentoCommand.cacheDelete({ cacheName: 'chat', key_base64: wrong as never }, options),
        'cacheDelete: key_base64 must be base64.',
      ],
      [
        `a message_base64 of ${shown(wrong)}`,
        () => momentoCommand.topicPublish({ cacheName: 'c', topicName: 't', message_base64: wrong as never }, options),
        'topicPublish: message_base64 must be base64.',
      ],
    ]),
    [
      'two keys',
      () => momentoCommand.cacheDelete({ cacheName: 'chat', key: 'a', key_base64: 'YQ' } as never, options),
      'cacheDelete: key_base64 must not be given together with key.',
    ],
    [
      'two messages',
      () => momentoCommand.cacheSet({ ...set, message_base64: 'YQ' } as never, options),
      'cacheSet: message_base64 must not be given together with message.',
    ],
    ['half an emoji in a key', () => momentoCommand.cacheSet({ ...set, key: half }, options), `cacheSet: key ${cut}.`],
    [
      'half an emoji in a message',
      () => momentoCommand.cacheSet({ ...set, message: half }, options),
      `cacheSet: message ${cut}.`,
    ],
    [
      'the other half of an emoji in a message',
      () => momentoCommand.topicPublish({ ...publish, message: '😀'.slice(1) }, options),
      `topicPublish: message ${cut}.`,
    ],
    [
      'half an emoji in a cache name',
      () => momentoCommand.cacheSet({ ...set, cacheName: half }, options),
      `cacheSet: cacheName ${cut}.`,
    ],
    [
      'half an emoji in a topic name',
      () => momentoCommand.topicPublish({ ...publish, topicName: half }, options),
      `topicPublish: topicName ${cut}.`,
    ],
    [
      'half an emoji in a source',
      () => momentoCommand.topicPublish(publish, { source: half }),
      `topicPublish: source ${cut}.`,
    ],
    ...[undefined, null, 0, -1, 0.5, NaN, Infinity, 2 ** 53, '60'].map((ttl): (typeof refusals)[number] => [
      `a ttl of ${String(ttl)}`,
      () => momentoCommand.cacheSet({ ...set, ttl: ttl as never }, options),
      'cacheSet: ttl must be a whole number of seconds from 1.',
    ]),
    ...[undefined, null, 5, {}, [104]].map((message): (typeof refusals)[number] => [
      `a message of ${shown(message)}`,
      () => momentoCommand.topicPublish({ ...publish, message: message as never }, options),
      'topicPublish: message must be a string or a Uint8Array.',
    ]),
  ];
  for (const [what, build, message] of refusals) {
    test(what, () => {
      assert.throws(build, { name: 'TypeError', message });
    });
  }
});

test('momentoCommand says how large an event of many megabytes in base64 may be', () => {
  const { key, cacheName, ttl } = set;
  assert.throws(
    () => momentoCommand.cacheSet({ key, cacheName, ttl, message_base64: 'a'.repeat(4e7) }, options),
    /^RangeError: cacheSet: the event must have less than 1048576 bytes\.$/,
  );
});

describe('momentoCommand rejects, because Momento would,', () => {
  const base64 = Buffer.alloc(4097).toString('base64url');
  for (const message of ['a'.repeat(4097), 'é'.repeat(2049), new Uint8Array(4097), { message_base64: base64 }]) {
    test(`a topic message of ${typeof message === 'string' ? message.charAt(0) : typeof message} beyond 4 KB`, () => {
      const given = typeof message === 'object' && 'message_base64' in message ? message : { message };
      assert.throws(() => momentoCommand.topicPublish({ cacheName: 'c', topicName: 't', ...given }, options), {
        name: 'RangeError',
        message: 'topicPublish: message must have at most 4096 bytes.',
      });
    });
  }
});

test('the commands need neither the CDK nor anything else beside their own files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'commands-'));
  try {
    cpSync(join(__dirname, '../../../lib'), join(directory, 'lib'), { recursive: true });
    const script = `
      const { momentoCommand } = require('./lib/commands');
      console.log(momentoCommand.cacheDelete({ cacheName: 'chat', key: 'a' }, { source: 'orders' }).Detail);`;
    const printed = execFileSync(process.execPath, ['--eval', script], { cwd: directory, encoding: 'utf8' });
    assert.equal(printed.trim(), '{"cacheName":"chat","key":"a"}');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
