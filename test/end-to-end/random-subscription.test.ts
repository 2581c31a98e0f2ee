/**
 * Many messages of four topics through random faults of Momento's streams and of everything that the handlers call, their
 * sudden death among them.
 *
 * MESSAGES and SEED set how many and which; `npm run test:soak` publishes 10,000.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Call } from '../../tools';
import type { MomentoMessage } from '../../tools/local-momento/local-momento';
import { type CarriedEvent, DeployedSubscription } from './deployed-subscription';
import { reportCalls } from './report-calls';
import { SeededRandom } from './seeded-random';
import { SubscriptionOutages } from './subscription-outages';
import { textTable } from './text-table';
import { textsOfCall } from './texts-of-call';

const MESSAGES = Number(process.env.MESSAGES ?? 1000);
const SEED = Number(process.env.SEED ?? 20_261_126);
const CACHE = 'chat';
const TOPICS = ['north', 'east', 'south', 'west'] as const;
/** Back-off goes up to 30 s, at Momento and at the bus. */
const RECOVERY_MS = 240_000;
/** How many calls of a handler may be waiting for their answers. */
const CALLS_AT_A_TIME = 32;
/** What begins and ends each topic. */
const BEGINNING = 'the beginning of ';
const END = 'the end of ';

/** The outcome of a topic's messages. */
interface Account {
  readonly topic: string;
  readonly published: readonly MomentoMessage[];
  /** How many times a message is on the bus. */
  readonly copies: (message: MomentoMessage) => number;
  readonly gaps: readonly Gap[];
}

/** The detail of a gap event. */
interface Gap {
  readonly last_topic_sequence_number: number | null;
  readonly last_topic_sequence_page: number | null;
  readonly new_topic_sequence_number: number;
  readonly new_topic_sequence_page: number;
  readonly missed: number | null;
}

