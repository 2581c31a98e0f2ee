import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../tools/common/until';

/** The commands that instructions print: each block of indented lines, as a reader copies it. */
export function blocksOf(instructions: string): string[] {
  return [...instructions.matchAll(/(?:^ {2}\S.*\n?(?: {4,}.*\n?)*)+/gm)].map(([block]) => block.trimEnd());
}

/** Where a block is typed, if not in a fresh terminal in the root of the repository. */
export interface Terminal {
  readonly directory?: string;
  /** Beside the usual variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A shell that a block was pasted into. */
export class Typed {
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private stdout = '';
  private stderr = '';

  public constructor(block: string, { directory, environment }: Terminal = {}) {
    // What a terminal has: no variables but the usual.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    // A group of its own, so that Ctrl-C reaches what it runs.
    this.child = spawn('bash', { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stdout += chunk;
    });
    // curl's progress too, which a terminal does not show.
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
    this.closed = once(this.child, 'close');
    this.child.stdin?.end(`${block}\n`);
  }

  /** Waits until all of it has run, and returns what it has printed. */
  public async output(timeoutMs = 120_000): Promise<string> {
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, timeoutMs);
    await this.closed;
    clearTimeout(timer);
    const text = this.printed;
    if (this.child.signalCode !== null) throw new Error(`Not done after ${timeoutMs.toString()} ms: ${text}`);
    if (this.child.exitCode !== 0) throw new Error(`Ended with ${String(this.child.exitCode)}: ${text}`);
    return this.stdout;
  }

  /** What it has printed so far, errors last. */
  public get printed(): string {
    return `${this.stdout}${this.stderr}`;
  }

  /** Waits until it has printed something, while it runs on. */
  public async until(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    await until(
      `${String(pattern)} to be printed`,
      () => {
        if (this.child.exitCode !== null) throw new Error(`Ended with ${String(this.child.exitCode)}: ${this.printed}`);
        return Promise.resolve(pattern.test(this.printed) || undefined);
      },
      { timeoutMs },
    );
  }

  /** Presses Ctrl-C, and waits until nothing runs any more. */
  public async interrupt(): Promise<void> {
    this.signal('SIGINT');
    await this.closed;
  }

  private signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
  }
}

/** Pastes a block into a shell, and returns what it has printed when all of it has run. */
export async function paste(block: string | undefined, terminal?: Terminal): Promise<string> {
  if (block === undefined) throw new Error('The instructions have no such block');
  return new Typed(block, terminal).output();
}
