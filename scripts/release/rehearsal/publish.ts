import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commands, Environment } from './commands';
import type { Journal } from './journal';
import type { Places } from './places';
import { type Job, releaseJobs } from './workflow';

const SAME_BYTES = 'this version is published already, with the same bytes';

/** Publishes a release as release.yml does. */
export class Publisher {
  /** What was run already: here all jobs share one machine. */
  private readonly installed = new Set<string>();

  public constructor(
    private readonly checkout: string,
    private readonly tag: string,
    private readonly commands: Commands,
    private readonly places: Places,
    private readonly journal: Journal,
  ) {}

  /** Runs the jobs of the workflow after `build`, in their order, with the commands that they have there. */
  public async publish(hasDotnet: boolean): Promise<void> {
    for (const job of this.jobs.filter(({ name }) => name !== 'build')) {
      const { name, commands, actions } = job;
      if (commands.length === 0) {
        this.journal.notHere(`job ${name}, which is only ${actions.join(', ')}`);
      } else if (name === 'nuget' && !hasDotnet) {
        this.journal.notHere('job nuget: this machine has no dotnet command');
      } else {
        await this.journal.step(`job ${name}`, async () => {
          await this.runAll(job);
          return commands.map(({ run }) => `\`${run}\``).join(', ');
        });
      }
    }
  }

  /** Publishes everything again: nothing changes, and each registry turns out to have the bytes that were built. */
  public async publishAgain(hasDotnet: boolean): Promise<string> {
    const languages = ['npm', 'pypi', 'maven', 'golang', ...(hasDotnet ? ['nuget'] : [])];
    for (const language of languages) {
      const output = await this.script(['publish.sh', language]);
      if (!output.includes(SAME_BYTES)) throw new Error(`${language} was published again:\n${output}`);
    }
    const uploads = await this.script(['upload.sh', this.places.aws.account]);
    const uploaded = /^uploaded: .*/m.exec(uploads)?.[0];
    if (uploaded !== undefined) throw new Error(`a second time ${uploaded}`);
    const there = uploads.match(/^was there: /gm)?.length ?? 0;
    return `${languages.join(', ')}: ${SAME_BYTES}; buckets: ${there.toString()} objects were there`;
  }

  /** Tries what has to be refused, and leaves everything as it was. */
  public async refusals(): Promise<string> {
    const tarball = (await this.commands.succeed('bash', ['-c', 'echo dist/js/*.tgz'])).trim();
    const [file, sums] = [join(this.checkout, tarball), join(this.checkout, 'dist/SHA256SUMS')];
    const before = new Map([file, sums].map((path) => [path, readFileSync(path)]));
    const changed = join(this.checkout, 'README.md');
    const readme = readFileSync(changed);
    const reasons: string[] = [];
    const refuse = async (reason: RegExp, ...script: string[]) => {
      const [name = '', ...args] = script;
      const command = [`scripts/release/${name}`, ...args];
      reasons.push(await this.commands.refuse(reason, 'bash', command, this.environmentFor(command.join(' '))));
    };
    try {
      appendFileSync(file, 'another byte');
      await refuse(/has other bytes than those that were built/, 'publish.sh', 'npm');
      await this.script(['checksums.sh', 'write']);
      await refuse(/published already, .* has other bytes than .*\. Release a new version\./, 'publish.sh', 'npm');
      await refuse(
        /SHA256SUMS has other bytes than .*\. Release a new version\./,
        'upload.sh',
        this.places.aws.account,
      );
      for (const [path, content] of before) writeFileSync(path, content);
      appendFileSync(changed, '\n');
      await refuse(/has changes that are not committed/, 'publish.sh', 'pypi');
      await refuse(/has changes that are not committed/, 'upload.sh', this.places.aws.account);
    } finally {
      for (const [path, content] of before) writeFileSync(path, content);
      writeFileSync(changed, readme);
    }
    await this.script(['clean-tree.sh', this.tag]);
    return `${reasons.length.toString()} refused: ${reasons.map((line) => line.replaceAll(`${this.checkout}/`, '')).join('; ')}`;
  }

  private get jobs(): Job[] {
    return releaseJobs(this.checkout);
  }

  private environmentFor(command: string): Environment {
    const environment = this.places.forJob(this.tag);
    return /publish\.sh (?!install)/.test(command) ? { ...environment, HOME: this.places.home } : environment;
  }

  private script([name = '', ...args]: readonly string[]): Promise<string> {
    const command = [`scripts/release/${name}`, ...args];
    return this.commands.succeed('bash', command, this.environmentFor(command.join(' ')));
  }

  private async runAll({ commands }: Job): Promise<void> {
    for (const { run, env } of commands) {
      if (run.includes('publish.sh install')) {
        if (this.installed.has(run)) continue;
        this.installed.add(run);
      }
      const given = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, this.evaluate(text)]));
      const environment = { ...given, ...this.environmentFor(run) };
      await this.commands.succeed('bash', ['-e', '-c', run], environment);
    }
  }

  private evaluate(text: string): string {
    return text.replaceAll(/\$\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => {
      const value = this.places.expressions[name];
      if (value === undefined)
        throw new Error(`release.yml has the expression ${name}, which the rehearsal does not know`);
      return value;
    });
  }
}
