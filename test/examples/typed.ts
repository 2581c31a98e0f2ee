import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** The commands that instructions print: each block of indented lines, as a reader copies it. */
export function blocksOf(instructions: string): string[] {
  return [...instructions.matchAll(/(?:^ {2}\S.*\n?(?: {4,}.*\n?)*)+/gm)].map(([block]) => block.trimEnd());
}

/** A shell that a block was pasted into. */
export class Typed {
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private stdout = '';
  private stderr = '';

  public constructor(block: string) {
    // What a terminal has: no variables but the usual.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    this.child = spawn('bash', { env, stdio: ['pipe', 'pipe', 'pipe'] });
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
  public async output(timeoutMs = 30_000): Promise<string> {
    const timer = setTimeout(() => this.child.kill(), timeoutMs);
    await this.closed;
    clearTimeout(timer);
    const text = `${this.stdout}${this.stderr}`;
    if (this.child.signalCode !== null) throw new Error(`Not done after ${timeoutMs.toString()} ms: ${text}`);
    if (this.child.exitCode !== 0) throw new Error(`Ended with ${String(this.child.exitCode)}: ${text}`);
    return this.stdout;
  }
}

/** Pastes a block into a shell, and returns what it has printed when all of it has run. */
export async function paste(block: string | undefined): Promise<string> {
  if (block === undefined) throw new Error('The instructions have no such block');
  return new Typed(block).output();
}
