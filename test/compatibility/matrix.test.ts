/**
 * The packages with the versions that users have: of the CDK and its CLI, of Node.js, Python, Java and Go. CI does not run it: it
 * downloads gigabytes. What a machine lacks is skipped, and the table at the end says so.
 *
 * usage: npm run test:compatibility, after `npm run build`, `npm run build:handler` and `npm run package`
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { deployWithCdkCli, LocalAws, type StackOutputs } from '../../tools';
import { deliverWebhook } from '../package/deliver-webhook';
import { FLOOR, NEWEST, ours, packages, specifiers, TOOLCHAINS, TOOLS, VERSION } from '../package/packages';
import { templateIn, UserMachine } from '../package/user-machine';

/** The CLI that came with our lowest aws-cdk-lib, and the newest one, which is that of the repository. */
const OLDEST_CLI = '2.1030.0';
const NEWEST_CLI = TOOLS['aws-cdk'] ?? '';

const LOWEST = { ...FLOOR, 'aws-cdk-lib': FLOOR['aws-cdk-lib'] ?? '' };
const CDKS = [
  { lib: LOWEST, cli: OLDEST_CLI },
  { lib: LOWEST, cli: NEWEST_CLI },
  { lib: NEWEST, cli: NEWEST_CLI },
];
const PYTHONS = ['3.9', '3.10', '3.11', '3.12', '3.13'];
const JAVAS = ['11', '17', '25'];
/** Go's two newest minor versions, which Go itself downloads. */
const GOS = ['1.26.8', '1.27.4'];

