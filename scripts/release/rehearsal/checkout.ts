import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commands } from './commands';

/** What the documents say until the first release, and what a maintainer replaces then. */
const UNPUBLISHED = /nothing is published yet|is not published yet/gi;

/** Makes the commit of a release, with its tag, in a clone that is as committed. */
export async function prepareRelease(checkout: string, commands: Commands, version: string): Promise<string> {
  const examples = readdirSync(join(checkout, 'examples')).map((name) => `examples/${name}/README.md`);
  for (const document of ['README.md', 'docs/launch-stack.md', ...examples]) {
    const file = join(checkout, document);
    if (existsSync(file)) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(UNPUBLISHED, 'is released'));
  }
  await commands.succeed('bash', ['scripts/setup.sh', 'node-modules']);
  await commands.succeed('bash', ['scripts/release/prepare.sh', version]);
  const git = (...args: string[]) =>
    commands.succeed('git', ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@example.com', ...args]);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', `release ${version}`);
  await git('tag', `v${version}`);
  return (await git('show', '--stat', '--format=%s', 'HEAD')).trim().split('\n').at(-1) ?? '';
}
