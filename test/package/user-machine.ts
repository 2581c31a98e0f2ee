import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Typed } from '../examples/typed';

const ROOT = resolve(__dirname, '../..');
/** Many times what the slowest needs, which is Maven with nothing in its cache: 3 minutes on a busy machine. */
const COMMAND_TIMEOUT_MS = 20 * 60_000;
const RUST = ['cargo', 'rustc', 'rustup'];

/**
 * The folder of somebody who uses the packages: empty, outside the repository, and without Rust. What npm, pip, Maven and Go
 * have fetched before on this machine is used again.
 */
export class UserMachine {
  public static start(): UserMachine {
    return new UserMachine(mkdtempSync(join(tmpdir(), 'user-')));
  }

  private constructor(public readonly directory: string) {}

  /** A folder with a copy of one of the apps in `apps/`, where the commands in `tools` are found before the machine's own. */
  public project(app: string, name = app, tools?: string): Project {
    const directory = mkdtempSync(join(this.directory, `${app}-`));
    cpSync(join(__dirname, 'apps', app), directory, { recursive: true });
    return new Project(name, directory, tools);
  }

  /** A folder with a copy of the app in TypeScript, and with npm packages. */
  public async npmProject(name: string, ...wanted: readonly string[]): Promise<Project> {
    const project = this.project('typescript', name);
    await project.run('npm', ['init', '--yes']);
    await project.install(...wanted);
    return project;
  }

  /** The folder of the commands that npm packages bring. */
  public async tools(name: string, ...wanted: readonly string[]): Promise<string> {
    const project = new Project(name, mkdtempSync(join(this.directory, 'tools-')));
    project.write('package.json', '{ "private": true }');
    await project.install(...wanted);
    return join(project.directory, 'node_modules/.bin');
  }

  /**
   * A folder with a copy of an example, made from a clone of the repository as its README says. `npm install` is still to do. The
   * commands in `tools` are found before the machine's own.
   */
  public example(name: string, tools?: string): Project {
    const clone = mkdtempSync(join(this.directory, `${name}-`));
    const files = execFileSync('git', ['ls-files', '-z', join('examples', name)], { cwd: ROOT, encoding: 'utf8' });
    for (const file of files.split('\0').filter((path) => path !== '')) {
      cpSync(join(ROOT, file), join(clone, file));
    }
    const readme = readFileSync(join(ROOT, 'examples', name, 'README.md'), 'utf8');
    const [, copy = '', install] = /^```sh\n(cp -r .*\ncd .*)\n(.*)$/m.exec(readme) ?? [];
    if (install !== 'npm install') throw new Error(`The README of ${name} does not say how to copy it`);
    const directory = execFileSync('bash', ['-ec', `${copy}\npwd`], { cwd: clone, encoding: 'utf8' }).trim();
    return new Project(name, directory, tools);
  }

  public stop(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A folder in which commands run. */
export class Project {
  public constructor(
    private readonly name: string,
    public readonly directory: string,
    private readonly tools?: string,
  ) {}

  /** Runs a command, and prints how long it took. */
  public async run(
    command: string,
    args: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<string> {
    const started = performance.now();
    try {
      const { stdout } = await promisify(execFile)(command, args, {
        cwd: this.directory,
        env: { ...ENVIRONMENT, PATH: this.path, ...environment },
        maxBuffer: 2 ** 26,
        timeout: COMMAND_TIMEOUT_MS,
      });
      const seconds = (performance.now() - started) / 1000;
      const words = [command, ...args].slice(0, 3).map((word) => basename(word));
      console.log(`${this.name}: ${words.join(' ')}: ${seconds.toFixed(1)} s`);
      return stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${this.name}: ${[command, ...args].join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Types a command in a terminal, says yes if it asks something, and returns what it has printed. */
  public async type(command: string, environment: Record<string, string>): Promise<string> {
    const started = performance.now();
    // The CDK asks only on a terminal.
    const onTerminal = `script --quiet --return --command '${command}' /dev/null <<< y`;
    const { CDK_DISABLE_CLI_TELEMETRY, CDK_DISABLE_VERSION_CHECK } = ENVIRONMENT;
    const typed = new Typed(onTerminal, {
      directory: this.directory,
      environment: { PATH: this.path, CDK_DISABLE_CLI_TELEMETRY, CDK_DISABLE_VERSION_CHECK, ...environment },
    });
    const printed = await typed.output(COMMAND_TIMEOUT_MS);
    console.log(`${this.name}: ${command}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return printed;
  }

  /** Installs npm packages. */
  public async install(...wanted: readonly string[]): Promise<void> {
    await this.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...wanted]);
  }

  private get path(): string {
    return [this.tools, ENVIRONMENT.PATH].filter((folders) => folders !== undefined).join(delimiter);
  }

  /** Replaces a file of the project. */
  public write(file: string, content: string): void {
    writeFileSync(join(this.directory, file), content);
  }

  /** Runs `cdk synth`, in which the app is run as its `cdk.json` says. */
  public async synth(environment?: Record<string, string>, ...options: readonly string[]): Promise<string> {
    const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    // Without what differs between languages and folders by design.
    const plain = ['--no-version-reporting', '--no-path-metadata', '--no-asset-metadata'];
    const context = ['--context', `architecture=${architecture}`];
    await this.run('node', [cdk, 'synth', '--quiet', ...plain, ...context, ...options], environment);
    return join(this.directory, 'cdk.out');
  }
}

/** The template of the only stack that the apps in `apps/` have. */
export function templateIn(assembly: string): unknown {
  return JSON.parse(readFileSync(join(assembly, 'Chat.template.json'), 'utf8'));
}

/** How many bytes the files in a folder have, in all. */
export function sizeOf(directory: string): number {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? readFileSync(join(entry.parentPath, entry.name)).length : 0),
    0,
  );
}

// As npm leaves it to what it runs, but for what says that this is a test, in this repository, with other settings. The
// certificates that a machine trusts are not such a setting: Yarn has no other way to know them.
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(AWS_|CDK_|NODE_(?!EXTRA_CA_CERTS$)|npm_(package|lifecycle)_|npm_config_local_prefix$|INIT_CWD$|VIRTUAL_ENV$)/.test(
          name,
        ),
    ),
  ),
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).startsWith(ROOT) && !RUST.some((tool) => existsSync(join(folder, tool))))
    .join(delimiter),
  AWS_REGION: 'us-east-1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CDK_DISABLE_VERSION_CHECK: 'true',
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
};
