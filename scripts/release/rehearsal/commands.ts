import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from './journal';

/** A command that has ended. */
export interface Ended {
  readonly status: number | null;
  /** All that it printed. */
  readonly output: string;
}

/** Variables for a command; `undefined` takes one away. */
export type Environment = Readonly<Record<string, string | undefined>>;

const LINES_SHOWN = 30;
/** How long a command has to end by itself. npm, for one, can wait for the network. */
const PATIENCE_MS = 3000;
// What npm says to what it runs, and what would have a command publish somewhere else, or as somebody.
const NOT_INHERITED =
  /^(AWS_|GITHUB_|GH_|GIT_|NPM_TOKEN|TWINE_|MAVEN_|INIT_CWD$|npm_(package|lifecycle|command|execpath|node|config_(userconfig|\w*prefix)))/;

/** Runs commands one after the other, in folders of their own process groups, and ends what is left of them. */
export class Commands {
  private readonly running = new Set<ChildProcess>();

  public constructor(
    private readonly journal: Journal,
    private readonly directory: string,
  ) {}

  /** Runs a command, and waits for its end. Its output goes to the log. */
  public async run(command: string, args: readonly string[], environment: Environment = {}): Promise<Ended> {
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
    this.journal.write(`$ ${[command, ...args].join(' ')}\n`);
    const child = spawn(command, args, {
      cwd: this.directory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...environment },
    });
    this.running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        this.journal.write(text);
      });
    }
    const [status] = (await once(child, 'close')) as [number | null];
    this.running.delete(child);
    return { status, output };
  }

  /** As `run`. @throws if the command fails */
  public async succeed(command: string, args: readonly string[], environment?: Environment): Promise<string> {
    const { status, output } = await this.run(command, args, environment);
    if (status === 0) return output;
    const end = output.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
    throw new Error(`${[command, ...args].join(' ')} ended with status ${String(status)}:\n${end}`);
  }

  /** Runs a command that has to fail. Returns the line in which it says why. */
  public async refuse(
    reason: RegExp,
    command: string,
    args: readonly string[],
    environment?: Environment,
  ): Promise<string> {
    const { status, output } = await this.run(command, args, environment);
    const line = output.split('\n').find((each) => reason.test(each));
    if (status === 0) throw new Error(`${[command, ...args].join(' ')} should have failed`);
    if (line === undefined)
      throw new Error(`${[command, ...args].join(' ')} does not say ${reason.source}:\n${output}`);
    return line;
  }

  /** Ends what is running, with all that it has started: what takes no notice of that within seconds is killed. */
  public async stop(): Promise<void> {
    const ending = [...this.running].map(async (child) => {
      const closed = once(child, 'close');
      killGroup(child, 'SIGTERM');
      await Promise.race([closed, delay(PATIENCE_MS, undefined, { ref: false })]);
      killGroup(child, 'SIGKILL');
      await closed;
    });
    await Promise.all(ending);
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
