/** What each check calls broken that only AWS can show, or that a run on the local AWS would take minutes for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Check, Outcome } from '../../cli/verify/check';
import { CHECKS } from '../../cli/verify/checks';
import type { Clients } from '../../cli/verify/clients';
import { runChecks } from '../../cli/verify/run-checks';
import type { HttpAnswer } from '../../cli/http-exchange';
import { type BusEvent, Trial } from '../../cli/verify/trial';
import type { WebhookAnswer } from '../../cli/webhook-answer';

/** What a run sees, instead of AWS. */
interface Script {
  readonly isLocal?: boolean;
  /** The answers of CloudWatch and DynamoDB by command; the last one again and again. */
  readonly answers?: Readonly<Record<string, readonly object[]>>;
  /** The lines of logs, by the output that names them. */
  readonly logs?: Readonly<Record<string, readonly string[]>>;
  readonly events?: readonly BusEvent[];
  /** The answer to a message whose signature is right. */
  readonly accepted?: WebhookAnswer;
}

const ACCEPTED: WebhookAnswer = { status: 200, body: '{"message":"Success"}', milliseconds: 1 };
const REFUSED: WebhookAnswer = { status: 403, body: '{"message":"Unauthorized"}', milliseconds: 1 };

/** A run that looks a few times, and does not wait. Its outputs have their own names as values. */
class ScriptedTrial extends Trial {
  public readonly published: string[] = [];

  public constructor(private readonly script: Script) {
    const next = new Map<string, number>();
    const send = (command: object): Promise<object> => {
      const name = command.constructor.name;
      const answers = script.answers?.[name] ?? [];
      const index = Math.min(next.get(name) ?? 0, answers.length - 1);
      next.set(name, index + 1);
      return Promise.resolve(answers[index] ?? {});
    };
    const outputs = { get: (name: string) => name } as unknown as ReadonlyMap<string, string>;
    super({
      clients: { cloudWatch: { send }, dynamoDb: { send }, events: { send } } as unknown as Clients,
      isLocal: script.isLocal ?? false,
      signingSecret: '',
      outputs,
      deployment: { deploy: () => assert.fail(), resources: () => assert.fail(), allResources: () => assert.fail() },
      momento: { apiKey: 'key', cache: 'cache', endpoint: 'https://momento' },
    });
  }

  public override async until<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    for (let looks = 0; looks < 3; looks += 1) {
      const answer = await ask();
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  public override post(_: object, secret?: string): Promise<WebhookAnswer> {
    return Promise.resolve(secret === undefined ? (this.script.accepted ?? ACCEPTED) : REFUSED);
  }

  public override askMomento(method: string, path: string, { body }: { body?: string } = {}): Promise<HttpAnswer> {
    assert.deepEqual([method, path], ['POST', '/topics/cache/SubscribedTopic']);
    this.published.push(body ?? '');
    return Promise.resolve({ status: 204, headers: {}, body: '' });
  }

  public override logLines(name: string): Promise<string[]> {
    return Promise.resolve([...(this.script.logs?.[name] ?? [])]);
  }

  public override eventThat(fits: (event: BusEvent) => boolean): Promise<BusEvent | undefined> {
    return Promise.resolve(this.script.events?.find(fits));
  }

  public override eventsSoFar(fits: (event: BusEvent) => boolean): BusEvent[] {
    return (this.script.events ?? []).filter(fits);
  }
}

async function outcomeOf(id: string, script: Script): Promise<Outcome> {
  const check = CHECKS.find((one) => one.id === id) ?? assert.fail(`There is no check ${id}`);
  return check.run(new ScriptedTrial(script));
}

/** A line of a handler's log, as its metrics are. */
function metricLine(
  metrics: Readonly<Record<string, number>>,
  dimensions: Readonly<Record<string, string>> = {},
): string {
  const sets = [
    ['FunctionName'],
    ...(Object.keys(dimensions).length > 0 ? [['FunctionName', ...Object.keys(dimensions)]] : []),
  ];
  const Metrics = Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: 'MomentoEventBridge', Dimensions: sets, Metrics }];
  return JSON.stringify({
    FunctionName: 'HandlerName',
    ...dimensions,
    ...metrics,
    _aws: { Timestamp: 0, CloudWatchMetrics },
  });
}

describe('the check of the rate limit', () => {
  /** Calls of the echo, so many milliseconds after each other. */
  const calls = (count: number, apart: number): Script['logs'] => ({
    EchoLogName: Array.from({ length: count }, (_, number) =>
      JSON.stringify({
        echo: { query: `key=verify-0001-${number.toString()}`, time: 1_000_000 + number * apart, body: '' },
      }),
    ),
  });
  const outcome = (logs: Script['logs'], isLocal = false) =>
    outcomeOf('api-destinations/rate-limit', { logs, isLocal });

  test('holds it where the calls keep to the limit', async () => {
    assert.equal((await outcome(calls(8, 500))).kind, 'held');
  });

  test('calls it broken where they all come at once', async () => {
    const { kind, seen } = await outcome(calls(8, 20));
    assert.deepEqual([kind, seen], ['broken', '8 of 8 arrived, at most 8 of them within a second.']);
  });

  test('calls it broken where one is lost, on the local AWS too', async () => {
    assert.equal((await outcome(calls(7, 500))).kind, 'broken');
    assert.equal((await outcome(calls(7, 500), true)).kind, 'broken');
  });

  test('does not call it held on the local AWS, which has no rate limit', async () => {
    assert.equal((await outcome(calls(8, 500), true)).kind, 'not here');
  });
});

