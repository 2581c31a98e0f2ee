import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUNDLE = join(__dirname, '../../bin/cdk-momento-eventbridge.js');

/** What a run left behind. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What surrounds a run. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

// The profiles of the person who runs the tests are not there.
const home = mkdtempSync(join(tmpdir(), 'no-home-'));
process.once('exit', () => {
  rmSync(home, { recursive: true });
});

/** A run that takes longer has hung: it is killed, and its status is `null`. The longest, of `doctor`, tries for 40 s. */
const TIMEOUT_MS = 180_000;

/** The bundled program: its command line, and an environment with nothing but what is given. */
export function program(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly command: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> } {
  return {
    command: [process.execPath, BUNDLE, ...args],
    env: { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_MAX_ATTEMPTS: '1', ...environment },
  };
}

/** Starts it in a process of its own. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  const { command, env } = program(args, environment);
  const [executable, ...rest] = command;
  return spawn(executable, rest, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
}

/** Runs it to its end. */
export async function run(args: readonly string[], { environment, input = '' }: Surroundings = {}): Promise<Run> {
  const child = start(args, environment);
  const exit = once(child, 'close') as Promise<[number | null]>;
  // A program that stops early does not read its input.
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => Buffer.concat((await stream.toArray()) as Buffer[]).toString()),
  );
  const [status] = await exit;
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** The lines of a text. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