describe('the packages', () => {
  const machine = UserMachine.start();
  const table: string[] = [];
  let aws: LocalAws;
  let reference: unknown;

  before(async () => {
    aws = await LocalAws.start();
    const project = await machine.npmProject('npm', packages.npm, ...specifiers(FLOOR, TOOLS));
    reference = templateIn(await project.synth());
  });
  after(async () => {
    await aws.stop();
    machine.stop();
    console.log(['', ...table].join('\n'));
  });

  /** Runs one row of the table. What throws fails it, and a sentence is why it was not run. */
  function row(what: string, run: (context: TestContext) => Promise<string | undefined>): void {
    test(what, async (context) => {
      let outcome = 'FAILED';
      try {
        const missing = await run(context);
        outcome = missing === undefined ? 'passed' : `not run: ${missing}`;
        if (missing !== undefined) context.skip(missing);
      } finally {
        table.push(`${what}: ${outcome}`);
      }
    });
  }

  /** Sees what is deployed deliver a webhook, and deletes it. */
  async function use(outputs: StackOutputs): Promise<undefined> {
    await deliverWebhook(aws, outputs);
    await aws.delete('Chat');
  }

  /** Deploys what was synthesized, which must be what every other version synthesizes. */
  async function deployAndUse(assembly: string): Promise<undefined> {
    assert.deepEqual(templateIn(assembly), reference);
    return use(await aws.deploy(assembly));
  }

  for (const { lib, cli } of CDKS) {
    for (const { node } of TOOLCHAINS) {
      row(`aws-cdk-lib ${lib['aws-cdk-lib']}, CLI ${cli}, Node.js ${node}: synth, cdk deploy, used`, async () => {
        const name = `aws-cdk-lib ${lib['aws-cdk-lib']}, CLI ${cli}, Node.js ${node}`;
        const tools = await machine.tools(name, `node-${process.platform}-${process.arch}@${node}`);
        const wanted = specifiers(lib, { ...TOOLS, 'aws-cdk': cli });
        const { directory } = await machine.npmProject(name, packages.npm, ...wanted);
        const script = join(directory, 'node_modules/aws-cdk/bin/cdk');
        const context = { architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' };
        return use(await deployWithCdkCli(aws, { directory, context, cli: script, node: join(tools, 'node') }));
      });
    }
  }

  for (const version of PYTHONS) {
    row(`Python ${version}: synth, deployed, used`, async () => {
      const python = findPython(version);
      if (python === undefined) return 'it is not on this machine';
      const project = machine.project('python', `Python ${version}`);
      await project.run(python, ['-m', 'venv', '.venv']);
      const pip = (...args: string[]) => project.run('.venv/bin/python', ['-m', 'pip', 'install', '--quiet', ...args]);
      if (version === '3.9') {
        await assert.rejects(
          pip('--no-deps', packages.wheel),
          /requires a different Python: 3\.9\.\d+ not in '>=3\.10'/,
        );
        return 'pip refuses the package there: it needs 3.10';
      }
      await pip(packages.wheel, ...Object.entries(FLOOR).map(([name, pinned]) => `${name}==${pinned}`));
      return deployAndUse(await project.synth());
    });
  }

  for (const version of JAVAS) {
    row(`Java ${version}: synth, deployed, used`, async () => {
      const home = findJava(version);
      if (home === undefined) return 'there is no such JDK on this machine';
      const project = machine.project('java', `Java ${version}`);
      rmSync(join(packages.mavenCache, 'io/github/cdk-momento-eventbridge'), { recursive: true, force: true });
      const pom = readFileSync(join(project.directory, 'pom.xml'), 'utf8');
      project.write('pom.xml', pom.replace(/(?<=<maven\.compiler\.release>)\d+/, version));
      const environment = {
        JAVA_HOME: home,
        MAVEN_OPTS: `-Dmaven.repo.local=${packages.mavenCache}`,
        PACKAGES: ours.maven,
        PACKAGE_VERSION: VERSION,
      };
      return deployAndUse(await project.synth(environment));
    });
  }

  row('Java 11, by the compiler of a newer JDK only: synth', async () => {
    const project = machine.project('java', 'Java, release 11');
    rmSync(join(packages.mavenCache, 'io/github/cdk-momento-eventbridge'), { recursive: true, force: true });
    const pom = readFileSync(join(project.directory, 'pom.xml'), 'utf8');
    project.write('pom.xml', pom.replace(/(?<=<maven\.compiler\.release>)\d+/, '11'));
    const environment = {
      MAVEN_OPTS: `-Dmaven.repo.local=${packages.mavenCache}`,
      PACKAGES: ours.maven,
      PACKAGE_VERSION: VERSION,
    };
    assert.deepEqual(templateIn(await project.synth(environment)), reference);
    return undefined;
  });

  for (const version of GOS) {
    row(`Go ${version}: synth, deployed, used`, async () => {
      const project = machine.project('go', `Go ${version}`);
      const environment = { GOTOOLCHAIN: `go${version}` };
      const go = (...args: readonly string[]) => project.run('go', args, environment);
      assert.match(await go('version'), new RegExp(`go${version.replaceAll('.', '\\.')} `));
      const module = 'github.com/cdk-momento-eventbridge/cdk-momento-eventbridge-go/cdkmomentoeventbridge';
      await go('mod', 'edit', `-require=${module}@v${VERSION}`, `-replace=${module}=${packages.go}`);
      await go('mod', 'tidy');
      return deployAndUse(await project.synth(environment));
    });
  }
});

/** The interpreter of a minor version: on the `PATH`, or of pyenv. */
function findPython(version: string): string | undefined {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => name.startsWith(`${version}.`)) : [];
  return [...installed.map((name) => join(pyenv, name, 'bin/python')), `python${version}`].find((command) => {
    try {
      return execFileSync(command, ['--version'], { encoding: 'utf8' }).startsWith(`Python ${version}.`);
    } catch {
      return false;
    }
  });
}

/** The folder of a JDK, where Linux distributions and their like have them. */
function findJava(version: string): string | undefined {
  const folder = '/usr/lib/jvm';
  const homes = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return homes.find((home) => {
    const release = join(home, 'release');
    return (
      existsSync(join(home, 'bin/javac')) &&
      existsSync(release) &&
      new RegExp(`^JAVA_VERSION="${version}[."]`, 'm').test(readFileSync(release, 'utf8'))
    );
  });
}
