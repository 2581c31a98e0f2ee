/**
 * Many messages through random faults of everything that the handlers call, their sudden death among them, while the secret is
 * rotated, the handlers are frozen, poison lies in the queues, an operator redrives, and the stack is updated and deleted.
 *
 * MESSAGES and SEED set how many and which; `npm run test:soak` sends 10,000. On a busy machine, fewer SENDERS at the same time than
 * 16 keep the answers from coming too late.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ReplayProtection } from 'cdk-momento-eventbridge';
import { DeployedWebhook } from './deployed-webhook';
import { poison } from './poison';
import { detailOf, type History, RandomOutages } from './random-outages';
import { redriveAgainAndAgain } from './redrive-again';
import { reportCalls } from './report-calls';
import { SeededRandom } from './seeded-random';
import { synthesizeWebhook, WEBHOOK_STACK } from './stacks';
import { textTable } from './text-table';

const MESSAGES = Number(process.env.MESSAGES ?? 500);
const SEED = Number(process.env.SEED ?? 20_250_402);
const SENDERS = Number(process.env.SENDERS ?? 16);
const LIMIT_MS = 4500;
/** The handler does not try again that late. */
const OUT_OF_TIME_MS = 3000;
/** Longer than anything lasts that a handler holds: a claim, a connection, a lease. */
const FREEZE_MS = 35_000;

/** A message that was sent, and what its sender saw. */
interface Sent {
  readonly body: string;
  readonly status: number;
  readonly milliseconds: number;
}

