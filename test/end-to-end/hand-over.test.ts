/**
 * Holders that hand over to each other every ten seconds, as they do every quarter of an hour in an account: by a setting, not
 * by other code.
 *
 * HAND_OVER_SECONDS sets how long (default: 35).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type CarriedEvent, DeployedSubscription } from './deployed-subscription';
import { textsOfCall } from './texts-of-call';

const SECONDS = Number(process.env.HAND_OVER_SECONDS ?? 35);
const A_SECOND = 50;
const CACHE = 'chat';
const TOPIC = 'room';
const FUNCTION_TIMEOUT_MS = 900_000;
const HAND_OVER_AFTER_MS = 10_000;

describe(`up to ${A_SECOND.toString()} messages a second for ${SECONDS.toString()} s, and a hand-over every 10 s`, () => {
  let subscription: DeployedSubscription;
  let published: string[];
  let events: CarriedEvent[];

  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: [{ cacheName: CACHE, topicName: TOPIC }],
      environment: { HAND_OVER_MS: (FUNCTION_TIMEOUT_MS - HAND_OVER_AFTER_MS).toString() },
    });
    subscription.invokeEvery(1000);
    await subscription.untilBegun(TOPIC);
    const publishing = publish(subscription);
    events = await take(subscription, publishing);
    published = await publishing;
    const times = events.map(({ arrivedAt, detail }) => arrivedAt - sentAt(String(detail.text)));
    times.sort((one, other) => one - other);
    const percentile = (part: number) => `${(times[Math.ceil(part * times.length) - 1] ?? 0).toString()} ms`;
    // Not asserted: the machine may be busy.
    console.log(
      `${published.length.toString()} messages, publish to target: median ${percentile(0.5)}, p99 ${percentile(0.99)}, ` +
        `latest ${percentile(1)}; ${copiesIn(events).length.toString()} copies; ${(await subscription.metric('HandOver')).toString()} hand-overs`,
    );
  });
  after(() => subscription.stop());

  test('nothing is missed, and all is in order', () => {
    const texts = events.map(({ source, detail }) => (source === 'Momento' ? detail.text : detail));
    assert.deepEqual([...new Set(texts)], published);
  });

  test('nothing is on the bus twice, unless the bus answered too late', () => {
    const unheard = subscription.aws.faults.calls('events', 'PutEvents').filter((call) => call.unheard);
    const carried = new Set(unheard.flatMap(textsOfCall));
    assert.deepEqual(
      copiesIn(events).filter((text) => !carried.has(text)),
      [],
    );
  });

  test('the topic was handed over', async () => {
    const most = Math.floor((SECONDS * 1000) / HAND_OVER_AFTER_MS);
    assert.ok((await subscription.metric('HandOver')) >= most / 2);
  });
});

/** The texts that have arrived before. */
function copiesIn(events: readonly CarriedEvent[]): string[] {
  const texts = events.map(({ detail }) => String(detail.text));
  return texts.filter((text, index) => texts.indexOf(text) < index);
}

/** Publishes texts that say when they were, and returns them. */
async function publish(subscription: DeployedSubscription): Promise<string[]> {
  const texts: string[] = [];
  const started = Date.now();
  // On a busy machine fewer, but not for longer.
  for (let number = 0; Date.now() < started + SECONDS * 1000; number += 1) {
    await delay(started + (number * 1000) / A_SECOND - Date.now());
    const text = `${number.toString()} at ${Date.now().toString()}`;
    await subscription.publish(TOPIC, text);
    texts.push(text);
  }
  return texts;
}

function sentAt(text: string): number {
  return Number(text.split(' ').at(-1));
}

/** Takes what arrives until nothing has for 5 s after the last was published. */
async function take(subscription: DeployedSubscription, publishing: Promise<string[]>): Promise<CarriedEvent[]> {
  const events: CarriedEvent[] = [];
  let isPublished = false as boolean;
  void publishing.then(() => (isPublished = true));
  for (let quiet = 0; quiet < 5;) {
    const taken = await subscription.take(100, 1000);
    events.push(...taken);
    quiet = isPublished && taken.length === 0 ? quiet + 1 : 0;
  }
  return events;
}
