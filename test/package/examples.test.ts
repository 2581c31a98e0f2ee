import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LocalAws } from '../../tools';
import { Typed } from '../examples/typed';
import { FLOOR, NEWEST, packages, specifiers, TOOLS, VERSION, versions } from './packages';
import { UserMachine } from './user-machine';

const EXAMPLES = join(__dirname, '../../examples');
/** How many stacks an example has, if not one. */
const STACKS: Readonly<Record<string, number>> = { 'existing-bus': 2 };
/** What an example needs besides, for its functions and clients: in the versions that its test here runs. */
const FURTHER: Readonly<
  Record<string, { readonly run: Record<string, string>; readonly build: Record<string, string> }>
> = {
  'dynamodb-write-through': {
    run: versions('@aws-sdk/client-dynamodb', '@aws-sdk/client-secrets-manager', '@gomomento/sdk'),
    build: versions('esbuild'),
  },
};

/** Fifty times what the slowest takes. */
const TYPED_WITHIN_MS = 600_000;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

describe('an example that is copied out of the repository', () => {
  const machine = UserMachine.start();
  const names = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'cdk.json')));
  const manifestOf = (name: string) =>
    JSON.parse(readFileSync(join(EXAMPLES, name, 'package.json'), 'utf8')) as Manifest;
  let installed: string;

  after(() => {
    machine.stop();
  });

  before(async () => {
    const project = machine.example('quickstart');
    const further = Object.values(FURTHER).flatMap(({ run, build }) => specifiers({ ...run, ...build }));
    await project.install(packages.npm, ...specifiers(NEWEST), ...further);
    installed = join(project.directory, 'node_modules');
  });

  test('is one of at least five', () => {
    assert.ok(names.length >= 5, names.join(', '));
  });

  for (const name of names) {
    test(`${name} asks for what this repository supports and is tested with`, () => {
      const { dependencies, devDependencies } = manifestOf(name);
      const { run, build } = FURTHER[name] ?? { run: {}, build: {} };
      const floor = Object.fromEntries(Object.entries(FLOOR).map(([cdk, version]) => [cdk, `^${version}`]));
      assert.deepEqual(dependencies, { ...run, ...floor, 'cdk-momento-eventbridge': `^${VERSION}` });
      assert.deepEqual(devDependencies, { ...TOOLS, ...build });
    });

    test(`${name} is type-checked and synthesized with the packed package`, async () => {
      const project = machine.example(name);
      // All ask for the same, as the test above shows, so one installation serves all.
      symlinkSync(installed, join(project.directory, 'node_modules'));
      await project.run('npm', ['run', 'check']);
      for (const binary of binariesOf(join(project.directory, 'rust'))) {
        // What `cargo lambda build` would leave: a machine without Rust cannot run the build of cdk.json.
        const folder = join(project.directory, 'lambda', binary);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'bootstrap'), '');
      }
      // Where the cdk.json of existing-bus has its resources.
      const assembly = await project.synth({ AWS_REGION: 'eu-west-1' }, '--build', 'true');
      const templates = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
      assert.equal(templates.length, STACKS[name] ?? 1);
      const text = templates.map((file) => readFileSync(join(assembly, file), 'utf8')).join('\n');
      assert.match(text, /AWS::Lambda::Function|AWS::Events::ApiDestination/);
    });
  }

  test('those without Rust are deployed by the command that their READMEs have, when its question is answered', async () => {
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const environment = { ...aws.environment, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true' };
      for (const name of ['quickstart', 'dynamodb-write-through']) {
        const { directory } = machine.example(name);
        symlinkSync(installed, join(directory, 'node_modules'));
        const type = (command: string) => new Typed(command, { directory, environment }).output(TYPED_WITHIN_MS);
        if (name === 'quickstart') await type(`npx cdk bootstrap aws://${aws.account}/${aws.region}`);
        const [, deploy = ''] = /`(npx cdk deploy)`/.exec(readFileSync(join(directory, 'README.md'), 'utf8')) ?? [];
        // The command asks only on a terminal whether permissions may be added.
        const printed = await type(`script --quiet --return --command '${deploy}' /dev/null <<< y`);
        assert.match(printed, /Do you wish to deploy these changes[^]*✅ {2}[^]*\bOutputs:/);
      }
    } finally {
      await aws.stop();
    }
  });

  test('momento-clients is installed and type-checked', async () => {
    const project = machine.example('momento-clients');
    await project.install();
    await project.run('npm', ['run', 'check']);
  });

  for (const name of names.filter((example) => existsSync(join(EXAMPLES, example, 'rust')))) {
    test(`${name} has functions that Cargo takes outside of this repository's workspaces`, () => {
      const { directory } = machine.example(name);
      const crate = join(directory, 'rust');
      // The versions that are compiled here, so that this does not depend on what was published today.
      copyFileSync(join(EXAMPLES, 'Cargo.lock'), join(crate, 'Cargo.lock'));
      // What the README says to type for a crate that the npm package brings.
      symlinkSync(installed, join(directory, 'node_modules'));
      const readme = readFileSync(join(directory, 'README.md'), 'utf8');
      for (const [line] of readme.matchAll(/^cargo add .+$/gm)) {
        execFileSync('bash', ['-c', line], { cwd: directory, stdio: 'pipe' });
      }
      const metadata = execFileSync('cargo', ['metadata', '--format-version', '1'], {
        cwd: crate,
        encoding: 'utf8',
        maxBuffer: 2 ** 27,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const { workspace_root: root } = JSON.parse(metadata) as { workspace_root: string };
      assert.equal(root, crate);
      assert.match(readFileSync(join(directory, '.cargo/config.toml'), 'utf8'), /^\[profile\.release\]$/m);
    });
  }
});

/** The names of the executables of a crate; none where there is no crate. */
function binariesOf(crate: string): string[] {
  if (!existsSync(crate)) return [];
  const folder = join(crate, 'src/bin');
  if (existsSync(folder)) return readdirSync(folder).map((file) => file.replace(/\.rs$/, ''));
  const [, name = ''] = /^name = "(.+)"$/m.exec(readFileSync(join(crate, 'Cargo.toml'), 'utf8')) ?? [];
  return [name];
}
