/**
 * What the sender of a webhook sees, and where its message is, when something fails: in the meantime, and once all is well
 * again and the redrive handler has had its turn.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ReplayProtection } from 'cdk-momento-eventbridge';
import type { Fault, FaultyCalls } from '../../tools';
import { until } from '../../tools/common/until';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeWebhook } from './stacks';
import { textTable } from './text-table';
import { MessageLocator } from './message-locator';

/** One row of the matrix. */
interface Row {
  readonly what: string;
  readonly faults: readonly (FaultyCalls & Fault)[];
  /** How the handler is found: it has served a request, is about to start, or does not know the newest secret yet. */
  readonly handler?: 'warm' | 'cold' | 'warm, the secret rotated';
  /** Other settings of the webhook's handler. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Other settings of the redrive handler. */
  readonly redriveSettings?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly meanwhile: string;
  readonly finally: string;
}

const SECRET = 'Wq2ZtXo8nLfEWm4z';
/** Momento gives up after 5 s; the handler promises this. */
const LIMIT_MS = 4500;
/** Deployments that rows are tried on at the same time: they mostly wait. */
const LANES = 3;

const putEvents = { service: 'events', operation: 'PutEvents' } as const;
const sendMessage = { service: 'sqs', operation: 'SendMessage' } as const;
/** Only a dead letter says when it was parked. */
const burial = { ...sendMessage, containing: 'ParkedAt' } as const;
const queues = { service: 'sqs' } as const;
const getSecret = { service: 'secretsmanager', operation: 'GetSecretValue' } as const;
const table = { service: 'dynamodb' } as const;
const claim = { service: 'dynamodb', operation: 'PutItem' } as const;
/** Marks a request as taken, or gives a claim back. */
const settle = { service: 'dynamodb', operation: 'UpdateItem' } as const;
const throttled = { ...putEvents, kind: 'throttle' } as const;
const malformed = { ...putEvents, kind: 'failed-entry', code: 'MalformedDetail' } as const;
const queueFails = { ...queues, kind: 'error' } as const;
/** Refused for good for one time only: parked at once, and the redrive handler's first call is the bus's next. */
const deniedOnce = { ...putEvents, kind: 'failed-entry', code: 'AccessDeniedException', times: 1 } as const;

const outages: Record<string, Fault> = {
  'throttles PutEvents': { kind: 'throttle' },
  'answers PutEvents with a 500': { kind: 'error' },
  'hangs at PutEvents': { kind: 'hang' },
  'resets connections': { kind: 'reset' },
  'reports a failed entry inside a 200': { kind: 'failed-entry', code: 'InternalFailure' },
};
/** What a moment's trouble of Secrets Manager looks like. A read is two calls, one for each version. */
const blips: Record<string, Fault> = {
  'is throttled': { kind: 'throttle' },
  'is answered with a 500': { kind: 'error' },
  'is reset': { kind: 'reset' },
  'takes 1 s': { kind: 'late-answer', milliseconds: 1000 },
  hangs: { kind: 'hang' },
  'is answered without a value': { kind: 'stray-answer', body: '{}' },
  'is answered with a page': { kind: 'stray-answer', body: '<html>Sign in</html>' },
  'is answered without an end': { kind: 'endless-answer' },
  'is answered byte by byte': { kind: 'slow-answer', milliseconds: 500 },
};
/** Answers of status 200 that say of no event that the bus took it. */
const noEventId: Record<string, string> = {
  'with nothing': '',
  'without entries': '{}',
  'without an event id': '{"FailedEntryCount":0,"Entries":[{}]}',
  'with a page': '<html>Sign in</html>',
};
/** The same for the queue and a message. */
const noReceipt: Record<string, string> = {
  'with nothing': '',
  'without a message id': '{"MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e"}',
  'for another message': '{"MessageId":"1","MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e"}',
};
const onBus = { status: 200, meanwhile: 'bus', finally: 'bus' };
const parked = { status: 202, meanwhile: 'fallback queue', finally: 'bus' };
const dead = { status: 202, meanwhile: 'dead-letter queue', finally: 'dead-letter queue' };
const logged = { status: 503, meanwhile: 'log', finally: 'log' };
const refused = { status: 503, meanwhile: 'nowhere', finally: 'nowhere' };
const died = { status: 502, meanwhile: 'nowhere', finally: 'nowhere' };

