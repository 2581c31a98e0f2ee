// Compares the public API of what `npm run build` has left with that of the newest published version, and fails if something
// that a user can have written against that does not compile any more, unless the version says so: by its major number, or
// while that is 0 by its minor number.
//
// usage: npm run compat
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** Whether users expect that a version breaks what works with an older one. */
export function mayBreak(older: string, newer: string): boolean {
  const counting = (version: string) => {
    const [major = '', minor = ''] = version.split('.');
    return major === '0' ? `0.${minor}` : major;
  };
  return counting(older) !== counting(newer);
}

/**
 * What breaks for a user of another version of the package: the report of jsii-diff, or nothing.
 *
 * @param original a folder with its assembly, or `npm:` and its name and version
 */
export function breakingChanges(original: string): string | undefined {
  // The package is experimental as a whole, so only `all` makes an error of anything.
  const { status, stdout, stderr } = run(join(ROOT, 'node_modules/.bin/jsii-diff'), [
    '--error-on',
    'all',
    original,
    ROOT,
  ]);
  const report = `${stdout}${stderr}`;
  if (status === 0) return undefined;
  if (!/^err /m.test(report)) throw new Error(`jsii-diff failed:\n${report}`);
  return report;
}

/** The newest version on npm, if there is any. */
function published(name: string): string | undefined {
  const { status, stdout, stderr } = run('npm', ['view', name, 'version', '--json']);
  const answer = JSON.parse(stdout || 'null') as string | { error: { code: string } } | null;
  if (status === 0 && typeof answer === 'string') return answer;
  if (typeof answer === 'object' && answer?.error.code === 'E404') return undefined;
  throw new Error(`npm does not say which version of ${name} is the newest:\n${stderr}`);
}

function run(command: string, args: readonly string[]) {
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };
  const { error, ...result } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env });
  if (error) throw error;
  return result;
}

function main(): void {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const previous = published(name);
  if (previous === undefined) {
    console.log(`${name} is not published yet: ${version} breaks nobody`);
    return;
  }
  const report = breakingChanges(`npm:${name}@${previous}`);
  if (report === undefined) {
    console.log(`${version} breaks nothing that works with ${previous}`);
  } else if (mayBreak(previous, version)) {
    console.log(`${report}\n${version} may break what works with ${previous}: its number says so`);
  } else {
    console.error(`${report}\n${version} breaks what works with ${previous}, and its number does not say so`);
    process.exitCode = 1;
  }
}

if (require.main === module) main();
