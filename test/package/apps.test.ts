import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deployWithCdkCli, LocalAws } from '../../tools';
import { quickStart, QUICK_START_COMMAND } from '../readme/quick-starts';
import { deliverWebhook } from './deliver-webhook';
import { FLOOR, NEWEST, ours, packages, specifiers, TOOLCHAINS, TOOLS, VERSION } from './packages';
import { sizeOf, templateIn, UserMachine } from './user-machine';

describe('the packages, on a machine without Rust', () => {
  const machine = UserMachine.start();
  let reference: unknown;
  let quickStartReference: unknown;

  after(() => {
    machine.stop();
  });

  async function onLocalAws(use: (aws: LocalAws) => Promise<void>): Promise<void> {
    const aws = await LocalAws.start({ enforceIam: false });
    try {
      await use(aws);
    } finally {
      await aws.stop();
    }
  }

  test('the machine has no Rust', async () => {
    const found = await machine
      .project('typescript')
      .run('sh', ['-c', 'command -v cargo rustc rustup; command -v node']);
    assert.match(found, /^\S*\/node\n$/);
  });

  before(async () => {
    const project = await machine.npmProject('npm, lowest aws-cdk-lib', ours.npm, ...specifiers(FLOOR, TOOLS));
    reference = templateIn(await project.synth());
    project.write('app.ts', quickStart('typescript'));
    quickStartReference = templateIn(await project.synth());
  });

  test('npm, with the newest aws-cdk-lib: typed, synthesized, deployed with the CDK CLI, and used; the README too is typed, and deployed as it says', async () => {
    const project = await machine.npmProject('npm, newest aws-cdk-lib', ours.npm, ...specifiers(NEWEST, TOOLS));
    const { directory } = project;
    console.log(`installed: ${megabytes(sizeOf(join(directory, 'node_modules/cdk-momento-eventbridge')))}`);
    await project.run('node', ['node_modules/typescript/bin/tsc']);
    const app = await project.synth();
    await onLocalAws(async (aws) => {
      await deliverWebhook(aws, await deployWithCdkCli(aws, { directory, app }));
    });
    project.write('app.ts', quickStart('typescript'));
    await project.run('node', ['node_modules/typescript/bin/tsc']);
    await onLocalAws(async (aws) => {
      await deployWithCdkCli(aws, { directory, app: QUICK_START_COMMAND });
    });
  });

  for (const { node, manager, version, add, exec, ...toolchain } of TOOLCHAINS) {
    test(`Node.js ${node} with ${manager} ${version}: the same template, and the command line runs`, async () => {
      const name = `Node.js ${node}, ${manager}`;
      // What the npm package `node` would install by a script of its own.
      const binary = `node-${process.platform}-${process.arch}@${node}`;
      const tools = await machine.tools(name, binary, `${toolchain.package}@${version}`);
      const project = machine.project('typescript', name, tools);
      const run = ([command = '', ...first]: readonly string[], ...args: readonly string[]) =>
        // Yarn keys a tarball in its cache by path, so it would take an older one of the same name from a shared cache.
        project.run(command, [...first, ...args], { YARN_GLOBAL_FOLDER: join(machine.directory, 'yarn') });
      assert.deepEqual(
        [await run(['node'], '--version'), await run([manager], '--version')],
        [`v${node}\n`, `${version}\n`],
      );
      project.write('package.json', '{ "private": true }');
      await run(add, ours.npm, ...specifiers(FLOOR, TOOLS));
      assert.deepEqual(templateIn(await project.synth({}, '--app', [...exec, 'tsx', 'app.ts'].join(' '))), reference);
      assert.match(await run(exec, 'cdk-momento-eventbridge', '--help'), /^ {2}send-webhook /m);
    });
  }

  test('Python: the same template, deployed, and used; and the same of the README', async () => {
    const project = machine.project('python');
    await project.run('python3', ['-m', 'venv', '.venv']);
    const wanted = Object.entries(FLOOR).map(([name, version]) => `${name}==${version}`);
    await project.run('.venv/bin/python', ['-m', 'pip', 'install', '--quiet', ours.pip, ...wanted]);
    const assembly = await project.synth();
    assert.deepEqual(templateIn(assembly), reference);
    await onLocalAws(async (aws) => {
      await deliverWebhook(aws, await aws.deploy(assembly));
    });
    project.write('app.py', quickStart('python'));
    assert.deepEqual(templateIn(await project.synth()), quickStartReference);
  });

  test('Java: the same template, and the same of the README', async () => {
    const project = machine.project('java');
    // A release in Maven's cache is never fetched again, though this one is new each time.
    rmSync(join(packages.mavenCache, 'io/github/cdk-momento-eventbridge'), { recursive: true, force: true });
    const environment = {
      // Two thirds of the CPU: a JVM that lives for seconds gains nothing by optimised code, nor by several threads that collect garbage.
      MAVEN_OPTS: `-Dmaven.repo.local=${packages.mavenCache} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
      PACKAGES: ours.maven,
      PACKAGE_VERSION: VERSION,
    };
    assert.deepEqual(templateIn(await project.synth(environment)), reference);
    project.write('src/main/java/ChatApp.java', quickStart('java'));
    assert.deepEqual(templateIn(await project.synth(environment)), quickStartReference);
  });

  test('Go: the same template, and the same of the README', async () => {
    const project = machine.project('go');
    const module = 'github.com/cdk-momento-eventbridge/cdk-momento-eventbridge-go/cdkmomentoeventbridge';
    await project.run('go', ['mod', 'edit', `-require=${module}@v${VERSION}`, ...ours.go(module)]);
    await project.run('go', ['mod', 'tidy']);
    assert.deepEqual(templateIn(await project.synth()), reference);
    project.write('app.go', quickStart('go'));
    assert.deepEqual(templateIn(await project.synth()), quickStartReference);
  });
});

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