const rows: readonly Row[] = [
  { what: 'nothing fails', faults: [], ...onBus },
  ...Object.entries(outages).flatMap(([outage, fault]): Row[] => [
    { what: `the bus ${outage}, once`, faults: [{ ...putEvents, ...fault, times: 1 }], ...onBus },
    { what: `the bus ${outage}`, faults: [{ ...putEvents, ...fault }], ...parked },
    { what: `the bus ${outage}, the queue is down`, faults: [{ ...putEvents, ...fault }, queueFails], ...logged },
  ]),
  {
    what: 'the bus loses its answer, once',
    faults: [{ ...putEvents, kind: 'lost-answer', times: 1 }],
    ...{ status: 200, meanwhile: '2 × bus', finally: '2 × bus' },
  },
  {
    what: 'the bus is not permitted',
    faults: [{ ...putEvents, kind: 'failed-entry', code: 'AccessDeniedException' }],
    ...parked,
  },
  { what: 'the bus finds the event malformed', faults: [malformed], ...dead },
  {
    what: 'the bus throttles PutEvents for longer than the patience',
    faults: [throttled],
    redriveSettings: { PATIENCE_MS: '1' },
    ...dead,
  },
  { what: 'the queue is down', faults: [queueFails], ...onBus },
  {
    what: 'the bus throttles PutEvents, the queue loses its answer, once',
    faults: [throttled, { ...sendMessage, kind: 'lost-answer', times: 1 }],
    ...{ status: 202, meanwhile: '2 × fallback queue', finally: '2 × bus' },
  },
  {
    what: 'the bus, the queue and the table hang',
    faults: [putEvents, queues, table].map((calls) => ({ ...calls, kind: 'hang' })),
    ...logged,
  },

  ...Object.entries(noEventId).flatMap(([how, body]): Row[] => [
    {
      what: `the bus answers ${how}, once`,
      faults: [{ ...putEvents, kind: 'stray-answer', body, times: 1 }],
      ...onBus,
    },
    { what: `the bus answers ${how}`, faults: [{ ...putEvents, kind: 'stray-answer', body }], ...parked },
  ]),
  ...Object.entries(noReceipt).flatMap(([how, body]): Row[] => [
    {
      what: `the bus throttles PutEvents, the queue answers ${how}, once`,
      faults: [throttled, { ...sendMessage, kind: 'stray-answer', body, times: 1 }],
      ...parked,
    },
    {
      what: `the bus throttles PutEvents, the queue answers ${how}`,
      faults: [throttled, { ...sendMessage, kind: 'stray-answer', body }],
      ...logged,
    },
  ]),
  {
    what: 'the dead-letter queue answers without a message id, once',
    faults: [malformed, { ...burial, kind: 'stray-answer', body: '{}', times: 1 }],
    ...dead,
  },
  { what: 'the bus answers without an end', faults: [{ ...putEvents, kind: 'endless-answer' }], ...parked },
  {
    what: 'the bus and the queue answer without an end',
    faults: [putEvents, sendMessage].map((calls) => ({ ...calls, kind: 'endless-answer' })),
    ...logged,
  },
  {
    what: 'the bus answers byte by byte',
    faults: [{ ...putEvents, kind: 'slow-answer', milliseconds: 500 }],
    ...onBus,
  },
  {
    what: 'the bus answers byte by byte, for longer than it is waited for, once',
    faults: [{ ...putEvents, kind: 'slow-answer', milliseconds: 2000, times: 1 }],
    ...{ status: 200, meanwhile: '2 × bus', finally: '2 × bus' },
  },

  ...(['cold', 'warm, the secret rotated'] as const).flatMap((handler) =>
    Object.entries(blips).map(([blip, fault]): Row => ({
      what: `the read of the secret ${blip}, once`,
      faults: [{ ...getSecret, ...fault, times: 2 }],
      handler,
      ...onBus,
    })),
  ),
  { what: 'Secrets Manager fails', faults: [{ ...getSecret, kind: 'error' }], handler: 'cold', ...refused },
  { what: 'Secrets Manager hangs', faults: [{ ...getSecret, kind: 'hang' }], handler: 'cold', ...refused },
  { what: 'Secrets Manager fails', faults: [{ ...getSecret, kind: 'error' }], handler: 'warm', ...onBus },
  {
    what: 'Secrets Manager fails',
    faults: [{ ...getSecret, kind: 'error' }],
    handler: 'warm, the secret rotated',
    ...{ status: 503, meanwhile: 'nowhere', finally: 'nowhere' },
  },

  ...(['error', 'hang'] as const).flatMap((kind): Row[] => [
    {
      what: `the table ${kind === 'error' ? 'fails' : 'hangs'}, which is to be accepted`,
      faults: [{ ...table, kind }],
      ...onBus,
    },
    {
      what: `the table ${kind === 'error' ? 'fails' : 'hangs'}, which is to be refused`,
      faults: [{ ...table, kind }],
      settings: { REPLAY_TABLE_OUTAGE: 'REFUSE' },
      ...refused,
    },
  ]),
  {
    what: 'the table answers with nothing, which is to be accepted',
    faults: [{ ...table, kind: 'stray-answer', body: '' }],
    ...onBus,
  },
  {
    what: 'the table answers with nothing, which is to be refused',
    faults: [{ ...table, kind: 'stray-answer', body: '' }],
    settings: { REPLAY_TABLE_OUTAGE: 'REFUSE' },
    ...refused,
  },
  { what: 'the table loses its answer to a claim', faults: [{ ...claim, kind: 'lost-answer', times: 1 }], ...onBus },
  { what: 'the table does not hear what was taken', faults: [{ ...settle, kind: 'error' }], ...onBus },

  // AWS starts a process once more that dies while it starts.
  {
    what: 'killed as it reads the secret, once',
    faults: [{ ...getSecret, kind: 'kill-before', times: 1 }],
    handler: 'cold',
    ...onBus,
  },
  { what: 'killed as it reads the secret', faults: [{ ...getSecret, kind: 'kill-before' }], handler: 'cold', ...died },
  {
    what: 'killed as it reads the secret',
    faults: [{ ...getSecret, kind: 'kill-before' }],
    handler: 'warm, the secret rotated',
    ...died,
  },
  { what: 'killed before its claim is made', faults: [{ ...claim, kind: 'kill-before' }], ...died },
  { what: 'killed after its claim is made', faults: [{ ...claim, kind: 'kill-after' }], ...died },
  { what: 'killed before PutEvents', faults: [{ ...putEvents, kind: 'kill-before' }], ...died },
  {
    what: 'killed after PutEvents',
    faults: [{ ...putEvents, kind: 'kill-after' }],
    ...{ status: 502, meanwhile: 'bus', finally: 'bus' },
  },
  {
    what: 'killed before the event is parked',
    faults: [throttled, { ...sendMessage, kind: 'kill-before' }],
    ...died,
  },
  {
    what: 'killed after the event is parked',
    faults: [throttled, { ...sendMessage, kind: 'kill-after' }],
    ...{ status: 502, meanwhile: 'fallback queue', finally: 'bus' },
  },
  ...(['before', 'after'] as const).map((when): Row => ({
    what: `killed ${when} the table hears that the request was taken`,
    faults: [{ ...settle, kind: `kill-${when}` }],
    ...{ status: 502, meanwhile: 'bus', finally: 'bus' },
  })),
  {
    what: 'killed as it gives a claim back, the bus and the queue down',
    faults: [throttled, queueFails, { ...settle, kind: 'kill-before' }],
    // Logged before the claim is given back, so that it can be put on the bus anyway.
    ...logged,
    status: 502,
  },
  {
    what: 'the redrive handler killed before PutEvents',
    faults: [deniedOnce, { ...putEvents, kind: 'kill-before', times: 1 }],
    ...parked,
  },
  {
    what: 'the redrive handler killed after PutEvents',
    faults: [deniedOnce, { ...putEvents, kind: 'kill-after', times: 1 }],
    ...{ status: 202, meanwhile: 'bus, fallback queue', finally: '2 × bus' },
  },
];

