import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { linesOf, run, type Run, start } from './command-line';
import { parked } from './parked';
import { type Answer, type PutEntry, StandInAws } from './stand-in-aws';

const BUS = 'messages';
const RULES = 'arn:aws:events:eu-west-1:000000000000:rule';

void describe('redrive of a queue', () => {
  let aws: StandInAws;
  beforeEach(async () => {
    aws = await StandInAws.start();
  });
  afterEach(() => {
    aws.stop();
  });

  const args = (...more: string[]): string[] => ['redrive', '--queue-url', aws.queueUrl, ...more];
  const redrive = (...more: string[]): Promise<Run> => run(args(...more), { environment: aws.environment });
  /** Messages that were in the queue long before. */
  const send = (count: number): void => {
    for (let number = 0; number < count; number += 1) {
      aws.send(parked(number), { EventBus: BUS }, Date.now() - 60_000);
    }
  };
  const hidden = (): number => aws.queue.filter((message) => message.hidden).length;
  const command = (detail: string, more = ''): string =>
    `{"version":"0","detail-type":"cacheSet","source":"orders","time":"2023-05-04T17:01:39Z",${more}"detail":${detail}}`;

  void describe('ends:', () => {
    /** A target that fails again: what was put is in the queue once more. */
    const comeBack = (entries: readonly PutEntry[]): void => {
      for (const { Detail } of entries) aws.send(command(Detail), { RULE_ARN: `${RULES}/${BUS}/rule` });
    };

    void it('it takes what was there when it began, and says how much came back', async () => {
      send(2);
      aws.afterPut = comeBack;
      const { status, stdout } = await redrive();
      assert.equal(status, 0);
      assert.equal(aws.onTheBus.length, 2);
      assert.match(
        stdout,
        /\n2 events put on the event bus messages, 0 left\.\n2 more messages came in, or came back, after this began: left in the queue\./,
      );
      assert.deepEqual([aws.queue.length, hidden()], [2, 0]);
    });

    void it('messages that were sent in the second in which it began are taken once', async () => {
      for (const number of [1, 2, 3]) aws.send(parked(number), { EventBus: BUS });
      aws.afterPut = comeBack;
      assert.equal((await redrive()).status, 0);
      assert.deepEqual([aws.onTheBus.length, aws.queue.length, hidden()], [3, 3, 0]);
    });

    void it('new messages that never stop do not keep it up', async () => {
      send(25);
      aws.answer = ({ operation }) => {
        if (operation === 'ReceiveMessage') {
          for (let number = 0; number < 20; number += 1) aws.send(parked(number), {}, Date.now() + 1);
        }
        return undefined;
      };
      assert.equal((await redrive()).status, 0);
      assert.equal(aws.onTheBus.length, 25);
    });

    void it('but not before the queue is empty, though SQS finds nothing at times', async () => {
      send(25);
      let receives = 0;
      aws.answer = ({ operation }) => {
        if (operation !== 'ReceiveMessage') return undefined;
        receives += 1;
        return receives % 3 === 1 ? undefined : { result: {} };
      };
      const { status } = await redrive();
      assert.deepEqual([status, aws.onTheBus.length, aws.queue.length], [0, 25, 0]);
    });

    void it('nor before what it left comes up again', async () => {
      for (let number = 0; number < 10; number += 1) aws.send('not an event', {}, 0);
      send(15);
      aws.answer = ({ operation }) => {
        // The time for which the first ten are invisible is over.
        if (operation === 'ReceiveMessage' && aws.count(operation) === 2) {
          for (const message of aws.queue) message.hidden = false;
        }
        return undefined;
      };
      const { status } = await redrive();
      assert.deepEqual([status, aws.onTheBus.length, aws.queue.length, hidden()], [1, 15, 10, 0]);
    });

    void it('and fails if SQS never handed out what it had counted', async () => {
      send(2);
      aws.stated = 7;
      const { status, stdout } = await redrive();
      assert.equal(status, 1);
      assert.match(stdout, /\nAbout 5 messages of the queue could not be received, .*run this again\.\n$/);
    });
  });

  void describe('stops without a loss:', () => {
    /** Every message is on the bus or in the queue; those that are both are copies. */
    const copies = (total: number): number => {
      const onTheBus = aws.onTheBus.map(({ Detail }) => Detail);
      const inQueue = aws.queue.map(({ body }) => (JSON.parse(body) as { detail: string }).detail);
      assert.equal(new Set([...onTheBus, ...inQueue]).size, total);
      return onTheBus.length + inQueue.length - total;
    };

    void it('when the bus is deleted meanwhile, as with its stack: EventBridge takes events for it, and drops them', async () => {
      send(25);
      aws.answer = ({ operation }) => {
        if (operation !== 'DescribeEventBus') return undefined;
        // The first batch was put in time.
        return aws.count('PutEvents') > 1 ? { error: 'ResourceNotFoundException' } : undefined;
      };
      const { status, stdout } = await redrive();
      assert.equal(status, 1);
      assert.match(stdout, /left: .*: its event bus was deleted meanwhile\n/);
      assert.match(stdout, /\n10 events put .*, 15 left\.\n/);
      assert.deepEqual([aws.queue.length, hidden()], [15, 0]);
    });

    void it('with a failure, when its output is closed', async () => {
      send(500);
      const child = start([...args(), '--yes'], aws.environment);
      child.stdout.once('data', () => child.stdout.destroy());
      const [status] = (await once(child, 'exit')) as [number];
      assert.equal(status, 1);
      assert.ok(aws.queue.length > 400, 'it went on');
      assert.deepEqual([copies(500), hidden()], [0, 0]);
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      void it(`on ${signal}, after the batch, and puts back what it holds`, async () => {
        aws.send('not an event', {}, 0);
        send(500);
        const child = start([...args(), '--yes'], aws.environment);
        aws.afterPut = (entries) => {
          // Once: a second one ends it at once. It may hear of it some calls later.
          if (aws.onTheBus.length === entries.length) child.kill(signal);
        };
        const stderr = child.stderr.toArray() as Promise<Buffer[]>;
        const [status] = (await once(child, 'exit')) as [number];
        assert.equal(status, 1);
        assert.match(Buffer.concat(await stderr).toString(), new RegExp(`: Stopped before the end: ${signal}\\.`));
        assert.equal(aws.queue.shift()?.body, 'not an event');
        assert.ok(aws.queue.length > 400, 'it went on');
        assert.deepEqual([copies(500), hidden()], [0, 0]);
      });
    }

    void it('killed between the bus and the queue, it leaves a copy at most', async () => {
      send(25);
      const child = start(args(), aws.environment);
      aws.answer = ({ operation }) => {
        if (operation !== 'DeleteMessageBatch') return undefined;
        child.kill('SIGKILL');
        return 'silence';
      };
      await once(child, 'exit');
      assert.equal(copies(25), 10);
    });

    void it('killed before the answer of the bus, too', async () => {
      send(25);
      const child = start(args(), aws.environment);
      aws.afterPut = () => child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal(copies(25), 10);
    });
  });

  void describe('puts each message on the bus that it belongs to:', () => {
    const OTHER = 'arn:aws:events:us-east-1:111111111111:event-bus/other';
    const owners: [string, Record<string, string>, string][] = [
      ['which the handler names', { EventBus: BUS }, BUS],
      ['which the handler gives by its ARN', { EventBus: OTHER }, OTHER],
      [
        'that of the rule',
        { RULE_ARN: `${RULES}/orders/rule` },
        'arn:aws:events:eu-west-1:000000000000:event-bus/orders',
      ],
      [
        'the default bus, if the rule is on it',
        { RULE_ARN: `${RULES}/rule` },
        'arn:aws:events:eu-west-1:000000000000:event-bus/default',
      ],
      [
        "a partner's",
        { RULE_ARN: `${RULES}/aws.partner/saas/1/rule` },
        'arn:aws:events:eu-west-1:000000000000:event-bus/aws.partner/saas/1',
      ],
    ];
    for (const [what, attributes, bus] of owners) {
      void it(what, async () => {
        aws.send(parked(1), attributes);
        const { status, stdout } = await redrive();
        assert.equal(status, 0);
        assert.deepEqual([aws.onTheBus.map(({ EventBusName }) => EventBusName), aws.queue.length], [[bus], 0]);
        assert.ok(stdout.endsWith(`1 event put on the event bus ${bus}, 0 left.\n`), stdout);
      });
    }

    void it('in the region of that bus', async () => {
      aws.send(parked(1), { EventBus: OTHER });
      await redrive();
      const regionOf = (operation: string) => aws.calls.find((call) => call.operation === operation)?.region;
      assert.deepEqual([regionOf('ReceiveMessage'), regionOf('PutEvents')], ['eu-west-1', 'us-east-1']);
    });

    void it('several buses, each with its own', async () => {
      aws.send(parked(1), { EventBus: 'a' });
      aws.send(parked(2), { EventBus: 'b' });
      aws.send(parked(3), { EventBus: 'a' });
      assert.match((await redrive()).stdout, /\n3 events put on the event buses a \(2\), b \(1\), 0 left\.\n$/);
    });

    for (const attributes of [{}, { RULE_ARN: 'rule' }] as Record<string, string>[]) {
      void it(`and leaves one that names none (${JSON.stringify(attributes)}), rather than guess`, async () => {
        aws.send(parked(1), { Reason: 'unavailable: ThrottlingException', ...attributes });
        const { status, stdout } = await redrive();
        assert.deepEqual([status, aws.onTheBus.length, aws.queue.length, hidden()], [1, 0, 1, 0]);
        assert.match(
          stdout,
          /^left: .*: it does not say which event bus it belongs to: give --event-bus\n0 events put, 1 left/,
        );
        assert.equal((await redrive('--event-bus', BUS)).status, 0);
        assert.equal(aws.onTheBus[0]?.EventBusName, BUS);
      });
    }

    void it('whatever --event-bus says, unless it is told to ignore that', async () => {
      aws.send(parked(1), { EventBus: BUS });
      const { status, stdout } = await redrive('--event-bus', 'elsewhere');
      assert.deepEqual([status, aws.onTheBus.length, aws.queue.length], [1, 0, 1]);
      assert.match(
        stdout,
        /^left: .*: it belongs to the event bus messages, not elsewhere: omit --event-bus, or add --ignore/,
      );
      assert.equal((await redrive('--event-bus', 'elsewhere', '--ignore-recorded-bus')).status, 0);
      assert.deepEqual([aws.onTheBus[0]?.EventBusName, aws.queue.length], ['elsewhere', 0]);
    });

    void it('by name or ARN alike', async () => {
      aws.send(parked(1), { EventBus: BUS });
      const arn = `arn:aws:events:eu-west-1:000000000000:event-bus/${BUS}`;
      assert.equal((await redrive('--event-bus', arn)).status, 0);
    });

    void it('and one that names a bus which does not exist costs only itself', async () => {
      aws.send(parked(1), { EventBus: 'gone' });
      aws.send(parked(2), { EventBus: BUS });
      aws.answer = ({ operation, input }): Answer | undefined =>
        operation === 'DescribeEventBus' && input.Name === 'gone' ? { error: 'ResourceNotFoundException' } : undefined;
      const { status, stdout } = await redrive();
      assert.deepEqual([status, aws.onTheBus.length, aws.queue.length], [1, 1, 1]);
      assert.match(
        stdout,
        /left: .*: its event bus cannot be used: There is no event bus gone in this account and region\./,
      );
    });
  });

  void describe('passes on text as text:', () => {
    const details: [string, string][] = [
      ['numbers beyond 2^53', '{"orderId":1524831183200260097,"total":12345678901234567890,"price":1.10,"big":1e400}'],
      ['repeated members', '{"a":1,"a":2,"__proto__":{"b":1}}'],
      ['white space and escapes', '{ "a" :\t"\\u0041\\/\\ud83d\\ude00" }'],
      ['half of an emoji', '{"a":"\\ud83d"}'],
      ['brackets, quotes and commas in strings', '{"a":"}],{[\\"\\\\","b":["x,y",{"c":"\\\\\\""}]}'],
    ];
    for (const [what, detail] of details) {
      void it(what, async () => {
        aws.send(command(detail), { EventBus: BUS });
        aws.send({ ...parked(1), detail }, { EventBus: BUS });
        assert.equal((await redrive()).status, 0);
        assert.deepEqual(
          aws.onTheBus.map(({ Detail }) => Detail),
          [detail, detail],
        );
      });
    }

    void it('and the resources', async () => {
      aws.send(command('{}', '"resources":["arn:aws:s3:::bucket","b"],'), { EventBus: BUS });
      assert.equal((await redrive()).status, 0);
      assert.deepEqual(aws.onTheBus[0]?.Resources, ['arn:aws:s3:::bucket', 'b']);
    });

    void it('and leaves what two readers could read as two things', async () => {
      aws.send(command('{"a":1}', '"detail":{"b":2},'), { EventBus: BUS });
      const { status, stdout } = await redrive();
      assert.deepEqual([status, aws.onTheBus.length, aws.queue.length], [1, 0, 1]);
      assert.match(stdout, /it is not an event, because its member detail is there more than once/);
    });
  });

  void it('lets one bad event cost itself, not its batch', async () => {
    send(10);
    aws.answer = ({ operation, input }) => {
      const entries = (input.Entries ?? []) as PutEntry[];
      const isBad =
        operation === 'PutEvents' && entries.some(({ Detail }) => Detail.includes('"topic_sequence_number": 4,'));
      return isBad ? { error: 'ValidationException' } : undefined;
    };
    const { status, stdout } = await redrive();
    assert.deepEqual([status, aws.onTheBus.length, aws.queue.length, hidden()], [1, 9, 1, 0]);
    assert.match(stdout, /^left: chat#room-281, number 4, .*: EventBridge answered ValidationException: scripted$/m);
  });

  for (const [what, answer, complaint] of [
    ['does not answer', 'silence', /unreachable: .*10000 ms/],
    ['does not end its answer', 'endless', /answered more than \d+ bytes/],
  ] as const) {
    void it(`ends when the bus ${what}, and puts back what it holds`, async () => {
      send(2);
      aws.answer = ({ operation }) => (operation === 'PutEvents' ? answer : undefined);
      const { status, stderr } = await redrive();
      assert.deepEqual([status, aws.queue.length, hidden()], [1, 2, 0]);
      assert.match(stderr, complaint);
    });
  }

  void describe('takes for done only what it has a receipt for:', () => {
    const answers: [string, string, unknown, number][] = [
      ['results without ids', 'PutEvents', { FailedEntryCount: 0, Entries: [{}, {}] }, 2],
      ['empty ids', 'PutEvents', { FailedEntryCount: 0, Entries: [{ EventId: '' }, { EventId: '' }] }, 2],
      ['fewer results than events', 'PutEvents', { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }, 2],
      ['more results than events', 'PutEvents', { Entries: ['a', 'b', 'c'].map((EventId) => ({ EventId })) }, 2],
      ['an empty answer of the bus', 'PutEvents', {}, 2],
      ['a bus without an ARN', 'DescribeEventBus', {}, 2],
    ];
    for (const [what, operation, result, left] of answers) {
      void it(what, async () => {
        send(2);
        aws.answer = (call) => (call.operation === operation ? { result } : undefined);
        const { status, stdout } = await redrive();
        assert.equal(status, 1);
        assert.deepEqual([aws.queue.length, hidden(), aws.count('DeleteMessageBatch')], [left, 0, 0]);
        assert.match(stdout, /\n0 events put, 2 left\.\n$/);
      });
    }

    void it('a deletion that SQS does not confirm', async () => {
      send(2);
      aws.answer = ({ operation }) =>
        operation === 'DeleteMessageBatch' ? { result: { Successful: [{ Id: '1' }] } } : undefined;
      const { status, stdout } = await redrive();
      assert.equal(status, 1);
      assert.match(stdout, /^still in the queue, .*, number 0, .*: SQS did not confirm that it is deleted$/m);
      assert.match(
        linesOf(stdout).at(-1) ?? '',
        /^2 events put on the event bus messages, 1 of them not deleted, 0 left\.$/,
      );
    });

    void it('a message without a receipt', async () => {
      send(1);
      aws.answer = ({ operation }) =>
        operation === 'ReceiveMessage'
          ? { result: { Messages: [{ Body: '{}', MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b' }] } }
          : undefined;
      const { status, stderr } = await redrive();
      assert.equal(status, 1);
      assert.match(stderr, /: SQS answered with an incomplete message\.\n$/);
    });
  });
});
