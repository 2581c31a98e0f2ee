import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
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

  test('no field that the command does not have', () => {
    const { Detail } = momentoCommand.topicPublish({ ...publish, ttl: 60, key_base64: 'YQ' } as never, options);
    assert.equal(Detail, '{"cacheName":"chat","topicName":"room-281","message":"hello"}');
  });
});

describe('momentoCommand refuses, without a word of the value,', () => {
  const string = 'is not a string of one character or more';
  const refusals: [what: string, build: () => unknown, sentence: string][] = [
    ...[undefined, null, '', 5, {}, ['a'], new Uint8Array()].flatMap((wrong): typeof refusals => [
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
    ]),
    ...[undefined, null, 0, -1, 0.5, NaN, Infinity, 2 ** 53, '60'].map((ttl): (typeof refusals)[number] => [
      `a ttl of ${String(ttl)}`,
      () => momentoCommand.cacheSet({ ...set, ttl: ttl as never }, options),
      'cacheSet: ttl is not a whole number of seconds from 1.',
    ]),
    ...[undefined, null, 5, {}, [104]].map((message): (typeof refusals)[number] => [
      `a message of ${shown(message)}`,
      () => momentoCommand.topicPublish({ ...publish, message: message as never }, options),
      'topicPublish: message is not a string or a Uint8Array.',
    ]),
  ];
  for (const [what, build, message] of refusals) {
    test(what, () => {
      assert.throws(build, { name: 'TypeError', message });
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
