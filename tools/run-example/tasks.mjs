// Plain JavaScript without packages: it runs while they are being installed.
import { spawn } from 'node:child_process';

const BAR = 20;
const REDRAW_MS = 200;
/** How often a task says how far it is where nothing can be redrawn. */
const LINE_MS = 10_000;

/**
 * Something that takes its time.
 *
 * @typedef {object} Task
 * @property {string} name
 * @property {(report: (done: number, total: number) => void, signal: AbortSignal) => Promise<void>} run ends early when the
 *   signal says so
 */

/**
 * Runs tasks at the same time. On a terminal each has a bar, elsewhere a plain line when it begins, every ten seconds, and when it
 * ends. If one fails the others are stopped.
 *
 * @param {readonly Task[]} tasks
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} output
 */
export async function runTogether(tasks, output = process.stdout, lineMs = LINE_MS) {
  const started = performance.now();
  const width = Math.max(...tasks.map(({ name }) => name.length));
  const states = tasks.map(({ name }) => ({ name, done: 0, total: 0, milliseconds: /** @type {number?} */ (null) }));
  const elapsed = (state) => `${((state.milliseconds ?? performance.now() - started) / 1000).toFixed(0)} s`;
  const count = ({ done, total, milliseconds }) =>
    total === 0 || milliseconds !== null ? '' : `${done} of ${total}, `;

  const bar = (state) => {
    const share = state.milliseconds !== null ? 1 : state.total === 0 ? 0 : Math.min(1, state.done / state.total);
    const filled = Math.round(share * BAR);
    const line = `  ${state.name.padEnd(width)} [${'='.repeat(filled)}${' '.repeat(BAR - filled)}] ${count(state)}${elapsed(state)}`;
    // A line that wraps would be two to go back. A terminal that does not know its width says 0.
    return line.slice(0, (output.columns || 80) - 1);
  };
  let drawn = 0;
  const draw = () => {
    output.write(`${drawn === 0 ? '' : `\x1b[${drawn}A`}${states.map((state) => `${bar(state)}\x1b[K\n`).join('')}`);
    drawn = states.length;
  };
  const line = (state, text) => output.write(`  ${state.name}: ${text}\n`);
  const tell = () => {
    for (const state of states) if (state.milliseconds === null) line(state, `${count(state)}${elapsed(state)}`);
  };

  if (output.isTTY) draw();
  else for (const state of states) line(state, 'begun');
  const timer = output.isTTY ? setInterval(draw, REDRAW_MS) : setInterval(tell, lineMs);
  const failed = new AbortController();
  const outcomes = await Promise.allSettled(
    tasks.map(async ({ run }, index) => {
      const state = states[index];
      try {
        await run((done, total) => Object.assign(state, { done, total }), failed.signal);
      } catch (error) {
        failed.abort();
        throw error;
      }
      state.milliseconds = performance.now() - started;
      if (!output.isTTY) line(state, `done in ${elapsed(state)}`);
    }),
  );
  clearInterval(timer);
  if (output.isTTY) draw();
  // What was stopped for another's failure has nothing to say itself.
  const reasons = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  const own = reasons.filter(({ name }) => name !== 'AbortError');
  if (reasons.length > 0) throw own[0] ?? reasons[0];
}

/**
 * Runs a command whose output is shown only when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd: string, env?: Record<string, string | undefined>, signal: AbortSignal, onText?: (text: string) => void,
 *   isNoise?: (line: string) => boolean }} options what its text is told as it comes, and the lines of it that say nothing of a
 *   failure
 */
export async function runQuietly(command, parameters, { cwd, env, signal, onText, isNoise }) {
  const child = spawn(command, parameters, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      onText?.(chunk);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (code === 0) return;
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !isNoise?.(line));
  throw new Error(`${command} ${parameters.join(' ')} failed:\n${lines.join('\n')}`);
}

const CARGO_PROGRESS = /\[[=> ]*\] +(\d+)\/(\d+)/g;
const CARGO_NOISE =
  /^\s*(Adding|Blocking|Building|Compiling|Downloaded|Downloading|Finished|Fetch|Locking|Updating)\b|^warning: build failed/;

/**
 * Compiles with cargo, and reports how many crates it has done.
 *
 * @param {string} directory of the workspace
 * @param {readonly string[]} options of `cargo build`
 * @param {string} target the directory for what is built
 * @returns {Task['run']}
 */
export function cargoBuild(directory, options, target) {
  return async (report, signal) => {
    const env = {
      ...process.env,
      CARGO_TARGET_DIR: target,
      // It draws its own bar for no terminal too, and what that says is read here.
      CARGO_TERM_PROGRESS_WHEN: 'always',
      CARGO_TERM_PROGRESS_WIDTH: '80',
      CARGO_TERM_COLOR: 'never',
    };
    const onText = (text) => {
      const [, done, total] = [...text.matchAll(CARGO_PROGRESS)].at(-1) ?? [];
      if (total !== undefined) report(Number(done), Number(total));
    };
    const isNoise = (line) => CARGO_NOISE.test(line);
    try {
      await runQuietly('cargo', ['build', '--locked', ...options], { cwd: directory, env, signal, onText, isNoise });
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      throw new Error('Rust is missing: install 1.94.1 or newer, see https://rustup.rs', { cause: error });
    }
  };
}
