/**
 * Many messages through random faults of everything that the handlers call, their sudden death among them.
 *
 * MESSAGES and SEED set how many and which; `npm run test:soak` sends 10,000.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ReplayProtection } from 'cdk-momento-eventbridge';
import { DeployedWebhook } from './deployed-webhook';
import { type History, RandomOutages } from './random-outages';
import { SeededRandom } from './seeded-random';
import { synthesizeWebhook } from './stacks';
import { textTable } from './text-table';

const MESSAGES = Number(process.env.MESSAGES ?? 500);
const SEED = Number(process.env.SEED ?? 20_250_402);
const SENDERS = 16;
const SECRET = 'p3VbHd7cKs9AWm4z';
const LIMIT_MS = 4500;

/** A message that was sent, and what its sender saw. */
interface Sent {
  readonly body: string;
  readonly status: number;
  readonly milliseconds: number;
}

describe(`of ${MESSAGES.toString()} messages among random faults (seed ${SEED.toString()})`, () => {
  const outages = new RandomOutages(new SeededRandom(SEED));
  let webhook: DeployedWebhook;
  let sent: Sent[];
  let copies: Map<string, number>;
  let logged: Set<string>;

  before(async () => {
    webhook = await DeployedWebhook.deploy(synthesizeWebhook({ replayProtection: ReplayProtection.table() }));
    await webhook.putSecret(SECRET);
    await webhook.hideTakenFor(3);
    const started = performance.now();
    webhook.aws.faults.chooseBy((call) => outages.choose(call));
    sent = await sendAll(webhook, outages);
    const answered = performance.now();
    webhook.aws.faults.heal();
    await webhook.untilRedriven(120_000);
    const redriven = performance.now();
    copies = await takeAll(webhook);
    logged = new Set(await webhook.lostDetails());
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(0)} s`;
    console.log(`${seconds(started, answered)} to send, ${seconds(answered, redriven)} until all was redriven`);
    report(sent, copies, logged);
    reportCalls(webhook);
  });
  after(() => webhook.aws.stop());

  const onTheBus = ({ body }: Sent) => copies.get(body) ?? 0;

  test('each that was answered 2xx is on the bus', () => {
    const missing = sent.filter((message) => message.status < 300 && onTheBus(message) === 0);
    assert.deepEqual(missing.map(withHistory), []);
  });

  test('none that was answered otherwise is there, unless an answer to the handler was lost or it was killed', () => {
    const there = sent.filter((message) => message.status >= 300 && onTheBus(message) > 0);
    const unexplained = there.filter(({ body, status }) => !isExplained(status, outages.of(body)));
    assert.deepEqual(unexplained.map(withHistory), []);
  });

  test('each that was answered 503 after the bus had been tried is in the log, whole', () => {
    const tried = ({ body }: Sent) => outages.of(body).some(({ operation }) => operation === 'PutEvents');
    const lost = sent.filter((message) => message.status === 503 && tried(message) && !logged.has(message.body));
    assert.deepEqual(lost.map(withHistory), []);
  });

  test('nothing else is on the bus, in the fallback queue or in the dead-letter queue', async () => {
    const bodies = new Set(sent.map(({ body }) => body));
    assert.deepEqual(
      [...copies.keys()].filter((body) => !bodies.has(body)),
      [],
    );
    assert.equal(await webhook.parkedCount(), 0);
    assert.deepEqual(await webhook.takeDead(1, 100), []);
  });

  test('each was answered in time, 200, 202, 502 or 503', () => {
    assert.deepEqual(
      sent.filter(({ status }) => ![200, 202, 502, 503].includes(status)),
      [],
    );
    assert.deepEqual(
      sent.filter(({ milliseconds }) => milliseconds >= LIMIT_MS),
      [],
    );
  });

  test('some were parked, some refused, and some handlers killed: the faults did something', () => {
    for (const status of [200, 202, 502, 503]) assert.ok(sent.some((message) => message.status === status));
  });

  const withHistory = (message: Sent) => ({ ...message, calls: outages.of(message.body) });
});

async function sendAll({ sender }: DeployedWebhook, outages: RandomOutages): Promise<Sent[]> {
  const sent: Sent[] = [];
  let left = MESSAGES;
  const send = async () => {
    while (left > 0) {
      left -= 1;
      const body = sender.body();
      outages.expect(body, SECRET);
      const { status, milliseconds } = await sender.send(body);
      sent.push({ body, status, milliseconds });
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  return sent;
}

/** What is on the bus, and how many times. */
async function takeAll(webhook: DeployedWebhook): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for (;;) {
    const events = await webhook.takeFromBus(100, 200);
    if (events.length === 0) return copies;
    for (const { detail } of events) {
      const body = JSON.stringify(detail);
      copies.set(body, (copies.get(body) ?? 0) + 1);
    }
  }
}

/**
 * Whether the handler can have told the sender that the message was not taken although it is on the bus: it was killed, or
 * it never heard that the bus or the queue took it.
 */
function isExplained(status: number, history: History): boolean {
  const isLost = ({ operation, fault }: History[number]) =>
    (operation === 'PutEvents' || operation === 'SendMessage') && (fault === 'lost-answer' || fault === 'late-answer');
  const isKill = ({ fault }: History[number]) => fault === 'kill-before' || fault === 'kill-after';
  return history.some(status === 502 ? isKill : isLost);
}

function report(sent: readonly Sent[], copies: ReadonlyMap<string, number>, logged: ReadonlySet<string>): void {
  const statuses = [...new Set(sent.map(({ status }) => status))].sort();
  const rows = statuses.map((status) => {
    const answered = sent.filter((message) => message.status === status);
    const places = answered.map(({ body }) => copies.get(body) ?? 0);
    const counts = [
      answered.length,
      places.filter((count) => count === 0).length,
      places.filter((count) => count === 1).length,
      places.filter((count) => count > 1).length,
      answered.filter(({ body }) => logged.has(body)).length,
      Math.round(Math.max(...answered.map(({ milliseconds }) => milliseconds))),
    ];
    return [status, ...counts].map(String);
  });
  const headings = ['answered', 'messages', 'not on the bus', 'once', 'more often', 'in the log', 'slowest answer, ms'];
  console.log(textTable(headings, rows));
}

function reportCalls({ aws }: DeployedWebhook): void {
  const calls = aws.faults.calls();
  const operations = [...new Set(calls.map(({ operation = '' }) => operation))].sort();
  const faults = [...new Set(calls.map(({ fault = 'well' }) => fault))].sort();
  const count = (one: string, other: string) =>
    calls.filter(({ operation = '', fault = 'well' }) => operation === one && fault === other).length;
  const rows = operations.map((operation) => [operation, ...faults.map((fault) => count(operation, fault).toString())]);
  console.log(textTable(['calls', ...faults], rows));
}