describe('the check of halved batches', () => {
  const failed = '{"level":"ERROR","message":"TooLarge { records: 4, bytes: 2241940 }"}';
  const calls = (count: number): string[] =>
    Array.from({ length: count }, (_, number) => {
      const body = Buffer.from(`[${number.toString()},"…"]`).toString('base64');
      return JSON.stringify({ echo: { path: '/cache/verify-table', query: 'key=verify-0001', body } });
    });

  test('holds it where all changes of a batch that failed arrive', async () => {
    const logs = { TableHandlerLogName: [failed], EchoLogName: calls(4) };
    assert.equal((await outcomeOf('pipes/halved', { logs })).kind, 'held');
  });

  test('calls it broken where one does not', async () => {
    const logs = { TableHandlerLogName: [failed], EchoLogName: calls(3) };
    const { kind, seen } = await outcomeOf('pipes/halved', { logs });
    assert.equal(kind, 'broken');
    assert.match(seen, /Of 4 changes 3 arrived/);
  });

  test('does not decide it where there was no batch to halve', async () => {
    const logs = { EchoLogName: calls(4) };
    await assert.rejects(outcomeOf('pipes/halved', { logs }), /there was no batch to halve/);
  });
});

describe('the check of metrics', () => {
  const logs = {
    HandlerLogName: [
      'REPORT RequestId: 1',
      metricLine({ Accepted: 1, PublishTime: 12 }),
      metricLine({ Rejected: 1 }, { Reason: 'Stale' }),
    ],
  };
  const data = (count: number): Script['answers'] => ({
    GetMetricDataCommand: [
      { MetricDataResults: Array.from({ length: count }, (_, index) => ({ Id: `m${index.toString()}`, Values: [1] })) },
    ],
  });

  test('holds it where CloudWatch has each metric, by each of its dimensions', async () => {
    assert.equal((await outcomeOf('metrics/embedded-format', { logs, answers: data(4) })).kind, 'held');
  });

  test('calls it broken where one is missing', async () => {
    const { kind, seen } = await outcomeOf('metrics/embedded-format', { logs, answers: data(3) });
    assert.equal(kind, 'broken');
    assert.match(seen, /does not have MomentoEventBridge Rejected FunctionName HandlerName Reason Stale\./);
  });

  test('calls it broken where the handler counts nothing, on the local AWS too', async () => {
    assert.equal((await outcomeOf('metrics/embedded-format', { isLocal: true, logs: {} })).kind, 'broken');
  });
});

describe('the check of the dashboard', () => {
  const row = (name: string, ...rest: readonly unknown[]) => [
    'MomentoEventBridge',
    name,
    'FunctionName',
    'HandlerName',
    ...rest,
  ];
  const logs = {
    HandlerLogName: [metricLine({ Accepted: 1, Duplicate: 1 }), metricLine({ Rejected: 1 }, { Reason: 'Stale' })],
  };
  const shows = (...metrics: readonly unknown[]): Script['answers'] => ({
    GetDashboardCommand: [
      {
        DashboardBody: JSON.stringify({
          widgets: [
            { properties: { markdown: '#' } },
            { properties: { metrics: [[{ expression: 'a + b' }], ...metrics] } },
          ],
        }),
      },
    ],
  });

  test('holds it where each metric has a graph, in one of its dimensions', async () => {
    const answers = shows(row('Accepted', { stat: 'Sum' }), row('Duplicate'), row('Rejected', 'Reason', 'Stale'));
    assert.equal((await outcomeOf('metrics/dashboard', { logs, answers })).kind, 'held');
  });

  test('calls it broken where one has none, on the local AWS too', async () => {
    const answers = shows(row('Accepted'), row('Duplicates'), row('Rejected'));
    for (const isLocal of [true, false]) {
      const { kind, seen } = await outcomeOf('metrics/dashboard', { logs, answers, isLocal });
      assert.equal(kind, 'broken');
      assert.match(seen, /It does not have MomentoEventBridge Duplicate FunctionName HandlerName\./);
    }
  });
});

