/** Events that rules of `onEvent()` make commands of, by each delivery, as they arrive. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import { type EventBridgeToMomento, MomentoCommandTemplate, TemplateTtl } from 'cdk-momento-eventbridge';
import { type Command, type DeadLetter, ToMomento, WAYS } from './to-momento';

const on = (...detailType: string[]) => ({ source: ['orders'], detailType });
const SECRET = 'what the event holds';

/** What both deliveries can do. */
function simple(toMomento: EventBridgeToMomento): void {
  toMomento.onEvent('Placed', {
    eventPattern: on('OrderPlaced'),
    command: MomentoCommandTemplate.cacheSet({
      cacheName: 'orders',
      key: '{detail.order.id}',
      ttl: TemplateTtl.secondsIn('detail.ttl'),
    }),
  });
  toMomento.onEvent('Cancelled', {
    eventPattern: on('OrderCancelled'),
    command: MomentoCommandTemplate.cacheDelete({ cacheName: 'orders', key: '{detail.order.id}' }),
  });
  toMomento.onEvent('Shipped', {
    eventPattern: { source: ['orders'], detail: { state: ['shipped'] } },
    command: MomentoCommandTemplate.topicPublish({
      cacheName: '{detail.cache}',
      topicName: 'news',
      message: '{detail.note}',
    }),
  });
}

/** What only the function can do. */
function exact(toMomento: EventBridgeToMomento): void {
  simple(toMomento);
  toMomento.onEvent('Rated', {
    eventPattern: on('OrderRated'),
    command: MomentoCommandTemplate.topicPublish({
      cacheName: 'orders',
      topicName: 'ratings-{detail.shop}#{detail.items[0].sku}',
      message: '{{"text":"<{detail.text}>","stars":{detail.stars},"kind":"{detail-type}"}}',
    }),
  });
  toMomento.onEvent('Noted', {
    eventPattern: on('OrderNoted'),
    command: MomentoCommandTemplate.cacheSet({
      cacheName: 'orders',
      key: 'note-{detail.id}',
      message: '{{{detail.text}}}: {source}',
      ttl: TemplateTtl.duration(Duration.minutes(1)),
    }),
  });
}

const order = (id: unknown, more: Record<string, unknown> = {}) => ({ order: { id }, ttl: 60, text: SECRET, ...more });
const placed = (id: unknown, more?: Record<string, unknown>): Command => ({
  detailType: 'OrderPlaced',
  detail: order(id, more),
});

for (const way of WAYS) {
  describe(`deployed, by ${way}, an event of one's own`, () => {
    const isLambda = way === 'Lambda';
    let toMomento: ToMomento;
    before(async () => {
      toMomento = await ToMomento.deploy(way, ['orders', 'eu'], { extend: isLambda ? exact : simple });
    });
    after(() => toMomento.stop());
    afterEach(() => toMomento.momento.clear());

    const quoted = (text: string) => (isLambda ? text : JSON.stringify(text));
    const letters = (count: number) => toMomento.deadLetters(count);
    /** The event of a dead letter, which by Lambda is beside the template. */
    const eventOf = ({ event }: DeadLetter) => (isLambda ? (event.event as Record<string, unknown>) : event);

    test('becomes a cache item with its detail, and its own time to live', async () => {
      const { detailType, detail } = placed('A/1 "é"', { n: 12_345.5, list: [1, { a: null }] });
      assert.equal((await toMomento.deliver({ detailType, detail })).status, 204);
      const [item] = await toMomento.momento.items('orders');
      assert.deepEqual([item?.key.toString(), item?.ttlSeconds], ['A/1 "é"', 60]);
      assert.deepEqual(JSON.parse(item?.value.toString() ?? ''), detail);
    });

    test('deletes a cache item', async () => {
      await toMomento.deliver(placed('A-2'));
      const { detail } = placed('A-2');
      assert.equal((await toMomento.deliver({ detailType: 'OrderCancelled', detail })).method, 'DELETE');
      assert.equal(await toMomento.momento.item('orders', 'A-2'), undefined);
    });

    test('becomes a topic message of the cache that it names', async () => {
      const note = 'on "its" way \\ \n';
      const detail = { state: 'shipped', cache: 'eu', note };
      assert.equal((await toMomento.deliver({ detailType: 'anything', detail })).status, 204);
      const [message] = await toMomento.momento.messages('eu', 'news');
      assert.equal(message?.value, quoted(note));
    });

    test('that is a command is delivered once, whatever its source and detail', async () => {
      const detail = {
        cacheName: 'orders',
        topicName: 'x',
        message: 'm',
        state: 'shipped',
        cache: 'eu',
        note: 'again',
      };
      await toMomento.deliver({ detailType: 'topicPublish', detail });
      assert.deepEqual(await toMomento.momento.messages('eu', 'news'), []);
    });

    test('that lacks what the command needs is a dead letter, and says nothing of what it holds', async () => {
      const invalid: [Command, string][] = [
        [placed(undefined), 'no `key` can be made of the event: `{detail.order.id}` is not in the event'],
        [placed(''), 'the `key` made of the event is empty'],
        [
          placed('A-3', { ttl: SECRET }),
          'no `ttl` can be made of the event: `{detail.ttl}` is not a whole number of seconds from 1',
        ],
      ];
      for (const [event, reason] of invalid) {
        await toMomento.put(event);
        const [letter] = await letters(1);
        assert.ok(letter);
        assert.deepEqual(eventOf(letter).detail, JSON.parse(JSON.stringify(event.detail)));
        assert.equal(eventOf(letter)['detail-type'], 'OrderPlaced');
        assert.equal(letter.attribute('ERROR_CODE'), isLambda ? 'INVALID_COMMAND' : undefined);
        assert.equal(letter.attribute('ERROR_MESSAGE'), isLambda ? reason : undefined);
      }
      assert.deepEqual(await toMomento.momento.requests(), []);
    });

    test('that Momento rejects is a dead letter with the status, whole', async () => {
      const detail = { state: 'shipped', cache: 'missing', note: 'x' };
      assert.equal((await toMomento.deliver({ detailType: 'anything', detail })).status, 404);
      const [letter] = await letters(1);
      assert.ok(letter);
      assert.deepEqual(eventOf(letter).detail, detail);
      assert.equal(letter.attribute('ERROR_CODE'), 'ERROR_FROM_TARGET');
      if (!isLambda) return;
      assert.equal(letter.attribute('MOMENTO_STATUS'), '404');
      // Moved to the command queue as it is, it is tried again.
      await toMomento.sendToCommandQueue(letter.body);
      const [again] = await letters(1);
      assert.equal(again?.body, letter.body);
    });

    if (isLambda) {
      test('is written into texts and JSON, byte for byte', async () => {
        const text = 'she said "{no}" \\ 🎉';
        const detail = { shop: 'a#b', items: [{ sku: 'x' }], text, stars: 5 };
        await toMomento.deliver({ detailType: 'OrderRated', detail });
        const [message] = await toMomento.momento.messages('orders', 'ratings-a%23b#x');
        assert.equal(message?.value, `{"text":${JSON.stringify(`<${text}>`)},"stars":5,"kind":"OrderRated"}`);
        await toMomento.deliver({ detailType: 'OrderNoted', detail: { id: 7, text } });
        const item = await toMomento.momento.item('orders', 'note-7');
        assert.equal(item?.toString(), `{${text}}: orders`);
      });
    }
  });
}
