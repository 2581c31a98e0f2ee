import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { LocalAws } from '../../tools';
import { existingIn, OrganisationStack } from '../../tools/run-example/existing-bus/organisation-stack';
import { FLOOR, NEWEST, packages, specifiers, TOOLS, VERSION, versions } from './packages';
import { type Project, UserMachine } from './user-machine';

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

/** The call that the cdk.json of each example with functions in Rust has: they are in `lambda` then, for arm64. */
const BUILD = 'lambda build --release --arm64 --manifest-path rust/Cargo.toml --lambda-dir lambda';
/** The one that only talks to Momento: there is nothing to deploy. */
const CLIENTS = 'momento-clients';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

describe('an example that is copied out of the repository', () => {
  const machine = UserMachine.start();
  const names = readdirSync(EXAMPLES).filter(
    (name) => name !== CLIENTS && existsSync(join(EXAMPLES, name, 'package.json')),
  );
  const manifestOf = (name: string) =>
    JSON.parse(readFileSync(join(EXAMPLES, name, 'package.json'), 'utf8')) as Manifest;
  const projects = new Map<string, Project>();
  const projectOf = (name: string) => projects.get(name) ?? assert.fail(`${name} is not copied`);
  let installed: string;
  let aws: LocalAws;

  after(async () => {
    await aws.stop();
    machine.stop();
  });

  before(async () => {
    aws = await LocalAws.start({ enforceIam: true });
    const project = machine.example('quickstart');
    const further = Object.values(FURTHER).flatMap(({ run, build }) => specifiers({ ...run, ...build }));
    await project.install(packages.npm, ...specifiers(NEWEST), ...further);
    installed = join(project.directory, 'node_modules');
    for (const name of names) {
      const copy = machine.example(name, withCargoLambda(machine, binariesOf(join(EXAMPLES, name, 'rust'))));
      // All ask for the same, as a test below shows, so one installation serves all.
      symlinkSync(installed, join(copy.directory, 'node_modules'));
      projects.set(name, copy);
    }
    await bootstrap(project, aws);
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

    test(`${name} is deployed with the packed package by the commands of its README, when their question is answered`, async () => {
      const project = projectOf(name);
      const { directory } = project;
      const readme = readFileSync(join(directory, 'README.md'), 'utf8');
      const accounts = name === 'existing-bus' ? await nameExisting(project, aws) : {};
      const deployed: string[] = [];
      for (const command of deploymentsIn(readme)) {
        const printed = await project.type(command, (accounts[command] ?? aws).environment);
        assert.match(printed, /Do you wish to deploy these changes[^]*✅ {2}[^]*\bOutputs:/);
        deployed.push(...[...printed.matchAll(/^✅ {2}(\w+)\r?$/gm)].map(([, stack = '']) => stack));
      }
      // All stacks that the app has.
      const templates = readdirSync(join(directory, 'cdk.out')).filter((file) => file.endsWith('.template.json'));
      assert.deepEqual(deployed.sort(), templates.map((file) => file.replace('.template.json', '')).sort());
      assert.equal(deployed.length, STACKS[name] ?? 1);
    });
  }

  test('all are type-checked with the packed package, as the command of each does', async () => {
    // Each reads the same declarations for seconds, so one run of the same compiler with the same settings checks all.
    const settingsOf = (name: string) => readFileSync(join(EXAMPLES, name, 'tsconfig.json'), 'utf8');
    for (const name of names) {
      assert.deepEqual([manifestOf(name).scripts.check, settingsOf(name)], ['tsc', settingsOf('quickstart')], name);
    }
    const include = names.map((name) => join(projectOf(name).directory, '*.ts'));
    projectOf('quickstart').write('all.json', JSON.stringify({ extends: './tsconfig.json', include }));
    const files = await projectOf('quickstart').run('npx', ['tsc', '--project', 'all.json', '--listFiles']);
    const checked = files
      .split('\n')
      .filter((file) => file.startsWith(machine.directory) && !file.includes('/node_modules/'));
    const sources = names.flatMap((name) => {
      const copy = projectOf(name).directory;
      return readdirSync(copy)
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(copy, file));
    });
    assert.deepEqual(checked.sort(), sources.sort());
  });

  test(`${CLIENTS} is installed and type-checked`, async () => {
    const project = machine.example(CLIENTS);
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

/** The commands of a README that deploy, in its order, one that it repeats only once. */
function deploymentsIn(readme: string): string[] {
  return [...new Set([...readme.matchAll(/^npx cdk .+$|(?<=`)npx cdk [^`]+(?=`)/gm)].map(([command]) => command))];
}

/** What an account and region need once. No app is run, because they are named. */
async function bootstrap(project: Project, { account, region, environment }: LocalAws): Promise<void> {
  await project.type(`npx cdk bootstrap aws://${account}/${region}`, environment);
}

/**
 * Gives the organisation of existing-bus its resources and puts their names in its cdk.json, as its README says.
 *
 * @returns where the commands are typed that need credentials of another account
 */
async function nameExisting(project: Project, aws: LocalAws): Promise<Readonly<Record<string, LocalAws>>> {
  const app = new App({ outdir: join(project.directory, 'organisation.out') });
  new OrganisationStack(app, 'Organisation');
  const organisation = await aws.deploy(app.synth().directory);
  const settings = JSON.parse(readFileSync(join(project.directory, 'cdk.json'), 'utf8')) as {
    readonly context: { readonly existing: unknown; readonly forwarding: { account: string; region: string } };
  };
  const { context } = settings;
  const named = { ...settings, context: { ...context, existing: existingIn(organisation, aws.region) } };
  project.write('cdk.json', JSON.stringify(named));
  const receiver = aws.in(context.forwarding);
  await bootstrap(project, receiver);
  return { 'npx cdk deploy Receiving': receiver };
}

/**
 * A folder with a `cargo` that takes only the call of a cdk.json, and leaves what `cargo lambda build` would, but empty. A machine
 * without Rust cannot compile, and a release build takes minutes: what is compiled is tested in test/examples.
 */
function withCargoLambda(machine: UserMachine, binaries: readonly string[]): string | undefined {
  if (binaries.length === 0) return undefined;
  const directory = mkdtempSync(join(machine.directory, 'cargo-lambda-'));
  const script = `#!/bin/sh
[ "$*" = '${BUILD}' ] || { echo "cargo was called with: $*" >&2; exit 64; }
for binary in ${binaries.join(' ')}; do
  mkdir -p "lambda/$binary"
  : > "lambda/$binary/bootstrap"
done
`;
  writeFileSync(join(directory, 'cargo'), script, { mode: 0o755 });
  return directory;
}

/** The names of the executables of a crate; none where there is no crate. */
function binariesOf(crate: string): string[] {
  if (!existsSync(crate)) return [];
  const folder = join(crate, 'src/bin');
  if (existsSync(folder)) return readdirSync(folder).map((file) => file.replace(/\.rs$/, ''));
  const [, name = ''] = /^name = "(.+)"$/m.exec(readFileSync(join(crate, 'Cargo.toml'), 'utf8')) ?? [];
  return [name];
}
