import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { version } from '../../package.json';
import { linesOf, run } from './command-line';

void describe('the program', () => {
  void it('says what it can do, and what version it is', async () => {
    const help = await run(['--help']);
    assert.deepEqual([help.status, help.stderr], [0, '']);
    for (const name of ['send-webhook', 'dlq', 'redrive']) assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    assert.deepEqual(await run(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  void it('says it on standard error when it was not asked, and ends as misused', async () => {
    const { status, stdout, stderr } = await run([]);
    assert.deepEqual([status, stdout, stderr], [2, '', (await run(['--help'])).stdout]);
  });

  for (const name of ['send-webhook', 'dlq', 'redrive']) {
    void it(`says what ${name} takes, in lines that fit`, async () => {
      const { status, stdout, stderr } = await run([name, '--url', '--help']);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`npx cdk-momento-eventbridge ${name} --`));
      for (const line of linesOf(stdout)) assert.ok(line.length <= 128, line);
    });
  }

  const misuses: [string[], string][] = [
    [['nope\u001b[2J'], 'There is no command nope\\u001b[2J. There are: send-webhook, dlq, redrive.'],
    [['dlq', '--nope'], 'There is no option --nope.'],
    [['dlq', '-q', 'x'], 'There is no option -q.'],
    [['dlq', '--json=yes'], '--json takes no value.'],
    [['dlq', '--json', '--json'], '--json is given more than once.'],
    [['dlq', '--limit', '1', '--limit', '2'], '--limit is given more than once.'],
    [['dlq', '--limit'], '--limit needs a value.'],
    [['dlq', '--limit', '--json'], '--limit needs a value. One that begins with a dash is given as --limit=-….'],
    [['dlq', '--limit', 'ten'], '--limit is not a whole number of 1 or more.'],
    [['dlq', '--limit', '0'], '--limit is not a whole number of 1 or more.'],
    [['dlq', '--limit', '-1'], '--limit is not a whole number of 1 or more.'],
    [['dlq'], '--queue-url is missing.'],
    [['dlq', '--queue-url='], '--queue-url is empty.'],
    [['dlq', '--queue-url', 'my-queue'], '--queue-url is not a URL.'],
    [
      ['dlq', '--queue-url', 'http://a', 'top', 'secret'],
      'There is a word too many after --queue-url. A value with spaces in it has to stand in quotes.',
    ],
    [['dlq', 'word'], 'There is a word too many. A value with spaces in it has to stand in quotes.'],
  ];
  for (const [args, sentence] of misuses) {
    void it(`refuses: ${JSON.stringify(args)}`, async () => {
      const { status, stdout, stderr } = await run(args);
      assert.deepEqual([status, stdout, linesOf(stderr)[0]], [2, '', `cdk-momento-eventbridge: ${sentence}`]);
    });
  }

  void it('needs no AWS credentials to find that there are none', async () => {
    const environment = { AWS_REGION: 'us-east-1' };
    const { status, stdout, stderr } = await run(['dlq', '--queue-url', 'http://127.0.0.1:9/0/q'], { environment });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^cdk-momento-eventbridge: There are no AWS credentials that work \(.+\)\. Set AWS_PROFILE, /);
  });

  void it('asks for the region that it cannot know', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    const { status, stderr } = await run(['dlq', '--queue-url', 'http://127.0.0.1:9/0/q'], { environment });
    assert.equal(status, 1);
    assert.match(stderr, /: It is not known which AWS region this is about: set AWS_REGION, or give --region\.\n$/);
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
    assert.match(
      stderr,
      /^cdk-momento-eventbridge: EventBridge is out of reach: connect ECONNREFUSED 127\.0\.0\.1:9\n$/,
    );
  });
});
