import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const ROOT = join(__dirname, '../..');
const WORKFLOWS = join(ROOT, '.github/workflows');

interface Job {
  readonly strategy?: { readonly matrix: { readonly steps?: readonly string[] } };
  readonly container?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly { readonly run?: string }[];
}

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflowIn = (file: string) => parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as Workflow;
const jobs = readdirSync(WORKFLOWS).flatMap((file) => {
  const workflow = workflowIn(file);
  return Object.entries(workflow.jobs).map(([name, job]) => ({ ...job, name: `${file} ${name}` }));
});

test('where secrets are within reach, only what a lock file names is installed', () => {
  const withSecrets = jobs.filter(({ environment }) => environment !== undefined);
  assert.ok(withSecrets.length >= 6);
  const commands = withSecrets.flatMap(({ name, steps = [] }) => steps.map(({ run = '' }) => ({ name, run })));
  // What they run, and what that runs.
  const called = commands.flatMap(({ run }) => [...run.matchAll(/scripts\/\S+\.sh/g)].map(([script]) => script));
  const helpers = ['clean-tree.sh', 'checksums.sh', 'published.sh'].map((script) => `scripts/release/${script}`);
  const files = [...new Set([...called, ...helpers])];
  assert.ok(files.length >= 6, 'the pattern finds the scripts');
  const scripts = [...commands, ...files.map((name) => ({ name, run: readFileSync(join(ROOT, name), 'utf8') }))];
  // A command and its options, to the end of its last line.
  const installing = /\b(npx|npm (ci|i|install|exec)|pip3? install|pipx|cargo install|go (install|run))\b(\\\n|.)*/g;
  const found = scripts.flatMap(({ name, run }) =>
    [...run.replace(/^\s*#.*$/gm, '').matchAll(installing)].map(([command]) => `${name}: ${command}`),
  );
  assert.ok(found.length >= 3, 'the pattern finds what is locked');
  const locked = /npm ci .*--ignore-scripts|pip install .*--require-hashes/;
  assert.deepEqual(
    found.filter((command) => !locked.test(command)),
    [],
  );
});

test('each job of a release may do what it does, and nothing else', () => {
  const release = workflowIn('release.yml');
  assert.deepEqual(release.permissions, {});
  const read = { contents: 'read' };
  const token = { contents: 'read', 'id-token': 'write' };
  assert.deepEqual(Object.fromEntries(Object.entries(release.jobs).map(([name, job]) => [name, job.permissions])), {
    test: read,
    build: read,
    attest: { 'id-token': 'write', attestations: 'write' },
    // The buckets' role, and the trusted publishers.
    code: token,
    npm: token,
    pypi: token,
    nuget: token,
    // These have secrets instead.
    maven: read,
    go: read,
    github: { contents: 'write' },
  });
});

test('publib is locked to one version', () => {
  const read = (file: string) => readFileSync(join(ROOT, 'scripts/release/publib', file), 'utf8');
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: { publib: string } };
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
  assert.match(dependencies.publib, /^\d+\.\d+\.\d+$/);
  assert.equal(packages['node_modules/publib']?.version, dependencies.publib);
});

test("each of Maven's plugins that runs beside the signing key is locked to one version", () => {
  const read = (file: string) => readFileSync(join(ROOT, 'scripts/release/publib', file), 'utf8');
  const pinned = /<artifactId>maven-gpg-plugin<\/artifactId>\s*<version>\d+\.\d+\.\d+<\/version>/;
  assert.match(read('maven-plugins.xml'), pinned);
});

test('the workflows build with the Rust version of rust-toolchain.toml', () => {
  const [, toolchain = ''] =
    /^channel = "(\d+\.\d+)\.\d+"$/m.exec(readFileSync(join(ROOT, 'rust-toolchain.toml'), 'utf8')) ?? [];
  const images = jobs.flatMap(({ container }) => container ?? []);
  assert.deepEqual([...new Set(images)], [`rust:${toolchain}-bookworm`]);
});

test('the jobs of CI together run every step of npm test', () => {
  const [, steps = ''] = /^all=\((.*)\)$/m.exec(readFileSync(join(ROOT, 'scripts/test.sh'), 'utf8')) ?? [];
  const run = jobs
    .filter(({ name }) => name.startsWith('ci.yml '))
    .flatMap(({ strategy, steps: commands = [] }) => [
      ...(strategy?.matrix.steps ?? []),
      ...commands.flatMap(({ run: command = '' }) => /^bash scripts\/test\.sh (.*)$/m.exec(command)?.[1] ?? []),
    ])
    .flatMap((list) => list.split(' '))
    .filter((step) => step !== '$STEPS');
  assert.ok(steps.length > 0);
  assert.deepEqual([...new Set(run)].sort(), steps.split(' ').sort());
});