/** A row as it turned out. */
interface Observed {
  readonly status: number;
  readonly milliseconds: number;
  readonly meanwhile: string;
  readonly finally: string;
}

describe('when something fails, the sender and the message', { concurrency: LANES }, () => {
  const deployments: DeployedWebhook[] = [];
  const free: DeployedWebhook[] = [];
  const observed = new Map<Row, Observed>();

  before(async () => {
    const assembly = synthesizeWebhook(() => ({ replayProtection: ReplayProtection.table() }));
    const deploying = Array.from({ length: LANES }, async () => {
      const webhook = await DeployedWebhook.deploy(assembly);
      deployments.push(webhook);
      await webhook.putSecret(SECRET);
      // What a killed redrive handler had taken is due again after this, and not after three minutes.
      await webhook.hideTakenFor(3);
    });
    await Promise.all(deploying);
    free.push(...deployments);
  });

  after(async () => {
    await Promise.all(deployments.map(({ aws }) => aws.stop()));
    const headings = ['what fails', 'handler', 'sender saw', 'after', 'the message was', 'and in the end'];
    const cells = rows.map((row) => {
      const seen = observed.get(row);
      const answer = seen && [seen.status.toString(), `${seen.milliseconds.toFixed().padStart(4)} ms`];
      const places = seen && [seen.meanwhile, seen.finally];
      return [row.what, row.handler ?? 'warm', ...(answer ?? []), ...(places ?? [])];
    });
    console.log(textTable(headings, cells));
  });

  for (const row of rows) {
    const { what, handler = 'warm', status, meanwhile } = row;
    test(`${what} (${handler}): ${status.toString()}, ${meanwhile}, in the end ${row.finally}`, async () => {
      const webhook = free.pop();
      assert.ok(webhook);
      try {
        const seen = await withSettings(webhook, row, () => observe(webhook, row));
        observed.set(row, seen);
        assert.deepEqual([seen.status, seen.meanwhile, seen.finally], [status, meanwhile, row.finally]);
        assert.ok(seen.milliseconds < LIMIT_MS, `answered after ${seen.milliseconds.toFixed()} ms`);
      } finally {
        webhook.aws.faults.clear();
        free.push(webhook);
      }
    });
  }
});

