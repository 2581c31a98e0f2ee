/**
 * Topics on the bus without a webhook: schedule, handler, table, bus, rule and queues, with IAM enforced, and a local Momento
 * that speaks gRPC.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020';
import { until } from '../../tools/common/until';
import { type CarriedEvent, DeployedSubscription } from './deployed-subscription';

const CACHE = 'chat';
const TOPICS = ['room', 'lost', 'late', 'gap', 'reset', 'bus', 'key', 'over'] as const;
/** The schedule's first run is a minute after its creation, and the emulator looks every 10 s. */
const SCHEDULED_MS = 90_000;

describe('topics by subscription', () => {
  let subscription: DeployedSubscription;

  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: TOPICS.map((topicName) => ({ cacheName: CACHE, topicName })),
      environment: { LEASE_VALIDITY_MS: '2000', LEASE_RENEWAL_MS: '500', SILENCE_MS: '2000' },
    });
    await subscription.momento.setHeartbeat(500);
  });
  after(() => subscription.stop());

  test('the schedule starts the handler, and a message is on the bus', async () => {
    await subscription.untilSubscribed('room', SCHEDULED_MS);
    await subscription.publish('room', 'é "quoted"');
    const [event] = await subscription.take(1);
    const [message] = await subscription.momento.messages(CACHE, 'room');
    assert.equal(event?.source, 'Momento');
    assert.equal(event.detailType, 'chat#room');
    const { event_timestamp: eventTimestamp, publish_timestamp: publishTimestamp, ...detail } = event.detail;
    assert.deepEqual(detail, {
      cache: CACHE,
      topic: 'room',
      topic_sequence_number: message?.sequenceNumber,
      topic_sequence_page: message?.sequencePage,
      token_id: null,
      text: 'é "quoted"',
      origin: 'subscription',
    });
    assert.equal(eventTimestamp, publishTimestamp);
    assert.ok(Math.abs(Number(publishTimestamp) - (message?.publishedAt ?? 0)) < 5000);
  });

  test('a message has the fields that it has by webhook, and those that tell it apart', async () => {
    await subscription.addWebhook('room');
    const permissions = [{ role: 'publishonly', cache: CACHE, topic: 'room' }] as const;
    const token = await subscription.momento.mintToken({ permissions, expiresInSeconds: 300, tokenId: 'user-17' });
    await subscription.publish('room', 'hi', token);
    const [[bySubscription], [byWebhook]] = await Promise.all([subscription.take(1), subscription.takeByWebhook(1)]);
    assert.ok(bySubscription && byWebhook);
    assert.deepEqual([bySubscription.source, bySubscription.detailType], [byWebhook.source, byWebhook.detailType]);
    const { topic_sequence_page: page, origin, ...shared } = bySubscription.detail;
    assert.deepEqual([typeof page, origin], ['number', 'subscription']);
    const times = { event_timestamp: 0, publish_timestamp: 0 };
    assert.deepEqual({ ...shared, ...times }, { ...byWebhook.detail, ...times });
    for (const event of [bySubscription, byWebhook]) assertValid('topic-message', event);
    await subscription.momento.removeWebhooks();
  });

  test('a binary message has its bytes', async () => {
    await subscription.publish('room', Uint8Array.of(255, 0, 62));
    const [event] = await subscription.take(1);
    assert.ok(event);
    assertValid('topic-message', event);
    assert.equal(event.detail.text, undefined);
    assert.equal(event.detail.binary_base64, '_wA-');
  });

  test('how soon a message is at the target of a rule', async () => {
    subscription.invokeEvery(1000);
    const published: number[] = [];
    for (let number = 0; number < 200; number += 1) {
      published.push(Date.now());
      await subscription.publish('room', number.toString());
      await delay(10);
    }
    const events = await subscription.take(200, 30_000);
    assert.deepEqual(
      texts(events),
      Array.from({ length: 200 }, (_, number) => number.toString()),
    );
    const latencies = events.map(({ arrivedAt, detail }) => arrivedAt - (published[Number(detail.text)] ?? 0));
    latencies.sort((one, other) => one - other);
    const percentile = (part: number) => `${(latencies[Math.ceil(part * 200) - 1] ?? 0).toString()} ms`;
    // Not asserted: the machine may be busy.
    console.log(`publish to target: median ${percentile(0.5)}, p99 ${percentile(0.99)}, most ${percentile(1)}`);
  });

  test('messages that Momento lost are an event of their own, with the numbers', async () => {
    // One at a time: the local AWS denies a batch of two sources, since it evaluates the conditions of a policy for a request
    // as a whole, and AWS for each entry.
    await subscription.publish('lost', 'before');
    const events = await subscription.take(1);
    await subscription.momento.loseMessages(CACHE, 'lost', 3);
    events.push(...(await subscription.take(1)));
    await subscription.publish('lost', 'after');
    events.push(...(await subscription.take(1)));
    const page = (await subscription.momento.messages(CACHE, 'lost'))[0]?.sequencePage;
    assert.deepEqual(texts(events), ['before', 'missed 3', 'after']);
    assert.ok(events[1]);
    assertValid('topic-messages-missed', events[1]);
    assert.deepEqual(events[1], {
      source: 'Momento.Subscription',
      detailType: 'Topic Messages Missed',
      detail: {
        cache: CACHE,
        topic: 'lost',
        last_topic_sequence_number: 0,
        last_topic_sequence_page: page,
        new_topic_sequence_number: 4,
        new_topic_sequence_page: page,
        missed: 3,
      },
      arrivedAt: events[1].arrivedAt,
    });
    await until('the metric', async () =>
      (await subscription.metric('MessagesMissed', 'lost')) === 3 ? true : undefined,
    );
  });

  test('a new page is a gap of unknown size', async () => {
    await subscription.publish('gap', 'old');
    assert.deepEqual(texts(await subscription.take(1)), ['old']);
    await subscription.momento.startTopicAnew(CACHE, 'gap');
    await subscription.publish('gap', 'new');
    assert.deepEqual(texts(await subscription.take(2)), ['missed null', 'new']);
  });

  for (const kind of ['reset', 'reset-connection', 'silence', 'silence-connection'] as const) {
    test(`what is published while a stream is gone (${kind}) follows, in order and once`, async () => {
      await subscription.untilSubscribed('reset');
      assert.equal(await subscription.momento.breakStreams({ cache: CACHE, topic: 'reset', fault: { kind } }), 1);
      const numbers = Array.from({ length: 20 }, (_, number) => `${kind} ${number.toString()}`);
      for (const number of numbers) await subscription.publish('reset', number);
      assert.deepEqual(texts(await subscription.take(20, 30_000)), numbers);
      assert.deepEqual(await subscription.take(1, 200), []);
    });
  }

  test('what the bus does not take is parked, and redriven', async () => {
    await subscription.untilSubscribed('bus');
    const parked = () => subscription.aws.faults.calls('sqs', 'SendMessage').length;
    const earlier = parked();
    // Not a number of times: how often the handler tries before it parks is random.
    subscription.aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'error' });
    await subscription.publish('bus', 'parked');
    await until('a parked message', () => Promise.resolve(parked() > earlier || undefined), { timeoutMs: 30_000 });
    subscription.aws.faults.clear();
    assert.deepEqual(texts(await subscription.take(1, 30_000)), ['parked']);
    await until('the metric', async () => ((await subscription.metric('Parked')) > 0 ? true : undefined), {
      timeoutMs: 30_000,
    });
  });

  test('a rotated key is read, and no message is lost meanwhile', async () => {
    await subscription.useNewKey();
    await subscription.publish('key', 'after the rotation');
    assert.deepEqual(texts(await subscription.take(1, 30_000)), ['after the rotation']);
  });

  test('a topic that Momento refuses is a metric of that topic, and the others go on', async () => {
    const targetPrefix = '/cache_client.pubsub.Pubsub/Subscribe/chat/late';
    await subscription.momento.inject({ targetPrefix, kind: 'grpc-status', code: 'PERMISSION_DENIED' });
    await subscription.momento.breakStreams({ cache: CACHE, topic: 'late', fault: { kind: 'reset' } });
    await until('the metric', async () =>
      (await subscription.metric('SubscriptionRefused', 'late')) > 0 ? true : undefined,
    );
    assert.equal(await subscription.metric('SubscriptionRefused', 'room'), 0);
    await subscription.publish('late', 'late');
    await subscription.publish('room', 'in time');
    assert.deepEqual(texts(await subscription.take(1)), ['in time']);
    await subscription.momento.clearFaults();
    assert.deepEqual(texts(await subscription.take(1, 60_000)), ['late']);
  });
});

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });

function assertValid(schema: string, { source, detailType, detail }: CarriedEvent): void {
  const file = join(__dirname, `../../schemas/${schema}.schema.json`);
  const validate = ajv.getSchema(file) ?? ajv.addSchema(schemaIn(file), file).getSchema(file);
  assert.ok(validate);
  assert.ok(validate({ source, 'detail-type': detailType, detail }), JSON.stringify([detail, validate.errors]));
}

function schemaIn(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

/** In the order of their arrival. */
function texts(events: readonly CarriedEvent[]): string[] {
  return events.map(({ source, detail }) =>
    source === 'Momento' ? String(detail.text) : `missed ${String(detail.missed)}`,
  );
}
