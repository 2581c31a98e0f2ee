import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tools/common/until';

type Run = (report: (done: number, total: number) => void, signal: AbortSignal) => Promise<void>;
interface Tasks {
  runTogether(
    tasks: readonly { readonly name: string; readonly run: Run }[],
    output: { write(text: string): void; readonly isTTY?: boolean; readonly columns?: number },
    lineMs?: number,
  ): Promise<void>;
  cargoBuild(directory: string, options: readonly string[], target: string): Run;
}

const MODULE = '../../tools/run-example/tasks.mjs';

describe('tasks that take their time', () => {
  let tasks: Tasks;
  before(async () => {
    tasks = (await import(MODULE)) as Tasks;
  });

  const written: string[] = [];
  const output = (terminal: object = {}) => {
    written.length = 0;
    return { write: (text: string) => written.push(text), ...terminal };
  };
  /** Goes on until its count has been written. */
  const slow: Run = async (report) => {
    report(3, 12);
    await until('its count', () => Promise.resolve(written.some((text) => text.includes('3 of 12')) || undefined));
  };

  test('are plain lines where there is no terminal: the beginning, the count now and then, the end', async () => {
    await tasks.runTogether([{ name: 'crates', run: slow }], output(), 100);
    const texts = written.map((text) => text.replace(/\b\d+ s\n$/, 'N s\n'));
    assert.deepEqual(texts, ['  crates: begun\n', '  crates: 3 of 12, N s\n', '  crates: done in N s\n']);
  });

  test('have a bar each on a terminal, redrawn in its place, that ends full', async () => {
    const other = { name: 'packages', run: () => Promise.resolve() };
    await tasks.runTogether([{ name: 'crates', run: slow }, other], output({ isTTY: true, columns: 80 }));
    const [first = '', ...later] = written;
    const empty = `[${' '.repeat(20)}]`;
    assert.equal(first, `  crates   ${empty} 0 s\x1b[K\n  packages ${empty} 0 s\x1b[K\n`);
    assert.match(later[0] ?? '', /crates {3}\[={5} {15}\] 3 of 12, \d s\x1b\[K\n {2}packages \[={20}\] \d s/);
    assert.ok(later.length > 0);
    for (const text of later) assert.ok(text.startsWith('\x1b[2A'), 'the cursor goes back two lines');
    assert.match(later.at(-1) ?? '', /crates {3}\[={20}\]/);
  });

  test('fit a narrow terminal, where a line that wraps could not be redrawn', async () => {
    const run: Run = async (report) => {
      report(3, 12);
      await delay(0);
    };
    await tasks.runTogether([{ name: 'crates', run }], output({ isTTY: true, columns: 20 }));
    const lines = written.flatMap((text) => text.replace(/\x1b\[\d*[AK]/g, '').split('\n'));
    for (const line of lines) assert.ok(line.length < 20, line);
  });

  test('are whole on a terminal that does not know its width', async () => {
    await tasks.runTogether([{ name: 'crates', run: slow }], output({ isTTY: true, columns: 0 }));
    assert.match(written.at(-1) ?? '', /\] \d s\x1b\[K\n$/);
  });

  test('are stopped when one fails, whose reason is the one that is thrown', async () => {
    const stopped: Run = (_report, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
        });
      });
    const failing: Run = () => Promise.reject(new Error('no space left'));
    const both = [stopped, failing].map((run, index) => ({ name: index.toString(), run }));
    await assert.rejects(tasks.runTogether(both, output()), { message: 'no space left' });
  });
});

describe('cargo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cargo-'));
  const { PATH = '' } = process.env;
  after(() => {
    process.env.PATH = PATH;
    rmSync(directory, { recursive: true });
  });
  const cargo = (script: string) => {
    writeFileSync(join(directory, 'cargo'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, 'cargo'), 0o755);
    process.env.PATH = `${directory}${delimiter}${PATH}`;
  };
  const build = async (onCount: () => void = () => undefined) => {
    const tasks = (await import(MODULE)) as Tasks;
    const counts: number[][] = [];
    const run = tasks.cargoBuild(directory, ['--package', 'demo'], directory);
    const report = (...count: number[]) => {
      counts.push(count);
      onCount();
    };
    await run(report, new AbortController().signal);
    return counts;
  };

  test('is asked for its own bar, which says how many crates are done', async () => {
    // Of two counts that are there at once, the last is what counts.
    const read = join(directory, 'read');
    cargo(
      `test "$CARGO_TERM_PROGRESS_WHEN" = always || exit 1
       printf '   Compiling libc v0.2\\n    Building [==>     ] 3/12: libc, h2\\r' >&2
       for _ in $(seq 1000); do test -e ${read} && break; sleep 0.01; done
       printf '    Building [====>   ] 11/12: webhook(bin)\\r    Finished in 9s\\n' >&2`,
    );
    const counts = await build(() => {
      writeFileSync(read, '');
    });
    assert.deepEqual(counts, [
      [3, 12],
      [11, 12],
    ]);
  });

  test('has its errors shown, without what it was doing', async () => {
    cargo(
      `printf '   Compiling libc v0.2\\n    Building [==>     ] 3/12: libc\\rerror: linker not found\\n  --> x\\n' >&2; exit 101`,
    );
    await assert.rejects(build(), {
      message: 'cargo build --locked --package demo failed:\nerror: linker not found\n  --> x',
    });
  });

  test('that is missing is what to install', async () => {
    process.env.PATH = '/nonexistent';
    await assert.rejects(build(), /Rust is missing: install 1\.94\.1 or newer/);
  });
});
