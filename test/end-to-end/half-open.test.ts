/**
 * A function that was frozen for so long that the network forgot its connections: to Momento, and to the services of AWS. It can
 * send over them, and nobody answers.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../tools/common/until';
import { DeployedSubscription } from './deployed-subscription';
import { type Command, ToMomento } from './to-momento';

/** A network address translator forgets a connection after 350 s on AWS; handlers keep one without a call for 30 s. */
const LONG_MS = 35_000;
/** Shorter than a lease: its holder goes on. */
const SHORT_MS = 5_000;

const CACHE = 'chat';

describe('the deliver function, frozen between two batches', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('Lambda', [CACHE], { overLink: true });
  });
  after(() => toMomento.stop());

  const commands = (batch: string): Command[] =>
    Array.from({ length: 10 }, (_, number) => ({
      detailType: 'cacheSet',
      detail: { cacheName: CACHE, key: `${batch}-${number.toString()}`, message: batch, ttl: 60 },
    }));
  const postponed = () => toMomento.aws.faults.calls('sqs', 'ChangeMessageVisibility').length;

  /** Puts commands, and waits until each is at Momento. */
  async function deliver(batch: string): Promise<number> {
    const before = performance.now();
    await toMomento.put(...commands(batch));
    await toMomento.answered(({ query, status }) => query.startsWith(`key=${batch}-`) && status === 204, 10);
    return performance.now() - before;
  }

  /** Freezes it, and has the network forget its connections meanwhile. */
  async function freeze(milliseconds: number): Promise<void> {
    const isIdle = async () => (await toMomento.aws.bodiesIn(toMomento.commandQueueUrl)).length === 0 || undefined;
    await until('the function to be idle', isIdle, { everyMs: 200 });
    const frozen = toMomento.aws.faults.freezeCallers(milliseconds);
    assert.ok((toMomento.link?.forgetConnections() ?? 0) > 0);
    assert.ok((await frozen) > 0);
  }

  test('for longer than it keeps connections, delivers the next commands at once: no try is lost on a dead connection', async () => {
    await deliver('first');
    const earlier = postponed();
    await freeze(LONG_MS);
    console.log(`after ${LONG_MS.toString()} ms: ${(await deliver('second')).toFixed()} ms`);
    assert.equal(postponed(), earlier);
  });
});

describe('the subscribe function, frozen while it holds a subscription', () => {
  const TOPIC = 'room';
  let subscription: DeployedSubscription;
  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: [{ cacheName: CACHE, topicName: TOPIC }],
      overLink: true,
    });
    subscription.invokeEvery(1000);
  });
  after(() => subscription.stop());

  test('has another invocation take over, that reads what was published meanwhile; it then ends without putting it back', async () => {
    await subscription.untilSubscribed(TOPIC);
    await subscription.publish(TOPIC, 'before');
    const [before] = await subscription.take(1);
    assert.ok(before);
    // One that is frozen sooner leaves it to the next to put on the bus again.
    await subscription.untilSettled(before);
    const carried = texts([before]);
    const frozen = subscription.aws.faults.freezeCallers(LONG_MS);
    assert.ok((subscription.link?.forgetConnections() ?? 0) > 0);
    for (let number = 0; number < 10; number += 1) await subscription.publish(TOPIC, `meanwhile ${number.toString()}`);
    const started = performance.now();
    carried.push(...texts(await subscription.take(10, 90_000)));
    console.log(`taken over after ${(performance.now() - started).toFixed()} ms`);
    assert.ok((await frozen) > 0);
    await subscription.publish(TOPIC, 'after');
    carried.push(...texts(await subscription.take(1, 60_000)));
    const expected = [
      'before',
      ...Array.from({ length: 10 }, (_, number) => `meanwhile ${number.toString()}`),
      'after',
    ];
    assert.deepEqual(carried, expected);
    assert.deepEqual(texts(await subscription.take(1, 2000)), []);
  });
});

describe('the subscribe function, frozen with nobody to take over', () => {
  const TOPIC = 'alone';
  let subscription: DeployedSubscription;
  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: [{ cacheName: CACHE, topicName: TOPIC }],
      overLink: true,
    });
    await subscription.invokeOnce();
  });
  after(() => subscription.stop());

  test('goes on by itself with connections of its own, and loses nothing', async () => {
    await subscription.untilSubscribed(TOPIC);
    await subscription.publish(TOPIC, 'before');
    const [before] = await subscription.take(1);
    assert.ok(before);
    assert.deepEqual(texts([before]), ['before']);
    // One that is frozen sooner puts it on the bus again.
    await subscription.untilSettled(before);
    const frozen = subscription.aws.faults.freezeCallers(SHORT_MS);
    assert.ok((subscription.link?.forgetConnections() ?? 0) > 0);
    await subscription.publish(TOPIC, 'meanwhile');
    assert.ok((await frozen) > 0);
    await subscription.publish(TOPIC, 'after');
    const started = performance.now();
    const carried = texts(await subscription.take(2, 60_000));
    console.log(`went on after ${(performance.now() - started).toFixed()} ms`);
    assert.deepEqual(carried, ['meanwhile', 'after']);
  });
});

function texts(events: Awaited<ReturnType<DeployedSubscription['take']>>): string[] {
  return events.map(({ detail }) => String(detail.text));
}
