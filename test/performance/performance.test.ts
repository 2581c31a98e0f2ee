import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ROOT } from '../../scripts/handler/cargo';
import { gains, regressions } from './comparison';
import { type Figures, readBaseline } from './figures';
import { countInstructions, toolsHere, TooBusy, whyNotComparable, zipSizes } from './measure';

/** A busy machine can disturb a count, but only a regression makes all of them worse. */
const ATTEMPTS = 3;
const UPDATE = 'npm run test:update-performance';

const baseline = readBaseline();

test('the baseline is of the compiler of rust-toolchain.toml, so that it is compared with', () => {
  const [, channel = ''] = /^channel = "(.*)"$/m.exec(readFileSync(join(ROOT, 'rust-toolchain.toml'), 'utf8')) ?? [];
  assert.ok(baseline.tools.rustc.startsWith(`rustc ${channel} `), `${baseline.tools.rustc}: run ${UPDATE}`);
});

test('no zip takes 3 % more bytes than in the baseline', (context) => {
  const { rustc } = toolsHere();
  // Another compiler, or the linker for another machine, makes other bytes.
  if (process.arch !== 'x64' || rustc !== baseline.tools.rustc) {
    context.skip(`the baseline is of ${baseline.tools.rustc} on x64, here is ${rustc ?? 'none'} on ${process.arch}`);
    return;
  }
  judge(context, baseline.zips, zipSizes());
});

test('no handler takes 3 % more instructions than in the baseline', (context) => {
  const reason = whyNotComparable(baseline.tools, toolsHere());
  if (reason !== undefined) {
    context.skip(reason);
    return;
  }
  const before = named(baseline.instructions);
  try {
    let now = named(countInstructions());
    for (let attempt = 2; attempt <= ATTEMPTS && regressions(before, now).length > 0; attempt++) {
      now = named(countInstructions());
    }
    judge(context, before, now);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    context.skip(error.message);
  }
});

function judge(context: TestContext, before: Figures, now: Figures): void {
  for (const gain of gains(before, now)) context.diagnostic(`${gain}: run ${UPDATE} to keep it`);
  const worse = regressions(before, now);
  assert.deepEqual(worse, [], `${worse.join('\n')}\nIf that is worth it, run ${UPDATE} and commit the baseline.`);
}

/** The instructions of all handlers, each by its handler's name and its own. */
function named(instructions: Readonly<Record<string, Figures>>): Figures {
  return Object.fromEntries(
    Object.entries(instructions).flatMap(([handler, figures]) =>
      Object.entries(figures).map(([name, count]) => [`${handler} ${name}`, count]),
    ),
  );
}
