// Installs and compiles what an example needs to run here, all at the same time: npm waits for the network where cargo computes.
// Quick when nothing has changed.
//
// usage: node tools/run-example/prepare.mjs NAME
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cargoBuild, runQuietly, runTogether } from './tasks.mjs';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'target');
const [name = ''] = process.argv.slice(2);

// Those of the demo only, which is to be quick.
const handlers = name === 'quickstart' ? ['redrive', 'subscribe', 'webhook'] : undefined;

/** Runs a part of scripts/setup.sh, and looks a second now and then how much of it is there. */
function setUp(part, isThere) {
  return async (report, signal) => {
    const look = () => report(isThere.filter((there) => there()).length, isThere.length);
    const timer = setInterval(look, 1000);
    try {
      await runQuietly('bash', ['scripts/setup.sh', part], { cwd: ROOT, env: process.env, signal });
      look();
    } finally {
      clearInterval(timer);
    }
  };
}

/** Whether each npm package of the lock file is installed: all, but for what is made for another machine. */
function npmPackages() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const fits = (wanted, own) => wanted === undefined || wanted.includes(own);
  return Object.entries(packages)
    .filter(
      ([path, { link, os, cpu, libc }]) =>
        path !== '' && !link && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, 'glibc'),
    )
    .map(
      ([path]) =>
        () =>
          existsSync(join(ROOT, path, 'package.json')),
    );
}

/** Whether each Python package of the local AWS is installed. */
function pythonPackages() {
  const requirements = readFileSync(join(ROOT, 'tools/local-aws/requirements.txt'), 'utf8');
  const installed = () => {
    const libraries = join(ROOT, '.venv/lib');
    const [python] = existsSync(libraries) ? readdirSync(libraries) : [];
    const site = python && join(libraries, python, 'site-packages');
    return site && existsSync(site) ? readdirSync(site).join('\n').toLowerCase() : '';
  };
  return [...requirements.matchAll(/^([\w.-]+)==([\w.]+)/gm)].map(
    ([, package_, version]) =>
      () =>
        installed().includes(`${package_.toLowerCase().replace(/[-.]/g, '_')}-${version}.dist-info`),
  );
}

const executables = handlers?.flatMap((handler) => ['--bin', handler]) ?? ['--bins'];
// The package demo gives the handlers the features with which the examples, and the handlers' tests, share what is compiled.
const crates = ['--package', 'demo', '--package', 'cdk-momento-eventbridge-handler'];
try {
  await runTogether([
    { name: 'npm packages', run: setUp('node-modules', npmPackages()) },
    { name: 'Python packages of the local AWS', run: setUp('local-aws', pythonPackages()) },
    { name: 'Rust handlers', run: cargoBuild(join(ROOT, 'tools'), [...crates, ...executables], TARGET) },
    // Alone: for its tests, cargo would compile twice as much.
    { name: 'local Momento', run: cargoBuild(join(ROOT, 'tools/local-momento'), [], join(TARGET, 'tools')) },
  ]);
  if (existsSync(join(ROOT, 'examples', name, 'rust'))) {
    // As rust-functions.ts builds them, which then finds them built.
    await runTogether([
      { name: 'Rust functions of the examples', run: cargoBuild(join(ROOT, 'examples'), ['--all-targets'], TARGET) },
    ]);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
