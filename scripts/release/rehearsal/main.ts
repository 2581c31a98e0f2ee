/**
 * Rehearses a release on this machine: makes it in a clean clone, publishes it to registries and buckets of this machine with the
 * commands that release.yml has, and installs, launches and upgrades from there. RELEASING.md says more.
 *
 * usage: npm run release:rehearse -- VERSION            (10 minutes or more)
 *        npm run release:rehearse -- VERSION --keep     (keeps the clone, and says where it is)
 *        npm run release:rehearse -- VERSION --built DIRECTORY   (of a clone that was kept: builds nothing)
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareRelease, REHEARSED } from './checkout';
import { Commands } from './commands';
import { checkChecksums, checkSboms, verifySignatures } from './evidence';
import { checkSubjects } from './provenance';
import { Journal } from './journal';
import { launchFrom } from './launch';
import { Places } from './places';
import { Publisher } from './publish';

const ROOT = join(__dirname, '../../..');
const USAGE = 'usage: npm run release:rehearse -- VERSION [--keep | --built DIRECTORY]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { keep: { type: 'boolean' }, built: { type: 'string' } },
    allowPositionals: true,
  });
  const [version = ''] = positionals;
  if (!/^\d+\.\d+\.\d+$/.test(version) || positionals.length > 1) throw new Error(USAGE);
  const journal = new Journal(join(ROOT, 'target/rehearsal'));
  const scratch = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  const checkout = values.built ?? join(scratch, 'cdk-momento-eventbridge');
  mkdirSync(checkout, { recursive: true });
  const commands = new Commands(journal, checkout);
  let places: Places | undefined;
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    await commands.stop();
    await places?.stop();
    if (!values.keep) rmSync(scratch, { recursive: true, force: true });
  };
  // After a signal, the step that it ends asks for it once more.
  const stop = () => (stopping ??= stopAll());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not once: verdaccio's signal-exit kills the process where it finds no other listener.
    process.on(signal, () => {
      void stop().then(() => process.exit(1));
    });
  }
  try {
    if (values.built === undefined) await build(checkout, version, commands, journal);
    places = await Places.start('cdk-momento-eventbridge', scratch, commands);
    await rehearse(checkout, version, scratch, commands, places, journal);
  } finally {
    await stop();
    console.log(`what was found: ${journal.summarize(`Rehearsal of ${version}`, facts(checkout))}`);
    if (values.keep) console.log(`the clone: ${checkout}`);
  }
}

async function build(checkout: string, version: string, commands: Commands, journal: Journal): Promise<void> {
  await journal.step('clean clone, with the commit and the tag of the release', async () => {
    await commands.succeed('git', ['clone', '--quiet', ROOT, '.']);
    return prepareRelease(checkout, commands, version);
  });
  await journal.step('job build', async () => {
    const output = await commands.succeed('bash', ['scripts/release/build.sh', `v${version}`]);
    return output.trimEnd().split('\n').at(-1) ?? '';
  });
}

async function rehearse(
  checkout: string,
  version: string,
  scratch: string,
  commands: Commands,
  places: Places,
  journal: Journal,
): Promise<void> {
  const hasDotnet = spawnSync('dotnet', ['--version']).status === 0;
  const publisher = new Publisher(checkout, `v${version}`, commands, places, journal);
  await publisher.publish(hasDotnet);
  journal.notHere(
    'trusted publishing and signed provenance (npm, PyPI, GitHub): sigstore signs for an identity that only GitHub gives',
  );
  journal.notHere('AWS and Momento: local stand-ins take their places');
  await journal.step('published again: the same bytes', () => publisher.publishAgain(hasDotnet));
  await journal.step('refused: other bytes, and changes that are not committed', () => publisher.refusals());
  await journal.step('signatures of the Maven artifacts', () => verifySignatures(places, commands, scratch));
  await journal.step('SBOMs', () => checkSboms(checkout));
  await journal.step('checksums', () => checkChecksums(checkout, version, places));
  await journal.step('subjects of the provenance', () => checkSubjects(checkout, version, places));

  await journal.step('installed from the registries, as a user of each language', async () => {
    const go = async (name: string) => (await commands.succeed('go', ['env', name])).trim();
    const user = places.forUser(await go('GOPROXY'), await go('GOMODCACHE'));
    return tested(await commands.succeed('node', nodeTest('test/package/apps.test.ts'), user));
  });
  for (const document of ['dist/release-notes.md', 'dist/templates/launch-stack.md']) {
    await journal.step(`launched by the buttons of ${document}`, () => launchFrom(document, checkout, places.aws));
  }
  await journal.step('upgraded from 0.1.0 and rolled back, with 1,000 messages waiting', async () =>
    tested(await commands.succeed('node', nodeTest('test/end-to-end/upgrade.test.ts'))),
  );
  for (const line of readFileSync(join(checkout, 'dist/SHA256SUMS'), 'utf8').trim().split('\n')) {
    if (/\.(zip|tgz|whl|tar\.gz|jar|pom|nupkg|yaml|cdx\.json)$/.test(line)) journal.hash(line);
  }
}

function nodeTest(file: string): string[] {
  return ['--import', 'tsx', '--test', '--test-force-exit', '--test-reporter', 'spec', file];
}

/** The promises that a test run has kept. */
function tested(output: string): string {
  const names = (line: RegExp) => [...output.matchAll(line)].map(([, name = '']) => name);
  // A suite is announced before its tests, and has a line like theirs after them.
  const suites = new Set(names(/^\s*▶ (.+)$/gm));
  const kept = names(/^\s*✔ (.+?) \([\d.]+ms\)$/gm).filter((name) => !suites.has(name));
  return `tests that pass: ${kept.length.toString()}: ${kept.join('; ')}`;
}

function facts(checkout: string): string[] {
  const said = (command: string, ...args: string[]) => {
    const { stdout, stderr } = spawnSync(command, args, { cwd: checkout, encoding: 'utf8' });
    return `${stdout}${stderr}`.trim().split('\n')[0] ?? '';
  };
  return [
    `on ${new Date().toISOString().slice(0, 10)}, of commit ${said('git', 'rev-parse', '--short', REHEARSED)}`,
    `${process.arch}, ${availableParallelism().toString()} cores`,
    `Node.js ${process.version}, npm ${said('npm', '--version')}, ${said('python3', '--version')}, ${said('go', 'version')}, ${said('java', '-version')}`,
  ];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
