import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { LocalAws } from '../../tools';
import { linesOf, run, type Run } from './command-line';
import { parked, type ParkedDocument, TEXT } from './parked';

const BUS = 'messages';

interface PutEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: number;
  readonly TraceHeader?: string;
}

void describe('redrive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redrive-'));
  let aws: LocalAws;
  /** What carries events to the bus's only target. */
  let targetUrl: string;
  let queueUrl: string;
  let queues = 0;

  const createQueue = async (): Promise<string> => {
    queues += 1;
    const create = new CreateQueueCommand({ QueueName: `queue-${queues.toString()}` });
    return (await aws.clients.sqs.send(create)).QueueUrl ?? '';
  };
  const arnOf = async (url: string): Promise<string> => {
    const get = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
    return (await aws.clients.sqs.send(get)).Attributes?.QueueArn ?? '';
  };
  const put = async (...bodies: unknown[]): Promise<void> => {
    for (const body of bodies) {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    }
  };
  /** How many messages are in the queue: those that can be received, and those that can not at the moment. */
  const inQueue = async (): Promise<number[]> => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const get = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes = {} } = await aws.clients.sqs.send(get);
    return names.map((name) => Number(Attributes[name]));
  };
  const redrive = async (args: readonly string[], input?: string): Promise<Run> => {
    const environment = { ...aws.environment, AWS_ENDPOINT_URL: aws.faults.endpoint };
    const ran = await run(['redrive', ...args], { environment, ...(input !== undefined && { input }) });
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes('Here I am'), 'the output shows a text');
    return ran;
  };
  const redriveQueue = (...args: string[]): Promise<Run> =>
    redrive(['--queue-url', queueUrl, '--event-bus', BUS, ...args]);
  const redriveLines = (lines: readonly string[], ...args: string[]): Promise<Run> =>
    redrive(['--file', '-', '--event-bus', BUS, ...args], lines.map((line) => `${line}\n`).join(''));
  const calls = (): PutEntry[][] =>
    aws.faults.calls('events', 'PutEvents').map(({ input }) => (input as { Entries: PutEntry[] }).Entries);
  const entryOf = ({ source, detailType, detail, time, traceHeader }: ParkedDocument): PutEntry => ({
    EventBusName: BUS,
    Source: source,
    DetailType: detailType,
    Detail: detail,
    Time: time / 1_000,
    ...(traceHeader !== undefined && { TraceHeader: traceHeader }),
  });
  const byTime = (entries: readonly PutEntry[]): PutEntry[] => [...entries].sort((a, b) => a.Time - b.Time);

  before(async () => {
    aws = await LocalAws.start({ behindFaultProxy: true });
    targetUrl = await createQueue();
    await aws.clients.events.send(new CreateEventBusCommand({ Name: BUS }));
    const rule = { Rule: 'all', EventBusName: BUS };
    await aws.clients.events.send(
      new PutRuleCommand({ Name: 'all', EventBusName: BUS, EventPattern: '{"source":["Momento"]}' }),
    );
    await aws.clients.events.send(
      new PutTargetsCommand({ ...rule, Targets: [{ Id: 'queue', Arn: await arnOf(targetUrl) }] }),
    );
  });
  after(async () => {
    await aws.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    aws.faults.clear();
    queueUrl = await createQueue();
  });

  void describe('from a queue', () => {
    void it('puts events on the bus as they would have been, and deletes them', async () => {
      const events = [parked(1), parked(2, { traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' })];
      await put(...events);
      const { status, stdout, stderr } = await redriveQueue();
      assert.deepEqual([status, stderr], [0, '']);
      assert.deepEqual(byTime(calls().flat()), events.map(entryOf));
      const [first, , summary] = linesOf(stdout);
      assert.match(
        first ?? '',
        /^put: chat#room-281, number 1, published 2023-05-04T17:01:39\.124Z, event id [-\da-f]+$/,
      );
      assert.equal(summary, '2 events put on the event bus messages, 0 left.');
      assert.deepEqual(await inQueue(), [0, 0]);
      const arrived = await aws.receive(targetUrl, 2);
      const texts = arrived.map(({ Body = '' }) => (JSON.parse(Body) as { detail: { text: string } }).detail.text);
      assert.deepEqual(texts, [TEXT, TEXT]);
    });

    void it('takes a whole queue, ten to a call at most', async () => {
      const events = Array.from({ length: 25 }, (_, number) => parked(number));
      await put(...events);
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 0);
      assert.match(stdout, /\n25 events put on the event bus messages, 0 left\.\n$/);
      assert.deepEqual(byTime(calls().flat()), events.map(entryOf));
      assert.ok(calls().every((entries) => entries.length <= 10));
      assert.deepEqual(await inQueue(), [0, 0]);
      await aws.receive(targetUrl, 25);
    });

    void it('takes no more than it is told to', async () => {
      await put(...Array.from({ length: 4 }, (_, number) => parked(number)));
      assert.match(
        (await redriveQueue('--limit', '3')).stdout,
        /\n3 events put on the event bus messages, 0 left\.\n$/,
      );
      assert.deepEqual(await inQueue(), [1, 0]);
      await aws.receive(targetUrl, 3);
    });

    void it('keeps a call within 256 KB', async () => {
      const large = (number: number): ParkedDocument =>
        parked(number, { detail: JSON.stringify({ topic_sequence_number: number, text: 'é'.repeat(50_000) }) });
      const events = [1, 2, 3, 4, 5].map(large);
      await put(...events);
      assert.equal((await redriveQueue()).status, 0);
      assert.deepEqual(
        calls()
          .map((entries) => entries.length)
          .sort(),
        [1, 2, 2],
      );
      assert.deepEqual(byTime(calls().flat()), events.map(entryOf));
      await aws.receive(targetUrl, 5);
    });

    void it('only says what it would do, where it is told to', async () => {
      await put(parked(1), 'no event');
      const { status, stdout } = await redriveQueue('--dry-run');
      assert.equal(status, 1);
      assert.match(stdout, /^would be put: chat#room-281, number 1, published 2023-05-04T17:01:39\.124Z$/m);
      assert.match(stdout, /\n1 event would be put on the event bus messages, 1 left\.\n$/);
      assert.deepEqual([calls(), await inQueue()], [[], [2, 0]]);
    });

    void it('puts a dead command on the bus as it was', async () => {
      const detail = { cacheName: 'chat', key: 'k', message: 'a "b"\n', ttl: 60 };
      await put({ 'detail-type': 'cacheSet', source: 'orders', time: '2023-05-04T17:01:39Z', detail });
      assert.equal((await redriveQueue()).status, 0);
      const [entry] = calls().flat();
      assert.deepEqual(
        { ...entry, Detail: JSON.parse(entry?.Detail ?? '') as unknown },
        { EventBusName: BUS, Source: 'orders', DetailType: 'cacheSet', Detail: detail, Time: 1_683_219_699 },
      );
      assert.deepEqual(await inQueue(), [0, 0]);
    });

    void it('puts an event that was to become a command on the bus as it was, without the template', async () => {
      const detail = '{ "n": 12345678901234567890, "text": "\\u00e9" }';
      const event = `{"detail-type":"OrderPlaced","source":"shop","time":"2023-05-04T17:01:39Z","detail":${detail}}`;
      await put(`{"template":{"command":"cacheDelete","cacheName":"orders","key":"{detail.id}"},"event":${event}}`);
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 0);
      assert.match(stdout, /OrderPlaced/);
      assert.deepEqual(calls().flat(), [
        { EventBusName: BUS, Source: 'shop', DetailType: 'OrderPlaced', Detail: detail, Time: 1_683_219_699 },
      ]);
      assert.deepEqual(await inQueue(), [0, 0]);
    });

    void it('leaves what is not an event', async () => {
      await put('no event', parked(1));
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 1);
      assert.match(stdout, /^left: message [-\da-f]{36}: it is not an event, because it is not a JSON object$/m);
      assert.match(stdout, /\n1 event put on the event bus messages, 1 left\.\n$/);
      assert.deepEqual(await inQueue(), [1, 0]);
      await aws.receive(targetUrl, 1);
    });

    void it('leaves what EventBridge rejects, and deletes the rest', async () => {
      await put(parked(1), parked(2, { detailType: 'x'.repeat(129) }), parked(3));
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 1);
      assert.match(
        stdout,
        /^left: x{129}, number 2, .*: EventBridge answered InvalidArgument \(.*DetailType is not valid/m,
      );
      assert.match(stdout, /\n2 events put on the event bus messages, 1 left\.\n$/);
      assert.deepEqual(await inQueue(), [1, 0]);
      await aws.receive(targetUrl, 2);
    });

    void it('leaves what EventBridge throttles, to be taken the next time', async () => {
      await put(parked(1), parked(2));
      aws.faults.inject({
        service: 'events',
        operation: 'PutEvents',
        kind: 'failed-entry',
        code: 'ThrottlingException',
      });
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 1);
      assert.match(
        stdout,
        /^left: chat#room-281, number 2, .*: EventBridge answered ThrottlingException \(Injected by a test\)$/m,
      );
      assert.match(stdout, /\n0 events put, 2 left\.\n$/);
      assert.deepEqual(await inQueue(), [2, 0]);
      aws.faults.clear();
      assert.equal((await redriveQueue()).status, 0);
      await aws.receive(targetUrl, 2);
    });

    for (const fault of [
      { kind: 'error', status: 400, code: 'AccessDeniedException' } as const,
      { kind: 'lost-answer' } as const,
    ]) {
      void it(`deletes nothing when a call comes to nothing (${fault.kind})`, async () => {
        await put(parked(1), parked(2));
        aws.faults.inject({ service: 'events', operation: 'PutEvents', ...fault });
        const { status, stdout, stderr } = await redriveQueue();
        assert.equal(status, 1);
        assert.equal(stdout, '0 events put, 0 left.\n');
        assert.match(
          stderr,
          fault.kind === 'error' ? /: EventBridge denied access: / : /: EventBridge is unreachable: /,
        );
        assert.deepEqual(await inQueue(), [2, 0]);
        await aws.receive(targetUrl, fault.kind === 'error' ? 0 : 2);
      });
    }

    void it('says so when an event stays in the queue though it is on the bus', async () => {
      await put(parked(1));
      aws.faults.inject({
        service: 'sqs',
        operation: 'DeleteMessageBatch',
        kind: 'error',
        status: 400,
        code: 'AccessDenied',
      });
      const { status, stdout } = await redriveQueue();
      assert.equal(status, 1);
      const [, still, summary] = linesOf(stdout);
      assert.match(
        still ?? '',
        /^still in the queue, and would be put again: chat#room-281, number 1, .*: SQS denied access/,
      );
      assert.equal(summary, '1 event put on the event bus messages, 1 of them not deleted, 0 left.');
      await aws.receive(targetUrl, 1);
    });

    void it('touches nothing where there is no such bus, which EventBridge would not have said', async () => {
      await put(parked(1));
      const { status, stdout, stderr } = await redrive(['--queue-url', queueUrl, '--event-bus', 'mesages']);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /: There is no event bus mesages in this account and region\.\n$/);
      assert.deepEqual([calls(), await inQueue()], [[], [1, 0]]);
    });

    void it('leaves what another consumer is handling', async () => {
      await put(parked(1));
      await aws.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, VisibilityTimeout: 60 }));
      assert.equal((await redriveQueue()).stdout, '0 events put, 0 left.\n');
      assert.deepEqual(await inQueue(), [0, 1]);
    });
  });

  void describe('from a file', () => {
    const logLine = (event: ParkedDocument): string =>
      JSON.stringify({
        timestamp: '2026-11-22T03:00:00.000000Z',
        level: 'ERROR',
        message: 'neither the event bus nor the fallback queue took the event',
        bus: 'unavailable: InternalFailure',
        queue: 'no answer in time',
        event: JSON.stringify(event),
      });

    void it('puts documents and logged events on the bus, in their order', async () => {
      const events = [parked(1), parked(2), parked(3)] as const;
      const file = join(folder, 'lost.log');
      const lines = [
        'START RequestId: 1 Version: $LATEST',
        logLine(events[0]),
        '',
        '{"timestamp":"…","level":"INFO","message":"published"}',
        '{"FunctionName":"f","Lost":1,"_aws":{}}',
        JSON.stringify(events[1]),
        `2026-11-22T03:00:00 ${logLine(events[2])}\r`,
      ];
      writeFileSync(file, lines.join('\n'));
      const { status, stdout, stderr } = await redrive(['--file', file, '--event-bus', BUS]);
      assert.deepEqual([status, stderr], [0, '']);
      assert.deepEqual(calls(), [events.map(entryOf)]);
      assert.match(stdout, /\n3 events put on the event bus messages, 0 left, 3 lines without an event skipped\.\n$/);
      await aws.receive(targetUrl, 3);
    });

    void it('puts many, ten to a call', async () => {
      const events = Array.from({ length: 21 }, (_, number) => parked(number));
      assert.equal((await redriveLines(events.map((event) => JSON.stringify(event)))).status, 0);
      assert.deepEqual(
        calls().map((entries) => entries.length),
        [10, 10, 1],
      );
      assert.deepEqual(calls().flat(), events.map(entryOf));
      await aws.receive(targetUrl, 21);
    });

    void it('puts them on the bus that the log names, or else on the default bus, and says so', async () => {
      const withBus = JSON.stringify({ ...(JSON.parse(logLine(parked(1))) as object), event_bus: BUS });
      const { status, stdout } = await redrive(['--file', '-'], `${withBus}\n${logLine(parked(2))}\n`);
      assert.equal(status, 0);
      assert.match(stdout, /\n2 events put on the event buses messages \(1\), default \(1\), 0 left\.\n$/);
      assert.deepEqual(
        calls().map(([entry]) => entry?.EventBusName),
        [BUS, 'default'],
      );
      await aws.receive(targetUrl, 1);
    });

    void it('names the lines that are wrong, and puts the others', async () => {
      const { status, stdout } = await redriveLines([
        logLine(parked(1)).slice(0, -9),
        logLine(parked(2)),
        '{"source":"Momento"}',
        '{"level":"ERROR","event":"[]"}',
      ]);
      assert.equal(status, 1);
      assert.match(stdout, /^left: line 1: it is not a whole JSON object \(were long lines cut\?\)$/m);
      assert.match(
        stdout,
        /^left: line 3: it does not hold a parked event, because its member detailType is not a string$/m,
      );
      assert.match(stdout, /^left: line 4: it does not hold a parked event, because it is not a JSON object$/m);
      assert.match(stdout, /\n1 event put on the event bus messages, 3 left\.\n$/);
      await aws.receive(targetUrl, 1);
    });

    void it('takes no more than it is told to, and puts nothing on trial', async () => {
      const lines = [1, 2, 3].map((number) => JSON.stringify(parked(number)));
      const { status, stdout } = await redriveLines(lines, '--limit', '2', '--dry-run');
      assert.deepEqual([status, calls()], [0, []]);
      assert.match(stdout, /\n2 events would be put on the event bus messages, 0 left\.\n$/);
    });

    void it('says from which line on to try again', async () => {
      const lines = Array.from({ length: 12 }, (_, number) => JSON.stringify(parked(number)));
      aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'late-answer', milliseconds: 1, times: 1 });
      aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'throttle' });
      const { status, stdout, stderr } = await redriveLines(['', ...lines]);
      assert.equal(status, 1);
      assert.match(stdout, /\n10 events put on the event bus messages, 0 left\.\n$/);
      assert.match(stderr, /: EventBridge answered ThrottlingException: Rate exceeded\nLines from 12 on were not put/);
      await aws.receive(targetUrl, 10);
    });

    void it('names what EventBridge rejects by its line', async () => {
      aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'failed-entry', code: 'MalformedDetail' });
      const { status, stdout } = await redriveLines([JSON.stringify(parked(1))]);
      assert.equal(status, 1);
      assert.match(stdout, /^left: line 1: EventBridge answered MalformedDetail \(Injected by a test\)$/m);
    });

    void it('says why a file cannot be read', async () => {
      const missing = await redrive(['--file', join(folder, 'none'), '--event-bus', BUS]);
      assert.equal(missing.status, 1);
      assert.match(missing.stderr, /none cannot be read: there is no such file\.\n$/);
      const directory = await redrive(['--file', folder, '--event-bus', BUS]);
      assert.match(directory.stderr, /redrive-\w+ cannot be read: it is a directory\.\n$/);
    });
  });

  const misuses: [string[], string][] = [
    [[], 'Give exactly one of --stack, --queue-url and --file.'],
    [['--queue-url', 'http://a', '--file', '-'], 'Give exactly one of --stack, --queue-url and --file.'],
    [['--file', '-', '--event-bus', ''], '--event-bus is empty.'],
    [['--file', '-', '--limit', 'all'], '--limit must be a whole number of 1 or more.'],
    [['--queue-url', 'q'], '--queue-url must be an HTTP URL.'],
    [['--file', '-', '--ignore-recorded-bus'], '--ignore-recorded-bus needs --event-bus.'],
  ];
  for (const [args, sentence] of misuses) {
    void it(`refuses ${JSON.stringify(args)}`, async () => {
      const { status, stdout, stderr } = await redrive(args);
      assert.deepEqual([status, stdout, linesOf(stderr)[0]], [2, '', `cdk-momento-eventbridge: ${sentence}`]);
    });
  }
});
