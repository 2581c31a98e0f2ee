import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKS } from '../../cli/verify/checks';
import { linesOf, program, run } from './command-line';
import { runOnTerminal } from './on-a-terminal';

const ARGUMENTS = ['verify', '--region', 'eu-west-1', '--only', 'limits/missing-bus'];
// Nothing listens there: a call before the consent would fail.
const OUT_OF_REACH = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', HTTPS_PROXY: 'http://127.0.0.1:9' };
const ANNOUNCEMENT =
  /^In eu-west-1 this creates a bucket and the stacks cdk-momento-eventbridge-verify-eu-west-1-[0-9a-f]{12}\(-queues\): .*\d+ Lambda::Function.* 1 KMS::Key.*\.\nIt tries 1 promise there, and deletes everything\. At list prices it costs less than 0\.10 USD, with the KMS key/;

test('verify says what it would create and what that costs, and creates nothing where it cannot ask', async () => {
  const { status, stdout, stderr } = await run(ARGUMENTS, { environment: OUT_OF_REACH });
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, ANNOUNCEMENT);
  assert.match(stderr, /Add --yes to do it\./);
});

test('verify creates nothing when the answer is not a yes', async () => {
  const { status, shown } = await runOnTerminal(ARGUMENTS, OUT_OF_REACH, { after: 'Go on? [y/N] ', keys: 'n\\r' });
  assert.equal(status, 1);
  assert.match(shown, ANNOUNCEMENT);
  assert.match(shown, /Nothing was created\./);
});

test('verify does not take what an emulator does for what AWS does', async () => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SQS']) {
    const { status, stderr } = await run([...ARGUMENTS, '--yes'], { environment: { [name]: 'http://127.0.0.1:9' } });
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`${name} is set, so this would not ask AWS\\. Unset it, or add --local\\.`));
  }
});

test('verify sends nothing to Momento, unless it is given a cache, a key and an https URL', async () => {
  const wanted = [...ARGUMENTS, '--yes', '--momento-cache', 'mine'];
  const key = { MOMENTO_API_KEY: 'a-key-that-nobody-is-shown' };
  for (const [environment, reason] of [
    [{ ...key, MOMENTO_ENDPOINT: 'http://127.0.0.1:9' }, /--momento-cache needs MOMENTO_ENDPOINT/],
    [key, /--momento-cache needs MOMENTO_ENDPOINT/],
    [
      { MOMENTO_API_KEY: 'a key', MOMENTO_ENDPOINT: 'https://127.0.0.1:9' },
      /MOMENTO_API_KEY must be a key, without white space/,
    ],
    [{ MOMENTO_ENDPOINT: 'https://127.0.0.1:9' }, /--momento-cache needs the name of a cache, and MOMENTO_API_KEY/],
  ] as const) {
    const { status, stderr } = await run(wanted, { environment });
    assert.equal(status, 2);
    assert.match(stderr, reason);
    assert.ok(!stderr.includes(key.MOMENTO_API_KEY));
  }
});

test('verify lists its checks, without AWS', async () => {
  const { status, stdout } = await run(['verify', '--list']);
  assert.equal(status, 0);
  assert.deepEqual(
    linesOf(stdout).map((line) => line.split(' ')[0]),
    CHECKS.map(({ id }) => id),
  );
});

test('verify says what it misses where only the program is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'program-alone-'));
  try {
    const { command, env } = program(ARGUMENTS);
    const [executable, bundle = '', ...rest] = command;
    copyFileSync(bundle, join(folder, 'program.js'));
    const { status, stderr } = spawnSync(executable, ['program.js', ...rest], { cwd: folder, env, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /verify needs aws-cdk-lib and constructs beside this package: run it with npx/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
