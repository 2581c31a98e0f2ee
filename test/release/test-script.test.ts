import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';

const SCRIPT = join(__dirname, '../../scripts/test.sh');
/** All but `rust`, which calls more than npm. */
const STEPS = 'build lint constructs demo handlers performance cli deployed packages'.split(' ');

/** In the place of npm. It writes down what it is told to run, and does with it as the variables say. */
const NPM = `#!/bin/bash
echo "\${!#}" >>"$RAN"
case \${!#} in
  "$FAILS") exit 7 ;;
  "$KILLED") kill -KILL $PPID ;;
  "$WAITS") for _ in {1..600}; do sleep 0.1; done; echo "\${!#} is over" >>"$RAN" ;;
esac
`;

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly ran: readonly string[];
}

describe('npm test', () => {
  let folder = '';
  const folders: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'test-script-'));
    folders.push(folder);
    mkdirSync(join(folder, 'scripts'));
    mkdirSync(join(folder, 'bin'));
    copyFileSync(SCRIPT, join(folder, 'scripts/test.sh'));
    for (const name of ['setup.sh', 'build-handler.sh']) writeFileSync(join(folder, 'scripts', name), '');
    writeFileSync(join(folder, 'late.sh'), '');
    writeFileSync(join(folder, 'bin/npm'), NPM, { mode: 0o755 });
  });
  after(() => {
    for (const each of folders) rmSync(each, { recursive: true });
  });

  const run = (steps: readonly string[], what: { fails?: string; killed?: string; waits?: string } = {}): Run => {
    const file = join(folder, 'ran');
    const { status, stderr } = spawnSync('bash', ['scripts/test.sh', ...steps], {
      ...{ cwd: folder, encoding: 'utf8', timeout: 30_000 },
      env: {
        ...{ PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter), RAN: file },
        BASH_ENV: join(folder, 'late.sh'),
        ...{ FAILS: what.fails ?? '-', KILLED: what.killed ?? '-', WAITS: what.waits ?? '-' },
      },
    });
    return { status, stderr, ran: existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [] };
  };

  test('runs every step that is asked for, and no other', () => {
    const all = run(STEPS);
    assert.equal(all.status, 0, all.stderr);
    assert.deepEqual([...new Set(all.ran)].sort(), [
      ...['build', 'lint', 'lint:workflows', 'package', 'test:cli', 'test:constructs', 'test:demo'],
      ...['test:handler-zips', 'test:local', 'test:package', 'test:performance'],
    ]);
    rmSync(join(folder, 'ran'));
    assert.deepEqual(run(['cli', 'build']), { status: 0, stderr: '', ran: ['build', 'test:cli'] });
  });

  test('names the step that failed, and begins nothing after it', () => {
    const { status, stderr, ran } = run(STEPS, { fails: 'test:constructs' });
    assert.deepEqual([status, stderr], [1, 'failed: constructs: 7\n']);
    assert.deepEqual(ran, ['build', 'lint', 'lint:workflows', 'test:constructs']);
  });

  test('ends what runs beside a step that failed', () => {
    const { status, stderr, ran } = run(['deployed', 'cli'], { fails: 'test:cli', waits: 'test:local' });
    assert.deepEqual([status, stderr], [1, 'failed: cli: 7\n']);
    assert.ok(!ran.includes('test:local is over'), ran.join());
  });

  test('fails when what runs the steps is killed, before or while it waits for it', () => {
    for (const seconds of ['0', '0.3']) {
      // Every bash reads this file first, so the script waits in its turn for what has ended already.
      writeFileSync(join(folder, 'late.sh'), `wait() { sleep ${seconds}; builtin wait "$@"; }\n`);
      const { status, stderr } = run(['deployed', 'cli'], { killed: 'test:cli' });
      assert.equal(status, 1);
      assert.match(stderr, /^failed: a lane of 'performance deployed \| cli \| packages': 137$/m);
    }
  });

  test('says which steps there are when it is asked for another', () => {
    const { status, stderr, ran } = run(['clli']);
    assert.deepEqual([status, ran], [2, []]);
    for (const step of ['rust', ...STEPS]) assert.match(stderr, new RegExp(`^ +${step} `, 'm'));
  });
});
