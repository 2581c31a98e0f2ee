import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeEvent, eventFacts } from '../../cli/event-facts';

void describe('a line about an event', () => {
  const event = { source: 'Momento.Subscription', detailType: 'Topic Messages Missed', time: 0 };
  const lineOf = (detail: object, source = event.source) =>
    describeEvent(eventFacts({ ...event, source, detail: JSON.stringify(detail) }, { showText: false }));
  const gap = { cache: 'chat', topic: 'room-281', missed: 4 };

  void it('says how many messages are missed in a gap, where that is known', () => {
    const rest = 'source Momento.Subscription, cache chat, topic room-281';
    assert.match(lineOf(gap), new RegExp(`, ${rest}, missed 4, published `));
    assert.match(lineOf({ ...gap, missed: null }), new RegExp(`, ${rest}, published `));
  });

  void it('takes no member of another event for that', () => {
    assert.doesNotMatch(lineOf(gap, 'shop'), /missed/);
  });
});
