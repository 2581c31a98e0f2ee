import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CreateEventBusCommand, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListQueuesCommand, TagQueueCommand } from '@aws-sdk/client-sqs';
import { type Call, LocalAws } from '../../tools';
import { until } from '../../tools/common/until';
import { linesOf, run, start } from './command-line';
import { runOnTerminal } from './on-a-terminal';
import { TEXT } from './parked';

const BUS = 'messages';
const PREFIX = 'cdk-momento-eventbridge-tap-';
const LISTENING = 'from now on; Ctrl-C ends it.';

void describe('tail', () => {
  let aws: LocalAws;

  before(async () => {
    aws = await LocalAws.start({ behindFaultProxy: true });
    await aws.clients.events.send(new CreateEventBusCommand({ Name: BUS }));
  });
  after(async () => {
    await aws.stop();
  });
  beforeEach(() => {
    aws.faults.clear();
  });

  const environment = () => ({ ...aws.environment, AWS_ENDPOINT_URL: aws.faults.endpoint });
  const startTail = (...args: string[]) => start(['tail', '--event-bus', BUS, ...args], environment());
  /** What the process prints, and how it ends. */
  const outcome = async (child: ChildProcessWithoutNullStreams) => {
    const exit = once(child, 'close') as Promise<[number | null, string | null]>;
    const [stdout, stderr] = await Promise.all(
      [child.stdout, child.stderr].map(async (stream) =>
        Buffer.concat((await stream.toArray()) as Buffer[]).toString(),
      ),
    );
    const [status, signal] = await exit;
    return { status, signal, stdout: stdout ?? '', stderr: stderr ?? '' };
  };
  /** Waits until the tail that was started last listens: another may be listening already. */
  const isListening = () =>
    until('the tail to listen', () => {
      const [created] = aws.faults.calls('sqs', 'CreateQueue').slice(-1);
      const { QueueName } = (created?.input ?? {}) as { QueueName?: string };
      const isItsOwn = ({ input }: Call) => (input as { QueueUrl: string }).QueueUrl.endsWith(`/${QueueName ?? ''}`);
      const listens = created !== undefined && aws.faults.calls('sqs', 'ReceiveMessage').some(isItsOwn);
      return Promise.resolve(listens || undefined);
    });
  const put = async (...events: { source?: string; detailType?: string; detail: object; bus?: string }[]) => {
    const Entries = events.map(({ source = 'Momento', detailType = 'chat#room-281', detail, bus = BUS }) => ({
      EventBusName: bus,
      Source: source,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    }));
    await aws.clients.events.send(new PutEventsCommand({ Entries }));
  };
  const message = (number: number, fields = {}) => ({
    detail: { cache: 'chat', topic: 'room-281', topic_sequence_number: number, text: TEXT, ...fields },
  });
  /** The temporary queues and rules that are there. */
  const leftovers = async (): Promise<{ queues: string[]; rules: string[] }> => {
    const { QueueUrls = [] } = await aws.clients.sqs.send(new ListQueuesCommand({ QueueNamePrefix: PREFIX }));
    const buses = [BUS, 'default'].map((EventBusName) => new ListRulesCommand({ EventBusName, NamePrefix: PREFIX }));
    const lists = await Promise.all(buses.map((list) => aws.clients.events.send(list)));
    const rules = lists.flatMap(({ Rules = [] }) => Rules.map(({ Name = '' }) => Name));
    return { queues: QueueUrls.map((url) => url.slice(url.lastIndexOf('/') + 1)), rules };
  };
  const NOTHING = { queues: [], rules: [] };
  /** Makes what is left look as if nobody had used it for a while. */
  const letAge = async (): Promise<void> => {
    const { QueueUrls = [] } = await aws.clients.sqs.send(new ListQueuesCommand({ QueueNamePrefix: PREFIX }));
    const Tags = { 'cdk-momento-eventbridge:alive-until': new Date(Date.now() - 1_000).toISOString() };
    for (const QueueUrl of QueueUrls) await aws.clients.sqs.send(new TagQueueCommand({ QueueUrl, Tags }));
  };
  /** Starts one, ends it as Ctrl-C does, and returns how it ended. */
  const startAndInterrupt = async () => {
    aws.faults.clear();
    const child = startTail();
    const ended = outcome(child);
    await isListening();
    child.kill('SIGINT');
    return ended;
  };

  void it('shows JSON lines where there is no terminal, without texts, and ends after --limit', async () => {
    const ended = outcome(startTail('--limit', '2'));
    await isListening();
    await put({ source: 'orders', detail: { cache: 'chat' } }, message(1), message(2));
    const { status, stdout, stderr } = await ended;
    assert.deepEqual([status, stderr], [0, `Events of the event bus messages ${LISTENING}\n`]);
    const shown = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    const facts = shown.map(({ eventId, publishedAt, ...rest }) => {
      assert.match(String(eventId), /^[-\da-f]{36}$/);
      assert.match(String(publishedAt), /^20/);
      return rest;
    });
    const same = { detailType: 'chat#room-281', source: 'Momento', cache: 'chat', topic: 'room-281' };
    const byNumber = facts.sort((a, b) => Number(a.topicSequenceNumber) - Number(b.topicSequenceNumber));
    assert.deepEqual(
      byNumber,
      [1, 2].map((topicSequenceNumber) => ({ ...same, topicSequenceNumber })),
    );
    assert.deepEqual(await leftovers(), NOTHING);
  });

  void it('shows the whole event where the text is asked for, and no character that a terminal obeys', async () => {
    const ended = outcome(startTail('--limit', '1', '--show-text'));
    await isListening();
    await put({ detail: { cache: 'chat', topic: 'room-281', text: TEXT, big: 'b\u009b' } });
    const { stdout } = await ended;
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u007f-\u009f\u202e]/);
    const { text, event } = JSON.parse(stdout) as { text: string; event: { detail: Record<string, unknown> } };
    assert.deepEqual([text, event.detail.text, event.detail.big], [TEXT, TEXT, 'b\u009b']);
  });

  const filters: [string[], number[]][] = [
    [
      ['--cache', 'chat'],
      [1, 2],
    ],
    [
      ['--topic', 'room-281'],
      [1, 3],
    ],
    [['--cache', 'chat', '--topic', 'room-281'], [1]],
    [
      ['--pattern', '{"detail":{"topic_sequence_number":[{"numeric":[">",1]}]}}'],
      [2, 3],
    ],
  ];
  for (const [args, numbers] of filters) {
    void it(`shows only ${args.join(' ')}`, async () => {
      const child = startTail(...args);
      const ended = outcome(child);
      await isListening();
      await put(message(1), message(2, { topic: 'other' }), message(3, { cache: 'other' }));
      await put({ ...message(1), bus: 'default' });
      await until('the events', () =>
        Promise.resolve(aws.faults.calls('sqs', 'DeleteMessageBatch').length > 0 || undefined),
      );
      child.kill('SIGINT');
      const shown = linesOf((await ended).stdout).map(
        (line) => (JSON.parse(line) as { topicSequenceNumber: number }).topicSequenceNumber,
      );
      assert.deepEqual(shown.sort(), numbers);
    });
  }

  void it('shows colours on a terminal, which the event cannot change, and ends by Ctrl-C', async () => {
    const ended = runOnTerminal(['tail', '--event-bus', BUS, '--show-text'], environment(), {
      after: '  text: ',
      keys: '\\x03',
    });
    await isListening();
    await put({ ...message(4), detailType: 'a\u001b[2Jb' });
    const { status, shown } = await ended;
    assert.equal(status, 0, shown);
    assert.match(
      shown,
      /\u001b\[2m20\S+Z\u001b\[0m \u001b\[36ma\\u001b\[2Jb\u001b\[0m, source Momento, cache chat, topic room-281, number 4\n {2}text: Here I am, \\u001b\[31mred\\u202e!!\n/,
    );
    assert.deepEqual(await leftovers(), NOTHING);
  });

  void it('shows no colours where they are not wanted', async () => {
    const typed = { after: 'number 5', keys: '\\x03' };
    const ended = runOnTerminal(['tail', '--event-bus', BUS], { ...environment(), NO_COLOR: '1' }, typed);
    await isListening();
    await put(message(5));
    assert.match((await ended).shown, /\n20\S+Z chat#room-281, source Momento, cache chat, topic room-281, number 5\n/);
  });

  void it('leaves nothing when its output is closed', async () => {
    const child = startTail();
    const exit = once(child, 'exit') as Promise<[number]>;
    child.stdout.destroy();
    await isListening();
    await put(message(1));
    assert.deepEqual([(await exit)[0], await leftovers()], [0, NOTHING]);
  });

  void it('says that there is no such bus, or that the pattern is invalid, and leaves nothing', async () => {
    const missing = await run(['tail', '--event-bus', 'gone'], { environment: environment() });
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /: There is no event bus gone in this account and region\.\n$/);
    aws.faults.inject({
      service: 'events',
      operation: 'PutRule',
      kind: 'error',
      status: 400,
      code: 'InvalidEventPatternException',
    });
    const invalid = await outcome(startTail('--pattern', '{"source":"x"}'));
    assert.equal(invalid.status, 1);
    assert.match(invalid.stderr, /: EventBridge answered InvalidEventPatternException: /);
    assert.deepEqual(await leftovers(), NOTHING);
  });

  // Every call that it makes, in this order, is a point where it can end.
  const CALLS = [
    ['events', 'DescribeEventBus'],
    ['sqs', 'ListQueues'],
    ['sqs', 'CreateQueue'],
    ['events', 'PutRule'],
    ['events', 'PutTargets'],
    ['sqs', 'ReceiveMessage'],
    ['events', 'RemoveTargets'],
    ['events', 'DeleteRule'],
    ['sqs', 'GetQueueUrl'],
    ['sqs', 'DeleteQueue'],
  ] as const;

  void it('makes no other calls than those at which the tests below end it', async () => {
    const { status } = await startAndInterrupt();
    assert.equal(status, 0);
    const made = aws.faults.calls().map(({ service = '', operation = '' }) => `${service} ${operation}`);
    assert.deepEqual(
      [...new Set(made)],
      CALLS.map((call) => call.join(' ')),
    );
  });

  for (const [service, operation] of CALLS) {
    void it(`leaves nothing at once after Ctrl-C at ${operation}`, async () => {
      // The calls of the end are made once it has been asked to end, which the first signal does. A second SIGINT would end it at
      // once, as it should, so there is only one, and it comes while the call waits for its answer.
      const isOfTheEnd = CALLS.findIndex((call) => call[1] === operation) > 5;
      let isArmed = !isOfTheEnd;
      let child: ChildProcessWithoutNullStreams | undefined = undefined;
      aws.faults.chooseBy((call) => {
        if (isArmed && call.operation === operation) {
          isArmed = false;
          child?.kill('SIGINT');
        }
        return undefined;
      });
      child = startTail();
      const ended = outcome(child);
      if (isOfTheEnd) {
        await isListening();
        isArmed = true;
        child.kill('SIGTERM');
      }
      const { status, stderr } = await ended;
      assert.equal(status, 0, stderr);
      assert.deepEqual(await leftovers(), NOTHING);
    });

    for (const kind of ['kill-before', 'kill-after'] as const) {
      void it(`leaves nothing after the next start, ${kind === 'kill-before' ? 'killed before' : 'killed after'} ${operation}`, async () => {
        const child = startTail();
        aws.faults.inject({ service, operation, kind, times: 1 });
        const ended = outcome(child);
        if (CALLS.findIndex((call) => call[1] === operation) > 5) {
          await isListening();
          child.kill('SIGINT');
        }
        assert.equal((await ended).signal, 'SIGKILL');
        await letAge();
        assert.equal((await startAndInterrupt()).status, 0);
        assert.deepEqual(await leftovers(), NOTHING);
      });
    }
  }

  const CLEANING = [
    ['sqs', 'ListQueueTags'],
    ['events', 'RemoveTargets'],
    ['events', 'DeleteRule'],
    ['sqs', 'GetQueueUrl'],
    ['sqs', 'DeleteQueue'],
  ] as const;
  for (const [service, operation] of CLEANING) {
    void it(`leaves nothing after the next start, killed after ${operation} while it removes what another left`, async () => {
      aws.faults.inject({ service: 'sqs', operation: 'ReceiveMessage', kind: 'kill-after', times: 1 });
      await outcome(startTail());
      await letAge();
      aws.faults.clear();
      aws.faults.inject({ service, operation, kind: 'kill-after', times: 1 });
      assert.equal((await outcome(startTail())).signal, 'SIGKILL');
      assert.equal((await startAndInterrupt()).status, 0);
      assert.deepEqual(await leftovers(), NOTHING);
    });
  }

  void it('leaves what was used in the last 10 minutes to others', async () => {
    aws.faults.inject({ service: 'sqs', operation: 'ReceiveMessage', kind: 'kill-after', times: 1 });
    await outcome(startTail());
    const left = await leftovers();
    assert.deepEqual([left.queues.length, left.rules], [1, left.queues]);
    await startAndInterrupt();
    assert.deepEqual(await leftovers(), left);
    await letAge();
    await startAndInterrupt();
  });

  void it('does not disturb another that is running', async () => {
    const first = startTail('--limit', '1');
    const ended = outcome(first);
    await isListening();
    assert.equal((await startAndInterrupt()).status, 0);
    assert.equal((await leftovers()).queues.length, 1);
    await put(message(6));
    assert.match((await ended).stdout, /"topicSequenceNumber":6/);
    assert.deepEqual(await leftovers(), NOTHING);
  });

  void it('goes on where it may not look for what others left, and says so', async () => {
    aws.faults.inject({ service: 'sqs', operation: 'ListQueues', kind: 'error', status: 400, code: 'AccessDenied' });
    const child = startTail();
    const ended = outcome(child);
    await isListening();
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    assert.equal(status, 0);
    assert.match(stderr, /^warning: What an earlier run may have left was not removed: SQS denied access: /);
  });

  void it('says what it could not remove', async () => {
    aws.faults.inject({ service: 'events', operation: 'DeleteRule', kind: 'error', status: 400, code: 'AccessDenied' });
    const child = startTail();
    const ended = outcome(child);
    await isListening();
    child.kill('SIGINT');
    const { stderr } = await ended;
    assert.match(
      stderr,
      /warning: The temporary rule and queue cdk-momento-eventbridge-tap-[\da-f]{16} could not be removed: EventBridge denied access: /,
    );
    await letAge();
    await startAndInterrupt();
    assert.deepEqual(await leftovers(), NOTHING);
  });
});
