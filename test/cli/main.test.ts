import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { version } from '../../package.json';
import { linesOf, run } from './command-line';

/** A terminal's width. What is wider wraps in the middle of the column of explanations. */
const COLUMNS = 80;

void describe('the program', () => {
  void it('says what it can do, and what version it is', async () => {
    const help = await run(['--help']);
    assert.deepEqual([help.status, help.stderr], [0, '']);
    for (const name of ['show', 'doctor', 'tail', 'send-webhook', 'undelivered', 'redrive', 'verify'])
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    for (const line of linesOf(help.stdout)) assert.ok(line.length <= COLUMNS, line);
    assert.deepEqual(await run(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  void it('says it on standard error when it was not asked, and ends as misused', async () => {
    const { status, stdout, stderr } = await run([]);
    assert.deepEqual([status, stdout, stderr], [2, '', (await run(['--help'])).stdout]);
  });

  for (const name of ['show', 'doctor', 'tail', 'send-webhook', 'undelivered', 'redrive', 'verify']) {
    void it(`says what ${name} takes, in lines that fit`, async () => {
      const { status, stdout, stderr } = await run([name, '--url', '--help']);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`npx cdk-momento-eventbridge ${name} --`));
      for (const line of linesOf(stdout)) assert.ok(line.length <= COLUMNS, line);
    });
  }

  const AMBIGUOUS =
    "Option '--limit' argument is ambiguous. Did you forget to specify the option argument for '--limit'? " +
    "To specify an option argument starting with a dash use '--limit=-XYZ'.";
  const misuses: [string[], string][] = [
    [
      ['nope\u001b[2J'],
      'Unknown command nope\\u001b[2J. Commands: show, doctor, tail, send-webhook, undelivered, redrive, verify.',
    ],
    [['undelivered', '--nope'], "Unknown option '--nope'."],
    [['undelivered', '-q', 'x'], "Unknown option '-q'."],
    [['undelivered', '--json=yes'], "Option '--json' does not take an argument."],
    [['undelivered', '--json', '--json'], '--json is given more than once.'],
    [['undelivered', '--limit', '1', '--limit', '2'], '--limit is given more than once.'],
    [['undelivered', '--limit'], "Option '--limit <value>' argument missing."],
    [['undelivered', '--limit', '--json'], AMBIGUOUS],
    [['undelivered', '--limit', '-1'], AMBIGUOUS],
    [['undelivered', '--limit', 'ten'], '--limit must be a whole number of 1 or more.'],
    [['undelivered', '--limit', '0'], '--limit must be a whole number of 1 or more.'],
    [['undelivered', '--limit=-1'], '--limit must be a whole number of 1 or more.'],
    [['undelivered'], '--queue-url is missing.'],
    [['undelivered', '--queue-url='], '--queue-url is empty.'],
    [['undelivered', '--queue-url', 'my-queue'], '--queue-url must be an HTTP URL.'],
    [
      ['undelivered', '--queue-url', 'http://a', 'top', 'secret'],
      'Unexpected argument. Put a value with spaces in quotes.',
    ],
    [['undelivered', '--stack='], '--stack is empty.'],
    [['undelivered', '--stack', 's', '--queue-url', 'http://a'], 'Give exactly one of --queue-url and --stack.'],
    [['undelivered', '--stack', 's', '--queue', 'dlq'], '--queue must be dead-letter, fallback, command.'],
    [['undelivered', '--queue', 'fallback', '--queue-url', 'http://a'], '--queue needs --stack.'],
    [['undelivered', '--construct', 'In', '--queue-url', 'http://a'], '--construct needs --stack.'],
    [['redrive', '--queue', 'fallback', '--file', '-'], '--queue needs --stack.'],
    [['redrive', '--construct', 'In', '--file', '-'], '--construct needs --stack.'],
    [['show'], '--stack is missing.'],
    [['doctor'], '--stack is missing.'],
    [['doctor', '--stack', 's', '--url', 'x'], '--url must be an HTTP URL.'],
    [['tail'], 'Give exactly one of --stack and --event-bus.'],
    [['tail', '--stack', 's', '--event-bus', 'b'], 'Give exactly one of --stack and --event-bus.'],
    [['tail', '--event-bus', 'b', '--cache='], '--cache is empty.'],
    [['tail', '--event-bus', 'b', '--pattern', '[]'], '--pattern must be a JSON object.'],
    [
      ['tail', '--event-bus', 'b', '--pattern', '{}', '--cache', 'c'],
      '--pattern stands alone: put cache and topic in its detail.',
    ],
    [['verify'], '--region is missing.'],
    [['verify', '--only', 'limits,nope'], 'There is no check nope: --list shows them all.'],
    [['verify', '--region', 'us-east-1', '--architecture', 'arm'], '--architecture must be arm64 or x86_64.'],
    [['verify', '--region', 'us-east-1', '--local'], '--local needs AWS_ENDPOINT_URL: the address of a local AWS.'],
    [['undelivered', 'word'], 'Unexpected argument. Put a value with spaces in quotes.'],
  ];
  for (const [args, sentence] of misuses) {
    void it(`refuses: ${JSON.stringify(args)}`, async () => {
      const { status, stdout, stderr } = await run(args);
      assert.deepEqual([status, stdout, linesOf(stderr)[0]], [2, '', `cdk-momento-eventbridge: ${sentence}`]);
    });
  }

  void it('needs no AWS credentials to find that there are none', async () => {
    const environment = { AWS_REGION: 'us-east-1' };
    const { status, stdout, stderr } = await run(['undelivered', '--queue-url', 'http://127.0.0.1:9/0/q'], {
      environment,
    });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^cdk-momento-eventbridge: No valid AWS credentials found \(.+\)\. Set AWS_PROFILE, /);
  });

  void it('says which service is out of reach', async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    };
    const { status, stderr } = await run(
      ['redrive', '--queue-url', 'https://sqs.eu-west-1.amazonaws.com/000000000000/q'],
      { environment },
    );
    assert.equal(status, 1);
    assert.match(stderr, /^cdk-momento-eventbridge: SQS is unreachable: connect ECONNREFUSED 127\.0\.0\.1:9\n$/);
  });
});
