import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fn } from 'aws-cdk-lib';
import { MomentoWebhookToEventBridge } from '../../../constructs/from-momento/momento-webhook-to-eventbridge';

const pattern = (...filter: Parameters<typeof MomentoWebhookToEventBridge.pattern>) =>
  MomentoWebhookToEventBridge.pattern(...filter);

describe('pattern', () => {
  test('without a filter means every message of Momento', () => {
    assert.deepEqual(pattern(), { source: ['Momento'] });
  });

  test('of a cache and a topic matches the detail-type and both names', () => {
    assert.deepEqual(pattern({ cacheName: 'chat', topicName: 'room-281' }), {
      source: ['Momento'],
      detailType: ['chat#room-281'],
      detail: { cache: ['chat'], topic: ['room-281'] },
    });
  });

  test('tells two topics apart that share a detail-type', () => {
    const one = pattern({ cacheName: 'a#b', topicName: 'c' });
    const other = pattern({ cacheName: 'a', topicName: 'b#c' });
    assert.deepEqual(one.detailType, other.detailType);
    assert.notDeepEqual(one.detail, other.detail);
  });

  test('of long names matches the shortened detail-type and the full names', () => {
    const topicName = 'r'.repeat(200);
    const { detailType, detail } = pattern({ cacheName: 'chat', topicName });
    assert.deepEqual(detailType, [MomentoWebhookToEventBridge.detailType('chat', topicName)]);
    assert.deepEqual(detail, { cache: ['chat'], topic: [topicName] });
  });

  test('of one name or a token id matches that alone, in the detail', () => {
    assert.deepEqual(pattern({ cacheName: 'chat' }), { source: ['Momento'], detail: { cache: ['chat'] } });
    assert.deepEqual(pattern({ topicName: 'room' }), { source: ['Momento'], detail: { topic: ['room'] } });
    assert.deepEqual(pattern({ tokenId: 'alice' }), { source: ['Momento'], detail: { token_id: ['alice'] } });
  });

  test('of a name known only at deployment matches the detail alone', () => {
    const cacheName = Fn.importValue('cache');
    assert.deepEqual(pattern({ cacheName, topicName: 'room' }), {
      source: ['Momento'],
      detail: { cache: [cacheName], topic: ['room'] },
    });
  });

  for (const member of ['cacheName', 'topicName', 'tokenId']) {
    test(`refuses an empty ${member}, which would match nothing`, () => {
      assert.throws(() => pattern({ [member]: '' }), {
        message: `${member} must not be empty. Leave it out to match any.`,
      });
    });
  }
});
