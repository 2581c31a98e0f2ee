/** The operators' check of the promises, on the local AWS: what it finds, and that it leaves nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CHECKS } from '../../cli/verify/checks';
import { LocalAws, LocalMomento } from '../../tools';
import { until } from '../../tools/common/until';
import { program } from '../cli/command-line';
import { resourcesOf } from './resources-of';

interface Written {
  readonly left: string | null;
  readonly checks: readonly { readonly id: string; readonly outcome: string; readonly seen: string }[];
}

/** Far more than a run takes on a slow machine: it has hung. */
const HUNG_MS = 300_000;
/** In Momento's place. */
const CACHE = 'verify';
const API_KEY = 'a-key-that-nobody-is-shown';

describe('verify, on the local AWS,', () => {
  const report = mkdtempSync(join(tmpdir(), 'verify-'));
  let aws: LocalAws;
  let momento: LocalMomento;
  before(async () => {
    momento = await LocalMomento.start({ apiKey: API_KEY, caches: [CACHE] });
    aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
  });
  after(async () => {
    await aws.stop();
    await momento.stop();
    rmSync(report, { recursive: true });
  });
  afterEach(async () => {
    aws.faults.clear();
    await momento.clearFaults();
  });

  const start = (...args: string[]): ChildProcess => {
    const always = ['verify', '--local', '--region', aws.region, '--report', report, '--momento-cache', CACHE];
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const environment = { ...aws.environment, MOMENTO_API_KEY: API_KEY, MOMENTO_ENDPOINT: momento.endpoint };
    const { command, env } = program([...always, '--architecture', architecture, ...args], environment);
    const [executable, ...rest] = command;
    return spawn(executable, rest, { env, timeout: HUNG_MS, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  /** Runs it to its end, or sends it a signal when it says that it does something. Returns its status, and all that it printed. */
  const run = async (
    args: string[],
    signal?: { readonly at: string; readonly kill: NodeJS.Signals },
    onPrinted: (printed: string) => void = () => undefined,
  ) => {
    const child = start(...args);
    let printed = '';
    let isSent = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        onPrinted(printed);
        // Once: a second one ends a run at once.
        if (!signal || isSent || !printed.includes(signal.at)) return;
        isSent = child.kill(signal.kill);
      });
    }
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, printed };
  };
  const textOf = (file: string) => readFileSync(join(report, file), 'utf8');
  const written = () => JSON.parse(textOf('verify-report.json')) as Written;
  const only = (outcome: string) =>
    written()
      .checks.filter((check) => check.outcome === outcome)
      .map(({ id }) => id);

  test('finds every promise kept that the local AWS can show, and leaves nothing', async () => {
    const { status, printed } = await run(['--yes']);
    assert.deepEqual([status, only('broken'), only('undecided')], [0, [], []], printed);
    assert.deepEqual(
      written().checks.map(({ id }) => id),
      CHECKS.map(({ id }) => id),
    );
    assert.deepEqual(only('not here'), [
      'webhook/permissions',
      'webhook/one-permission',
      'subscription/schedule',
      'api-destinations/rate-limit',
      'own-queues/parked',
      'momento/set',
      'momento/delete',
      'momento/publish',
      'performance/cold-start',
      'metrics/embedded-format',
      'metrics/alarm',
    ]);
    assert.deepEqual(await resourcesOf(aws), []);
    assert.match(printed, /KMS deletes the key of the queues in 7 days\./);
    for (const text of [printed, ...['md', 'json', 'svg'].map((ending) => textOf(`verify-report.${ending}`))]) {
      assert.ok(!text.includes(API_KEY));
    }
  });

  test('reports promises that are broken on purpose as broken, and leaves nothing', async () => {
    // The messages of webhooks do not get to the bus, and of those of the subscribed topic some are lost at Momento.
    aws.faults.inject({ service: 'events', operation: 'PutEvents', containing: 'verify#verify-', kind: 'throttle' });
    let losing: Promise<void> | undefined;
    const loseMessages = async (topic: string): Promise<void> => {
      const isThere = async () => (await momento.messages(CACHE, topic)).length > 0 || undefined;
      await until(`a message of ${topic}`, isThere, { timeoutMs: HUNG_MS });
      await momento.loseMessages(CACHE, topic, 3);
    };
    await momento.inject({ kind: 'answer', status: 400, method: 'PUT', targetPrefix: `/cache/${CACHE}?key=` });
    const ids = 'webhook/genuine,webhook/forged,subscription/hand-over,momento/set';
    const { status, printed } = await run(['--yes', '--only', ids], undefined, (printed) => {
      // The topic has the name of the run.
      const topic = /the stacks ([-\w]+)/.exec(printed)?.[1];
      if (topic !== undefined) losing ??= loseMessages(topic);
    });
    await losing;
    assert.equal(status, 3, printed);
    assert.deepEqual(only('broken'), ['webhook/genuine', 'subscription/hand-over', 'momento/set']);
    assert.deepEqual(only('held'), ['webhook/forged']);
    assert.match(textOf('verify-report.md'), /### webhook\/genuine: broken\n\n/);
    assert.deepEqual(await resourcesOf(aws), []);
  });

  const checks = ['--yes', '--only', 'limits/missing-bus,retention'];
  let kills = 0;
  for (const at of [
    'Making the bucket.',
    'Waiting for the stack of the encrypted queues.',
    'Waiting for the stack.',
    'Trying retention/update.',
    'Deleting the stack.',
    'Deleting the stack of the encrypted queues.',
    'Deleting what the stack kept',
    'Deleting the bucket.',
  ]) {
    test(`killed at "${at}", leaves only what the next one deletes`, async () => {
      const killed = await run(checks, { at, kill: 'SIGKILL' });
      assert.ok(killed.printed.includes(at), killed.printed);
      if ((await resourcesOf(aws)).length > 0) kills += 1;
      const { status, printed } = await run(['--clean-up']);
      assert.equal(status, 0, printed);
      assert.deepEqual(await resourcesOf(aws), []);
    });
  }

  test('was killed before its end, and left something to delete', () => {
    // A run that is nearly over can end by itself before the signal comes.
    assert.ok(kills >= 3, kills.toString());
  });

  test('stopped by Ctrl-C, reports what was tried, and leaves nothing', async () => {
    const { status, printed } = await run(checks, { at: 'Trying retention/update.', kill: 'SIGINT' });
    assert.equal(status, 1, printed);
    assert.deepEqual(await resourcesOf(aws), []);
    assert.deepEqual([only('held'), only('undecided')], [['limits/missing-bus'], ['retention/update']]);
  });

  test('leaves alone what gave a sign of life within ten minutes, until it is asked for', async () => {
    const Bucket = `cdk-momento-eventbridge-verify-${aws.region}-0123456789ab`;
    await aws.clients.s3.send(new CreateBucketCommand({ Bucket }));
    const { status, printed } = await run(['--yes', '--only', 'limits/missing-bus']);
    assert.equal(status, 0, printed);
    assert.match(printed, new RegExp(`The run ${Bucket} gave a sign of life`));
    assert.deepEqual(await resourcesOf(aws), [`bucket ${Bucket}`]);
    assert.match((await run(['--clean-up'])).printed, /1 earlier run deleted/);
    assert.deepEqual(await resourcesOf(aws), []);
  });
});