describe('the check of an alarm', () => {
  const logs = { HandlerLogName: [metricLine({ Rejected: 1 }, { Reason: 'Unauthorized' })] };
  const alarm = (StateValue: string, MetricName = 'Rejected') => {
    const Dimensions = [{ Name: 'FunctionName', Value: 'HandlerName' }];
    return { MetricAlarms: [{ Namespace: 'MomentoEventBridge', MetricName, Dimensions, StateValue }] };
  };
  const outcome = (states: readonly string[], isLocal = false) =>
    outcomeOf('metrics/alarm', {
      logs,
      isLocal,
      answers: { DescribeAlarmsCommand: states.map((state) => alarm(state)) },
    });

  test('holds it where it goes off and is over', async () => {
    const { kind, seen } = await outcome(['INSUFFICIENT_DATA', 'OK', 'ALARM', 'ALARM', 'OK']);
    assert.equal(kind, 'held');
    assert.match(seen, /: OK, ALARM, OK\.$/);
  });

  test('calls it broken where it does not go off, or is never over', async () => {
    assert.equal((await outcome(['OK'])).kind, 'broken');
    assert.equal((await outcome(['OK', 'ALARM'])).kind, 'broken');
  });

  test('calls it broken where it watches what the handler does not write, on the local AWS too', async () => {
    for (const isLocal of [true, false]) {
      const answers = { DescribeAlarmsCommand: [alarm('OK', 'Rejections')] };
      assert.equal((await outcomeOf('metrics/alarm', { logs, isLocal, answers })).kind, 'broken');
    }
    assert.equal((await outcomeOf('metrics/alarm', { logs, answers: {} })).kind, 'broken');
  });

  test('does not call it held on the local AWS, whose alarms do not go off', async () => {
    assert.equal((await outcome(['INSUFFICIENT_DATA'], true)).kind, 'not here');
  });
});

describe('the check of hand-overs', () => {
  const logs = { SubscriptionLogName: [metricLine({ HandOver: 1 }), metricLine({ HandOver: 1 })] };
  const message = (number: number): BusEvent => ({
    id: `id-${number.toString()}`,
    source: 'Momento',
    'detail-type': 'cache#SubscribedTopic',
    time: '',
    detail: { topic: 'SubscribedTopic', text: `message ${number.toString()}`, topic_sequence_number: number },
  });
  const gap: BusEvent = {
    id: 'gap',
    source: 'Momento.Subscription',
    'detail-type': 'Topic Messages Missed',
    time: '',
    detail: { topic: 'SubscribedTopic', missed: 1 },
  };
  const checkpoints = (...numbers: readonly number[]): Script['answers'] => ({
    GetItemCommand: numbers.map((number) => ({ Item: { number: { N: number.toString() } } })),
  });
  const whole: Script = { logs, events: [message(0), message(1)], answers: checkpoints(0, 2) };
  const outcome = (changes: Script = {}) => outcomeOf('subscription/hand-over', { ...whole, ...changes });

  test('holds it where all messages are on the bus, and the checkpoint is behind them', async () => {
    const { kind, seen } = await outcome();
    assert.equal(kind, 'held', seen);
    assert.match(seen, /^2 messages were published\. During 2 hand-overs all came to the bus, with 0 copies/);
  });

  test('calls it broken where a message is not on the bus', async () => {
    const { kind, seen } = await outcome({ events: [message(0)] });
    assert.deepEqual([kind, seen.endsWith('message 1 is not on the bus.')], ['broken', true]);
  });

  test('calls it broken where a gap is reported', async () => {
    assert.equal((await outcome({ events: [message(0), gap, message(1)] })).kind, 'broken');
  });

  test('calls it broken where the checkpoint stays', async () => {
    assert.equal((await outcome({ answers: checkpoints(0) })).kind, 'broken');
    assert.equal((await outcome({ answers: {} })).kind, 'broken');
  });

  test('calls it broken where nothing is handed over', async () => {
    assert.equal((await outcome({ logs: { SubscriptionLogName: [metricLine({ HandOver: 1 })] } })).kind, 'broken');
  });

  test('holds the schedule only where it has invoked the function on AWS', async () => {
    const heartbeat = { logs: { SubscriptionLogName: [metricLine({ Heartbeat: 1 })] } };
    assert.equal((await outcomeOf('subscription/schedule', heartbeat)).kind, 'held');
    assert.equal((await outcomeOf('subscription/schedule', { ...heartbeat, isLocal: true })).kind, 'not here');
    assert.equal((await outcomeOf('subscription/schedule', {})).kind, 'broken');
  });
});

test('a check that goes on beside the others is begun before them, and has its place among their results', async () => {
  const order: string[] = [];
  let end = (): void => undefined;
  const check = (id: string, run: () => Promise<void>, alongside?: true): Check => ({
    id,
    promise: '',
    source: '',
    local: { does: '', evidence: 'record' },
    ...(alongside && { alongside }),
    async run() {
      order.push(`begin ${id}`);
      await run();
      order.push(`end ${id}`);
      return { kind: 'held', seen: '' };
    },
  });
  const long = check('a/long', () => new Promise<void>((resolve) => (end = resolve)), true);
  const endLong = (): Promise<void> => {
    end();
    return Promise.resolve();
  };
  const checks = [check('a/first', () => Promise.resolve()), check('a/last', endLong), long];
  const options = { deadline: Date.now() + 60_000, onStart: () => undefined, onResult: () => undefined };
  const results = await runChecks(checks, new ScriptedTrial({}), options);
  assert.deepEqual(
    results.map(({ check: { id } }) => id),
    ['a/first', 'a/last', 'a/long'],
  );
  assert.deepEqual(order.slice(0, 3), ['begin a/long', 'begin a/first', 'end a/first']);
});
