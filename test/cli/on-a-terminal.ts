import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program } from './command-line';

/** What a run printed on a terminal, standard error among it, and how it ended. */
export interface TerminalRun {
  readonly status: number | null;
  readonly shown: string;
}

/** Something that the person at the terminal types when a text is there. */
export interface Typed {
  readonly after: string;
  readonly keys: string;
}

// Node.js cannot open a terminal. A run that takes a minute has hung.
const TERMINAL = `
import os, pty, signal, sys
after, keys = sys.argv[1].encode(), sys.argv[2].encode().decode('unicode_escape').encode()
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[3], sys.argv[3:])
signal.signal(signal.SIGALRM, lambda *_: os.kill(process, signal.SIGKILL))
signal.alarm(60)
shown, typed = b'', False
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    shown += data
    if not typed and after in shown:
        typed = True
        os.write(terminal, keys)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) & 255)
`;

/** Runs the program on a terminal of its own. */
export async function runOnTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  { after, keys }: Typed,
): Promise<TerminalRun> {
  const { command, env } = program(args, environment);
  const child = spawn('python3', ['-c', TERMINAL, after, keys, ...command], { env: { ...env, TERM: 'xterm' } });
  const exit = once(child, 'close') as Promise<[number | null]>;
  const shown = Buffer.concat((await child.stdout.toArray()) as Buffer[]).toString();
  const [status] = await exit;
  return { status, shown: shown.replaceAll('\r\n', '\n') };
}