describe(`of ${MESSAGES.toString()} messages of four topics among random faults (seed ${SEED.toString()})`, () => {
  const random = new SeededRandom(SEED);
  let subscription: DeployedSubscription;
  let accounts: Account[];
  let events: CarriedEvent[];
  let calls: Call[];
  let copied: MomentoMessage[];

  before(async () => {
    subscription = await DeployedSubscription.deploy({
      topics: TOPICS.map((topicName) => ({ cacheName: CACHE, topicName })),
      environment: {
        LEASE_VALIDITY_MS: '2000',
        LEASE_RENEWAL_MS: '500',
        SILENCE_MS: '1500',
        // Of the 900 s of the function: it hands over after ten seconds.
        HAND_OVER_MS: '890000',
      },
    });
    await subscription.momento.setHeartbeat(200);
    await subscription.hideParkedFor(3);
    subscription.invokeEvery(300);
    const outages = new SubscriptionOutages(subscription, random, TOPICS);
    outages.begin();
    for (const topic of TOPICS) await subscription.untilBegun(topic);
    for (const topic of TOPICS) await subscription.publish(topic, BEGINNING + topic);
    // Of a page that ends before a number of it is known, nobody can know that it had messages.
    const begun = await takeUntilEachHas(subscription, BEGINNING);
    outages.allowNewPages();
    const started = performance.now();
    for (let number = 0; number < MESSAGES; number += 1) {
      const topic = TOPICS[Math.floor(random.of('topic', number) * TOPICS.length)] ?? TOPICS[0];
      await subscription.publish(topic, `${topic} ${number.toString()}`);
      await delay(10);
    }
    await outages.end();
    const published = performance.now();
    for (const topic of TOPICS) await subscription.publish(topic, END + topic);
    events = [...begun, ...(await takeUntilEachHas(subscription, END))];
    const recovered = performance.now();
    calls = subscription.aws.faults.calls();
    accounts = await Promise.all(TOPICS.map((topic) => accountOf(subscription, topic, events)));
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(0)} s`;
    console.log(`${seconds(started, published)} to publish, ${seconds(published, recovered)} until all was on the bus`);
    console.log(textTable(['fault at Momento', 'times'], outages.report()));
    reportCalls(calls);
    report(accounts);
    copied = accounts.flatMap(({ published, copies }) => published.filter((message) => copies(message) > 1));
    reportCopies(copied, calls);
  });
  after(() => subscription.stop());

  test('each is on the bus, or counted in a gap event', () => {
    const unaccounted = accounts.flatMap((account) =>
      account.published.filter((message) => isUnaccounted(account, message)),
    );
    assert.deepEqual(unaccounted, []);
  });

  test('a gap event says what is missed, as far as that can be known', () => {
    for (const gap of accounts.flatMap(({ gaps }) => gaps)) {
      const within = gap.last_topic_sequence_page === gap.new_topic_sequence_page;
      const known = within ? gap.new_topic_sequence_number - (gap.last_topic_sequence_number ?? -1) - 1 : null;
      assert.equal(gap.missed, known, JSON.stringify(gap));
    }
  });

  test('there are copies only of what was under way when a call failed or a handler was killed', () => {
    const unexplained = copied.filter((message) => reasonOfCopy(message, calls) === undefined);
    assert.deepEqual(unexplained, []);
  });

  test('those that were never parked are in order', () => {
    const parked = new Set(calls.filter(({ operation }) => operation === 'SendMessage').flatMap(textsOfCall));
    for (const { topic, published } of accounts) {
      const order = new Map(published.map(({ value }, index) => [value, index]));
      const arrived = events.filter(({ source, detail }) => source === 'Momento' && detail.topic === topic);
      const first = [...new Set(arrived.map(({ detail }) => String(detail.text)))].filter((text) => !parked.has(text));
      const places = first.map((text) => order.get(text) ?? -1);
      assert.deepEqual(
        places.filter((place, index) => place < (places[index - 1] ?? -1)),
        [],
        topic,
      );
    }
  });

  test('nothing else is on the bus, in the fallback queue or in the dead-letter queue', async () => {
    const known = new Set(accounts.flatMap(({ published }) => published.map(({ value }) => value)));
    assert.deepEqual(
      events.filter(({ source, detail }) => source === 'Momento' && !known.has(String(detail.text))),
      [],
    );
    assert.equal(await subscription.parkedCount(), 0);
    assert.equal(await subscription.deadCount(), 0);
  });

  test('some were missed, some calls failed and some handlers were killed: the faults did something', () => {
    assert.ok(accounts.some(({ gaps }) => gaps.length > 0));
    assert.ok(calls.some(({ fault }) => fault === 'kill-before' || fault === 'kill-after'));
    // Whether a call that fails here makes a copy is chance: only an answer that is lost does.
    assert.ok(calls.some(({ operation, fault }) => operation === 'PutEvents' && fault !== undefined));
  });
});

/** Takes what is on the bus, until each topic has a text that begins so, and nothing is parked. */
async function takeUntilEachHas(subscription: DeployedSubscription, prefix: string): Promise<CarriedEvent[]> {
  const events: CarriedEvent[] = [];
  const deadline = Date.now() + RECOVERY_MS;
  while (Date.now() < deadline) {
    const parked = await subscription.parkedCount();
    const taken = await subscription.take(1000, 500);
    events.push(...taken);
    const there = new Set(
      events.filter(({ detail }) => String(detail.text).startsWith(prefix)).map(({ detail }) => detail.topic),
    );
    if (taken.length === 0 && parked === 0 && there.size === TOPICS.length) break;
  }
  return events;
}

async function accountOf(
  { momento }: DeployedSubscription,
  topic: string,
  events: readonly CarriedEvent[],
): Promise<Account> {
  const published = await momento.messages(CACHE, topic);
  const ofTopic = events.filter(({ detail }) => detail.topic === topic);
  const counts = new Map<string, number>();
  for (const { source, detail } of ofTopic) {
    if (source === 'Momento') counts.set(String(detail.text), (counts.get(String(detail.text)) ?? 0) + 1);
  }
  const gaps = ofTopic
    .filter(({ source }) => source === 'Momento.Subscription')
    .map(({ detail }) => detail as unknown as Gap);
  return { topic, published, copies: ({ value }) => counts.get(String(value)) ?? 0, gaps };
}

/** Whether a gap event is about this message. */
function isMissed({ sequencePage: page, sequenceNumber: number }: MomentoMessage, gaps: readonly Gap[]): boolean {
  return gaps.some((gap) => {
    const { last_topic_sequence_page: lastPage, last_topic_sequence_number: last } = gap;
    const isAfter = page > (lastPage ?? -1) || (page === lastPage && number > (last ?? -1));
    const { new_topic_sequence_page: newPage, new_topic_sequence_number: next } = gap;
    return isAfter && (page < newPage || (page === newPage && number < next));
  });
}

function isUnaccounted({ copies, gaps }: Account, message: MomentoMessage): boolean {
  return copies(message) === 0 && !isMissed(message, gaps);
}

/** Why a message is on the bus more often than once. */
type Reason = (typeof REASONS)[number];
const REASONS = [
  'an earlier call had taken it, and the answer was lost or late',
  'an earlier call had taken it, and its handler was killed',
  'a handler was killed before the checkpoint was written',
  'the table failed before the checkpoint was written',
] as const;

/** The reason for the copies of a message, if there is one. */
function reasonOfCopy({ value }: MomentoMessage, calls: readonly Call[]): Reason | undefined {
  const carrying = calls.flatMap((call, index) => (textsOfCall(call).includes(String(value)) ? [index] : []));
  const last = carrying.at(-1) ?? 0;
  const unheard = carrying.map((index) => (index < last ? calls[index] : undefined)).find((call) => call?.unheard);
  if (unheard) return unheard.fault?.startsWith('kill') ? REASONS[1] : REASONS[0];
  // A call to the table that fails late was begun before the message was put on the bus.
  const since = calls.slice(Math.max(0, (carrying[0] ?? 0) - CALLS_AT_A_TIME), last);
  if (since.some(({ fault = '' }) => fault.startsWith('kill'))) return REASONS[2];
  if (since.some(({ service, fault }) => service === 'dynamodb' && fault !== undefined)) return REASONS[3];
  return undefined;
}

function reportCopies(copied: readonly MomentoMessage[], calls: readonly Call[]): void {
  const reasons = copied.map((message) => reasonOfCopy(message, calls));
  const rows = REASONS.map((reason) => [reason, reasons.filter((one) => one === reason).length.toString()]);
  const kills = calls.filter(({ fault = '' }) => fault.startsWith('kill')).length;
  console.log(textTable(['messages on the bus more often than once, since', `${kills.toString()} kills`], rows));
}

function report(accounts: readonly Account[]): void {
  const row = (account: Account) => {
    const { published, copies, gaps } = account;
    const missed = published.filter((message) => copies(message) === 0 && isMissed(message, gaps));
    return [
      published.length,
      published.filter((message) => copies(message) === 1).length,
      published.filter((message) => copies(message) > 1).length,
      missed.length,
      published.filter((message) => isUnaccounted(account, message)).length,
      gaps.length,
      gaps.reduce((sum, gap) => sum + (gap.missed ?? 0), 0),
      gaps.filter((gap) => gap.missed === null).length,
    ];
  };
  const rows = accounts.map(row);
  const sums = rows.reduce((sum, one) => sum.map((number, column) => number + (one[column] ?? 0)));
  const headings = [
    'topic',
    'published',
    'on the bus once',
    'more often',
    'missed, with a gap event',
    'unaccounted for',
    'gap events',
    'numbers in them',
    'of unknown size',
  ];
  const lines = accounts.map(({ topic }, index) => [topic, ...(rows[index] ?? []).map(String)]);
  console.log(textTable(headings, [...lines, ['all', ...sums.map(String)]]));
}
