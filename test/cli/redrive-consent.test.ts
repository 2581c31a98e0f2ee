import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { run } from './command-line';
import { runOnTerminal } from './on-a-terminal';
import { parked } from './parked';
import { StandInAws } from './stand-in-aws';

const BUS = 'arn:aws:events:eu-west-1:000000000000:event-bus/messages';
const QUESTION = /This puts (about|at least) 101 events on the event bus\. Go on\? \[y\/N\]/;
const REFUSAL =
  /: This would put (about|at least) 101 events on the event bus: add --yes to do it, or --limit to put fewer\./;

void describe('redrive of more than 100 events', () => {
  const folder = mkdtempSync(join(tmpdir(), 'consent-'));
  const file = join(folder, 'events');
  let aws: StandInAws;

  beforeEach(async () => {
    aws = await StandInAws.start();
  });
  afterEach(() => {
    aws.stop();
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const fill = (count: number): void => {
    const events = Array.from({ length: count }, (_, number) => parked(number));
    for (const event of events) aws.send(event, { EventBus: BUS }, Date.now() - 60_000);
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  };
  const sources: readonly (readonly [string, () => string[]])[] = [
    ['a queue', () => ['--queue-url', aws.queueUrl]],
    ['a file', () => ['--file', file, '--event-bus', BUS]],
  ];
  const typing = (keys: string) => ({ after: '[y/N]', keys });

  for (const [name, source] of sources) {
    void it(`from ${name}: puts none without a terminal, and says how to`, async () => {
      fill(101);
      const { status, stderr } = await run(['redrive', ...source()], { environment: aws.environment });
      assert.equal(status, 2);
      assert.match(stderr, REFUSAL);
      assert.deepEqual([aws.onTheBus.length, aws.queue.filter(({ hidden }) => hidden)], [0, []]);
    });

    void it(`from ${name}: asks on a terminal, and puts none for a no`, async () => {
      fill(101);
      // The last two are Ctrl-C and Ctrl-D.
      for (const keys of ['n\\n', '\\n', 'what?\\n', '\\x03', '\\x04']) {
        const { status, shown } = await runOnTerminal(['redrive', ...source()], aws.environment, typing(keys));
        assert.equal(status, 1, shown);
        assert.match(shown, QUESTION);
        assert.match(shown, /: Nothing more was put on the event bus\.\n/);
      }
      assert.deepEqual([aws.onTheBus.length, aws.queue.filter(({ hidden }) => hidden)], [0, []]);
    });

    void it(`from ${name}: asks once, and puts all for a yes`, async () => {
      fill(101);
      const { status, shown } = await runOnTerminal(['redrive', ...source()], aws.environment, typing('y\\n'));
      assert.equal(status, 0, shown);
      assert.equal(shown.split('Go on?').length, 2);
      assert.equal(aws.onTheBus.length, 101);
    });

    for (const args of [['--yes'], ['--limit', '100'], ['--dry-run']]) {
      void it(`from ${name}: does not ask with ${args.join(' ')}`, async () => {
        fill(101);
        const { status, stderr } = await run(['redrive', ...source(), ...args], { environment: aws.environment });
        assert.deepEqual([status, stderr], [0, '']);
        assert.equal(aws.onTheBus.length, args[0] === '--dry-run' ? 0 : args[0] === '--yes' ? 101 : 100);
      });
    }

    void it(`from ${name}: does not ask for 100`, async () => {
      fill(100);
      const { status, stderr } = await run(['redrive', ...source()], { environment: aws.environment });
      assert.deepEqual([status, stderr, aws.onTheBus.length], [0, '', 100]);
    });
  }

  void it('asks even where SQS says that there are fewer', async () => {
    fill(101);
    aws.stated = 90;
    const { status, stderr } = await run(['redrive', '--queue-url', aws.queueUrl], { environment: aws.environment });
    assert.equal(status, 2);
    assert.match(stderr, REFUSAL);
    assert.deepEqual([aws.onTheBus.length, aws.queue.filter(({ hidden }) => hidden)], [100, []]);
  });
});
