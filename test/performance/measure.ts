import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { ROOT } from '../../scripts/handler/cargo';
import { ASSETS, readManifest } from '../../scripts/handler/manifest';
import type { Figures, Tools } from './figures';

/** The instructions by handler that say the same in every count. deliver's first batch does not: how many of its connections are in
 * time to resume the TLS session of another depends on the machine's speed. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  webhook: ['start', 'first', 'warm', 'warm4KB', 'warm100KB', 'refused'],
  deliver: ['start', 'batch'],
};
const WORKSPACE = join(ROOT, 'tools');
// Where tools/.cargo/config.toml says, whatever the environment does.
const TARGET = join(ROOT, 'target/tools');
const HARNESS = join(TARGET, 'debug/harness');
/** Longer than eight processes of each handler take. */
const LONGEST_COUNT_MS = 1_200_000;

/** A machine that cannot count, as opposed to a count that fails. */
export class TooBusy extends Error {}

/** Why instructions that are counted here would not be those of the same source elsewhere. */
export function whyNotComparable(baseline: Tools, here: Partial<Tools>): string | undefined {
  if (process.arch !== 'x64') return 'instructions are counted on x86_64 only';
  if (!/^flags\s*:.*\bavx2\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'this processor has no AVX2';
  if (here.valgrind === undefined) return 'valgrind is missing';
  const different = (['rustc', 'valgrind', 'glibc'] as const).find((tool) => here[tool] !== baseline[tool]);
  return different && `the baseline is of ${different} ${baseline[different]}, here is ${here[different] ?? 'none'}`;
}

/** What the figures would depend on here. */
export function toolsHere(): Partial<Tools> {
  const rustc = readManifest().handlers.find(({ file }) => file === 'webhook-x86_64.zip')?.rustc;
  const valgrind = spawnSync('valgrind', ['--version'], { encoding: 'utf8' });
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return { rustc, valgrind: valgrind.error ? undefined : valgrind.stdout.trim(), glibc: header.glibcVersionRuntime };
}

/** The bytes of each zip for x86_64 in assets/. */
export function zipSizes(): Figures {
  const zips = readManifest().handlers.filter(({ architecture }) => architecture === 'x86_64');
  return Object.fromEntries(zips.map(({ file, size }) => [file, size]));
}

/**
 * Counts the instructions of the handlers in assets/.
 *
 * @throws TooBusy when other processes leave too little of the machine
 * @throws Error when a handler's answer is not the right one
 */
export function countInstructions(): Record<string, Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'performance-'));
  try {
    for (const handler of Object.keys(COUNTED)) {
      const { bootstrap } = unzipSync(readFileSync(join(ASSETS, `${handler}-x86_64.zip`)));
      if (!bootstrap) throw new Error(`${handler}-x86_64.zip has no bootstrap`);
      writeFileSync(join(folder, handler), bootstrap, { mode: 0o755 });
    }
    return count(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(folder: string): Record<string, Figures> {
  compileHarness();
  const { status, stdout, stderr } = spawnSync(HARNESS, ['--count', folder], {
    encoding: 'utf8',
    timeout: LONGEST_COUNT_MS,
  });
  if (stderr.includes('this machine is too busy')) throw new TooBusy(stderr.trim());
  if (status !== 0) throw new Error(`the instructions could not be counted: ${stderr}`);
  const all = JSON.parse(stdout) as Readonly<Record<string, Figures | undefined>>;
  return Object.fromEntries(
    Object.entries(COUNTED).map(([handler, names]) => [
      handler,
      Object.fromEntries(
        names.flatMap((name) => {
          const value = all[handler]?.[name];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    ]),
  );
}

/** All of the workspace and its tests: another choice would have other features of its dependencies, compiled again. */
function compileHarness(): void {
  execFileSync('cargo', ['build', '--quiet', '--locked', '--all-targets'], {
    cwd: WORKSPACE,
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