async function withSettings<T>(webhook: DeployedWebhook, row: Row, action: () => Promise<T>): Promise<T> {
  const { settings = {}, redriveSettings } = row;
  const results: T[] = [];
  const act = async () => void results.push(await action());
  const actAmongOthers = () => (redriveSettings ? webhook.withRedriveEnvironment(redriveSettings, act) : act());
  await webhook.withEnvironment(settings, actAmongOthers);
  const [result] = results;
  assert.ok(result);
  return result;
}

async function observe(webhook: DeployedWebhook, row: Row): Promise<Observed> {
  const { sender, aws } = webhook;
  const { handler = 'warm' } = row;
  if (handler !== 'cold') {
    assert.equal((await sender.send()).status, 200);
    assert.equal((await webhook.takeFromBus(1)).length, 1);
  }
  if (handler === 'warm, the secret rotated') await webhook.putSecret(`${sender.secret}+`);
  for (const fault of row.faults) aws.faults.inject(fault);

  const body = sender.body();
  const { status, milliseconds } = await sender.send(body);
  const locator = new MessageLocator(webhook);
  const meanwhile = await settled(locator, body, row.meanwhile);
  aws.faults.heal();
  await webhook.untilRedriven();
  return { status, milliseconds, meanwhile, finally: await settled(locator, body, row.finally) };
}

/** Waits for the message to be where it is expected, and says where it is instead if it does not get there. */
async function settled(locator: MessageLocator, body: string, expected: string): Promise<string> {
  let place = '';
  const ask = async () => {
    place = await locator.of(body);
    return place === expected || undefined;
  };
  await until(expected, ask, { timeoutMs: 5000 }).catch(() => undefined);
  return place;
}
