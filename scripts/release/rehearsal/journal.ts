import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Step {
  readonly name: string;
  readonly seconds: number;
  /** What it found, or why it failed. */
  readonly found: string;
  readonly hasFailed: boolean;
}

/** What was rehearsed: every command's output in `log.txt`, and in `summary.md` the steps with their times. */
export class Journal {
  private readonly steps: Step[] = [];
  private readonly missing: string[] = [];
  private readonly hashes: string[] = [];
  private readonly log: string;

  /** @param folder where to write. Emptied first */
  public constructor(private readonly folder: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.log = join(folder, 'log.txt');
    writeFileSync(this.log, '');
  }

  /** Takes a step, which says what it found, and prints how long it took. */
  public async step(name: string, action: () => Promise<string>): Promise<void> {
    const started = performance.now();
    const end = (found: string, hasFailed: boolean) => {
      const seconds = (performance.now() - started) / 1000;
      this.steps.push({ name, seconds, found, hasFailed });
      console.log(`${hasFailed ? 'FAILED' : 'ok'} ${seconds.toFixed(1)} s: ${name}: ${found}`);
    };
    this.write(`\n== ${name}\n`);
    try {
      end(await action(), false);
    } catch (error) {
      end(error instanceof Error ? error.message : String(error), true);
      throw error;
    }
  }

  /** Says what cannot be rehearsed on this machine. */
  public notHere(what: string): void {
    console.log(`not here: ${what}`);
    this.missing.push(what);
  }

  /** Records the SHA-256 of a file that was released, in the form of `sha256sum`. */
  public hash(line: string): void {
    this.hashes.push(line);
  }

  public write(text: string): void {
    appendFileSync(this.log, text);
  }

  /** Writes `summary.md`, and returns where it is. */
  public summarize(heading: string, facts: readonly string[]): string {
    const file = join(this.folder, 'summary.md');
    const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
    const rows = this.steps.map(
      ({ name, seconds, found, hasFailed }) =>
        `| ${cell(name)} | ${seconds.toFixed(1)} | ${hasFailed ? '**failed**: ' : ''}${cell(found)} |`,
    );
    const lines = [
      `# ${heading}`,
      ...facts.map((fact) => `- ${fact}`),
      '## Steps',
      ['| step | seconds | result |', '| --- | --- | --- |', ...rows].join('\n'),
      '## Not here',
      ...this.missing.map((what) => `- ${what}`),
      '## SHA-256',
      ['```text', ...this.hashes, '```'].join('\n'),
    ];
    // Items of a list stay together; all else is apart.
    writeFileSync(file, `${lines.join('\n\n').replace(/(^- .*)\n\n(?=- )/gm, '$1\n')}\n`);
    return file;
  }
}