describe(`of ${MESSAGES.toString()} messages among random faults (seed ${SEED.toString()})`, () => {
  const outages = new RandomOutages(new SeededRandom(SEED));
  const sent: Sent[] = [];
  const poisons: string[] = [];
  let webhook: DeployedWebhook;
  /** The queue that an update of the stack took out of its template. */
  let retainedUrl: string;
  /** Where each body is in the end, and how many times. */
  let census: Census;
  let logged: Set<string>;

  before(async () => {
    webhook = await DeployedWebhook.deploy(synthesizeWebhook(() => ({ replayProtection: ReplayProtection.table() })));
    await webhook.hideTakenFor(3);
    await webhook.putSecret('the first secret');
    retainedUrl = webhook.fallbackQueueUrl;

    const started = performance.now();
    webhook.aws.faults.chooseBy((call) => outages.choose(call));
    const operator = redriveAgainAndAgain(webhook.aws, [retainedUrl, webhook.deadLetterQueueUrl]);
    for (const prepare of [addPoison, rotate, freeze, replaceQueue, rotate]) {
      await prepare();
      sent.push(...(await sendAll(webhook, outages, MESSAGES / 6)));
    }
    const answered = performance.now();
    await operator.stop();
    webhook.aws.faults.heal();
    // What waits for longer, because it failed so often, is in a queue still, and is counted there.
    await webhook.untilRedriven(60_000).catch(() => undefined);
    await redriveAgainAndAgain(webhook.aws, [retainedUrl, webhook.deadLetterQueueUrl]).stop();
    const redriven = performance.now();
    const onTheBus = await takeAll(webhook);

    // What is parked now stays so: nobody redrives in a stack that is deleted.
    webhook.aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'throttle' });
    await webhook.pauseRedrive();
    webhook.aws.faults.chooseBy((call) => outages.choose(call));
    sent.push(...(await sendAll(webhook, outages, MESSAGES / 6)));
    webhook.aws.faults.heal();
    logged = new Set(await webhook.lostDetails());
    const queues = [webhook.fallbackQueueUrl, webhook.deadLetterQueueUrl, retainedUrl];
    await webhook.aws.delete(WEBHOOK_STACK);
    census = new Census(
      onTheBus,
      await Promise.all(queues.map(async (url) => (await webhook.aws.bodiesIn(url)).map(detailOf))),
    );
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(0)} s`;
    console.log(`${seconds(started, answered)} to send, ${seconds(answered, redriven)} until all was redriven`);
    report(sent, census, logged);
    reportCalls(webhook.aws.faults.calls());
  });
  after(() => webhook.aws.stop());

  const send = (url: string, body: string) =>
    webhook.aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  const addPoison = async () => {
    for (const url of [webhook.fallbackQueueUrl, webhook.deadLetterQueueUrl]) {
      for (let i = 0; i < 5; i += 1) {
        const body = poison(poisons.length);
        poisons.push(body);
        await send(url, body);
      }
    }
  };
  const rotate = async () => {
    await addPoison();
    await webhook.putSecret(`the secret after message ${sent.length.toString()}`);
  };
  const freeze = async () => {
    const frozen = await webhook.aws.faults.freezeCallers(FREEZE_MS);
    console.log(`${frozen.toString()} handlers were frozen for ${(FREEZE_MS / 1000).toString()} s`);
    assert.ok(frozen > 0);
  };
  const replaceQueue = async () => {
    // Something has to be left in it.
    await webhook.pauseRedrive();
    webhook.aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'throttle', times: 100 });
    sent.push(...(await sendAll(webhook, outages, 20)));
    await webhook.update(
      synthesizeWebhook((stack) => ({
        replayProtection: ReplayProtection.table(),
        fallbackQueue: anotherQueue(stack),
      })),
    );
    assert.notEqual(webhook.fallbackQueueUrl, retainedUrl);
    const retained = await webhook.aws.bodiesIn(retainedUrl);
    console.log(`${retained.length.toString()} messages were in the queue that the update replaced`);
    assert.ok(retained.length > 0);
    await webhook.hideTakenFor(3);
    await addPoison();
  };

  test('each that was answered 2xx is on the bus, in a queue, or in a retained queue', () => {
    const missing = sent.filter(({ status, body }) => status < 300 && census.placesOf(body).length === 0);
    assert.deepEqual(missing.map(withHistory), []);
  });

  test('none that was answered otherwise is there, unless an answer to the handler was lost or it was killed', () => {
    const there = sent.filter(({ status, body }) => status >= 300 && census.placesOf(body).length > 0);
    const unexplained = there.filter((message) => !isExplained(message, outages.of(message.body)));
    assert.deepEqual(unexplained.map(withHistory), []);
  });

  test('each that was answered 503 after the bus had been tried is in the log, whole', () => {
    const tried = ({ body }: Sent) => outages.of(body).some(({ operation }) => operation === 'PutEvents');
    const lost = sent.filter((message) => message.status === 503 && tried(message) && !logged.has(message.body));
    assert.deepEqual(lost.map(withHistory), []);
  });

  test('nothing else is on the bus', () => {
    const bodies = new Set(sent.map(({ body }) => body));
    assert.deepEqual(
      [...census.onTheBus.keys()].filter((body) => !bodies.has(body)),
      [],
    );
  });

  test('each poison event is in a queue', () => {
    const missing = poisons.filter((body) => census.placesOf(detailOf(body)).length === 0);
    assert.deepEqual(missing, []);
  });

  test('each was answered 200, 202, 502 or 503, and never 403, whatever happened to the reads of its secret', () => {
    const others = sent.filter(({ status }) => ![200, 202, 502, 503].includes(status));
    assert.deepEqual(others.map(withHistory), []);
  });

  test('each was answered in time', () => {
    assert.deepEqual(sent.filter(({ milliseconds }) => milliseconds >= LIMIT_MS).map(withHistory), []);
  });

  test('some were parked, some refused, some handlers killed, some events retained: the faults did something', () => {
    for (const status of [200, 202, 502, 503]) assert.ok(sent.some((message) => message.status === status));
    // The stack is deleted: this queue was retained.
    assert.ok(sent.some(({ body }) => census.placesOf(body).includes('fallback queue')));
  });

  const withHistory = (message: Sent) => ({
    ...message,
    places: census.placesOf(message.body),
    calls: outages.of(message.body).map(({ operation, fault = 'well', unheard }) => [operation, fault, unheard]),
  });
});

/** Where bodies are in the end. */
class Census {
  private readonly queues: readonly ReadonlySet<string>[];

  public constructor(
    /** How many times each. */
    public readonly onTheBus: ReadonlyMap<string, number>,
    /** Of the fallback queue, the dead-letter queue, and the one that was the fallback queue first. */
    queues: readonly (readonly string[])[],
  ) {
    this.queues = queues.map((bodies) => new Set(bodies));
  }

  /** All places of one. */
  public placesOf(body: string): string[] {
    const names = ['fallback queue', 'dead-letter queue', 'retained queue'];
    return [...(this.onTheBus.has(body) ? ['bus'] : []), ...names.filter((_, index) => this.queues[index]?.has(body))];
  }
}

function anotherQueue(stack: Stack): sqs.Queue {
  return new sqs.Queue(stack, 'Parked', { removalPolicy: RemovalPolicy.RETAIN });
}

async function sendAll({ sender }: DeployedWebhook, outages: RandomOutages, count: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  let left = count;
  const send = async () => {
    while (left > 0) {
      left -= 1;
      const body = sender.body();
      outages.expect(body, sender.secret);
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
 * Whether the handler can have told the sender that the message was not taken although it is somewhere: it was killed, it
 * never heard that the bus or the queue took it, or it had no time left to hear it.
 */
function isExplained({ status, milliseconds }: Sent, history: History): boolean {
  const isUnheard = ({ operation, unheard }: History[number]) =>
    unheard && (operation === 'PutEvents' || operation === 'SendMessage');
  const isKill = ({ fault }: History[number]) => fault === 'kill-before' || fault === 'kill-after';
  return status === 502 ? history.some(isKill) : milliseconds >= OUT_OF_TIME_MS || history.some(isUnheard);
}

function report(sent: readonly Sent[], census: Census, logged: ReadonlySet<string>): void {
  const statuses = [...new Set(sent.map(({ status }) => status))].sort();
  const rows = statuses.map((status) => {
    const answered = sent.filter((message) => message.status === status);
    const inPlace = (place: string) => answered.filter(({ body }) => census.placesOf(body).includes(place)).length;
    const copies = answered.map(({ body }) => census.onTheBus.get(body) ?? 0);
    const counts = [
      answered.length,
      inPlace('bus'),
      copies.filter((count) => count > 1).length,
      inPlace('fallback queue'),
      inPlace('dead-letter queue'),
      inPlace('retained queue'),
      answered.filter(({ body }) => census.placesOf(body).length === 0).length,
      answered.filter(({ body }) => logged.has(body)).length,
      Math.round(Math.max(...answered.map(({ milliseconds }) => milliseconds))),
    ];
    return [status, ...counts].map(String);
  });
  const headings = [
    ...[
      'answered',
      'messages',
      'on the bus',
      'more than once',
      'fallback queue',
      'dead-letter queue',
      'retained queue',
    ],
    ...['nowhere', 'in the log', 'slowest answer, ms'],
  ];
  console.log(textTable(headings, rows));
}
