import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { detach } from '../common/detach';

/** How to start the emulator. */
export interface EmulatorOptions {
  readonly enforceIam: boolean;
  /** What functions get as their AWS_ENDPOINT_URL, if not the emulator's own address. */
  readonly functionEndpoint: string | undefined;
}

const PYTHON = join(__dirname, '../../.venv/bin/python');
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_LINES_KEPT = 500;

/**
 * The emulator's process group: ministack and the processes of Lambda functions.
 *
 * All of it lives only as long as its standard input is open. So it ends with this process, even if that crashes or is
 * killed, and no handler has to run for it. It does not keep this process alive either.
 */
export class EmulatorProcess {
  /** Starts the emulator and returns once it answers. */
  public static async start(options: EmulatorOptions): Promise<EmulatorProcess> {
    if (!existsSync(PYTHON)) throw new Error('The local AWS is not installed: run scripts/setup.sh');
    const workingDirectory = mkdtempSync(join(tmpdir(), 'local-aws-'));
    const child = spawn(
      PYTHON,
      [
        ...['-m', 'emulator', '--working-directory', workingDirectory],
        ...(options.enforceIam ? ['--iam'] : []),
        ...(options.functionEndpoint === undefined ? [] : ['--function-endpoint', options.functionEndpoint]),
      ],
      // A bare environment: AWS_* variables of the person who runs the tests must change nothing.
      {
        cwd: __dirname,
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      },
    );
    const log: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      if (log.length > LOG_LINES_KEPT) log.shift();
    });
    const failed = once(child, 'exit').then(() => {
      throw new Error(`The local AWS ended:\n${log.join('\n')}`);
    });
    failed.catch(() => undefined);
    try {
      const [endpoint] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string];
      // The socket listens already: the request waits in its backlog until the server takes it, and nothing polls.
      const health = fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
      await Promise.race([health, failed]);
      detach(child);
      return new EmulatorProcess(child, log, endpoint);
    } catch (error) {
      child.stdin.end();
      throw new Error(`The local AWS did not start:\n${log.join('\n')}`, { cause: error });
    }
  }

  private constructor(
    private readonly child: ChildProcess,
    /** The emulator's own last log lines, for finding out why something failed. */
    public readonly log: readonly string[],
    /** Where the emulator answers. */
    public readonly endpoint: string,
  ) {}

  /** The id of the process group. */
  public get groupId(): number {
    return this.child.pid ?? 0;
  }

  /** Ends every process of the group and waits until they are gone. */
  public async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    this.child.ref();
    this.child.stdin?.end();
    try {
      await exit;
    } finally {
      killGroup(this.groupId);
    }
  }
}

function killGroup(groupId: number): void {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
