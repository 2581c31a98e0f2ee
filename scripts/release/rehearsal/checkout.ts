import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newestEntry } from '../versions';
import type { Commands } from './commands';

/** What the documents say until the first release, and what a maintainer replaces then. */
const UNPUBLISHED = /nothing is published yet|is not published yet/gi;

/** The commit that is rehearsed, in a clone: that of the release is made from it. */
export const REHEARSED = 'refs/rehearsal/commit';

// Without the key of who rehearses, whose git may sign whatever it makes.
const CONFIG = ['user.name=rehearsal', 'user.email=rehearsal@example.com', 'commit.gpgSign=false', 'tag.gpgSign=false'];

/** Makes the commit of a release, unless it is there already, and its tag, in a clone that is as committed. */
export async function prepareRelease(checkout: string, commands: Commands, version: string): Promise<string> {
  const git = (...args: string[]) =>
    commands.succeed('git', [...CONFIG.flatMap((setting) => ['-c', setting]), ...args]);
  await git('update-ref', REHEARSED, 'HEAD');
  const newest = newestEntry(readFileSync(join(checkout, 'CHANGELOG.md'), 'utf8'));
  if (newest.version === version && newest.date !== 'unreleased') {
    await git('tag', `v${version}`);
    return `the commit was prepared on ${newest.date}`;
  }
  const examples = readdirSync(join(checkout, 'examples')).map((name) => `examples/${name}/README.md`);
  for (const document of ['README.md', 'docs/launch-stack.md', ...examples]) {
    const file = join(checkout, document);
    if (existsSync(file)) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(UNPUBLISHED, 'is released'));
  }
  await commands.succeed('bash', ['scripts/setup.sh', 'node-modules']);
  await commands.succeed('bash', ['scripts/release/prepare.sh', version]);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', `release ${version}`);
  await git('tag', `v${version}`);
  return (await git('show', '--stat', '--format=%s', 'HEAD')).trim().split('\n').at(-1) ?? '';
}
