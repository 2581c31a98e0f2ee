import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { Fn } from 'aws-cdk-lib';
import { detailType } from '../../../constructs/common/detail-type';

interface Vector {
  readonly cache: string;
  readonly topic: string;
  readonly detailType: string;
}

const file = path.join(__dirname, '..', '..', 'vectors', 'detail-type.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

describe('detailType', () => {
  for (const { cache, topic, detailType: expected } of vectors) {
    const length = Array.from(`${cache}#${topic}`).length;
    test(`is the shared vector's: ${cache.slice(0, 8)}#${topic.slice(0, 8)}, ${length.toString()} characters`, () => {
      assert.equal(detailType(cache, topic), expected);
    });
  }

  test('never has more than the 128 characters that EventBridge takes', () => {
    for (let length = 0; length < 300; length += 1) {
      assert.ok(Array.from(detailType('caché', '🎉'.repeat(length))).length <= 128);
    }
  });

  test('refuses a name known only at deployment, which it cannot hash, and says what to match', () => {
    assert.throws(() => detailType('chat', Fn.importValue('topic')), {
      message:
        'cacheName and topicName must be known at synth, got a token: a long detail-type is hashed. Match detail.cache and ' +
        'detail.topic instead, as pattern() does.',
    });
  });
});
