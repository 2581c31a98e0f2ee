/**
 * Two holders of the same topics at once: one whose time has passed while it was frozen, or while its table answered late, and
 * the one that has taken over from it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, FaultyCalls, Fault } from '../../tools';
import { until } from '../../tools/common/until';
import { DeployedSubscription } from './deployed-subscription';
import { textsOfCall } from './texts-of-call';

const CACHE = 'chat';
const TOPIC = 'room';
const LEASE_VALIDITY_MS = 3000;
/** How long the table does not answer the older holder after that either. */
const LATE_MS = 1500;
const MESSAGES = 200;
const FIRST = 'the first';
/** What only a renewal of the lease says. */
const RENEWAL = 'SET expires = :expires"';

describe('of two holders of a topic', () => {
  let subscription: DeployedSubscription;

  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: [{ cacheName: CACHE, topicName: TOPIC }],
      // A stream may be silent for longer than a lease is valid, as in an account: who was frozen still has what it brought.
      environment: { LEASE_VALIDITY_MS: LEASE_VALIDITY_MS.toString(), LEASE_RENEWAL_MS: '500', SILENCE_MS: '30000' },
    });
    subscription.invokeEvery(300);
    await subscription.untilBegun(TOPIC);
  });
  after(() => subscription.stop());

  // Each as long as it takes until another has the topics.
  const absences: readonly (readonly [string, (until: Promise<void>) => FaultyCalls & Fault])[] = [
    [
      'frozen while it waited for the bus',
      (until) => ({ service: 'events', operation: 'PutEvents', times: 1, kind: 'freeze-after', until }),
    ],
    [
      'frozen while it waited for the table',
      (until) => ({ service: 'dynamodb', containing: RENEWAL, times: 1, kind: 'freeze-after', until }),
    ],
    [
      'not told that its lease was renewed',
      () => ({ service: 'dynamodb', containing: RENEWAL, kind: 'late-answer', milliseconds: LEASE_VALIDITY_MS }),
    ],
  ];
  for (const [what, absence] of absences) {
    test(`the one that was ${what} publishes nothing once the other has the topics, and moves no checkpoint back`, async () => {
      const { faults } = subscription.aws;
      // Nothing is published of a topic before the table has a number of it.
      await subscription.publish(TOPIC, FIRST);
      assert.equal((await subscription.take(1, 60_000)).length, 1);
      const older = faults.calls().filter(isTakeOver).at(-1);
      assert.ok(older);
      faults.clear();
      const another = until('another holder', () => Promise.resolve(faults.calls().some(isTakeOver) || undefined), {
        timeoutMs: 60_000,
      });
      // It has read and published by then.
      const fault = absence(another.then(() => delay(LATE_MS)));
      faults.inject(fault);
      const containing = `":fence":${JSON.stringify(valuesOf(older)[':fence'])}`;
      faults.inject({ service: 'dynamodb', containing, kind: 'late-answer', milliseconds: LATE_MS });
      const texts = Array.from({ length: MESSAGES }, (_, number) => `${what} ${number.toString()}`);
      for (const text of texts) {
        await subscription.publish(TOPIC, text);
        await delay((LEASE_VALIDITY_MS * 2) / MESSAGES);
      }
      await another;
      await delay(LATE_MS * 2);
      faults.heal();
      const events = await subscription.take(MESSAGES, 30_000);
      events.push(...(await subscription.take(MESSAGES, 2000)));
      const arrived = new Set(events.map(({ detail }) => String(detail.text)));
      assert.deepEqual(
        [...arrived].filter((text) => text !== FIRST),
        texts,
      );
      const calls = faults.calls();
      assert.ok(calls.some((call) => call.fault === fault.kind));
      for (const texts of textsByHolder(calls)) {
        assert.deepEqual(
          texts.filter((text, index) => texts.indexOf(text) < index),
          [],
          'once each since another holder has the topics',
        );
      }
      const numbers = accepted(calls);
      assert.ok(numbers.length > 1);
      assert.ok(
        numbers.every((number, index) => number >= (numbers[index - 1] ?? 0)),
        `the checkpoints: ${numbers.join(', ')}`,
      );
    });
  }
});

interface Update {
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly N?: string; readonly S?: string }>>;
}

function valuesOf({ input }: Call): NonNullable<Update['ExpressionAttributeValues']> {
  return (input as Update).ExpressionAttributeValues ?? {};
}

/** Whether a call has taken the lease. */
function isTakeOver(call: Call): boolean {
  const { ':holder': holder, ':expires': expires } = valuesOf(call);
  return holder !== undefined && expires !== undefined && call.status === 200;
}

/**
 * The texts that were put on the bus or into the queue from one take-over to the next, by whomever. A call without an answer is
 * made again by the same holder.
 */
function textsByHolder(calls: readonly Call[]): string[][] {
  const holders: string[][] = [[]];
  for (const call of calls) {
    if (isTakeOver(call)) holders.push([]);
    if (!call.unheard) holders.at(-1)?.push(...textsOfCall(call));
  }
  return holders;
}

/** The numbers of the checkpoints that the table has accepted. */
function accepted(calls: readonly Call[]): number[] {
  return calls.flatMap((call) => {
    const { ':number': number } = valuesOf(call);
    return number !== undefined && call.status === 200 ? [Number(number.N)] : [];
  });
}
