// Refuses a release whose tag, manifests, changelog and documents do not agree.
//
// usage: npm run release:check -- v1.2.3
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { disagreements, newestEntry, versionsOf } from './versions';

const ROOT = join(__dirname, '../..');
/** What the documents say as long as there is no release. */
const UNPUBLISHED = /nothing is published yet|is not published yet/i;

/** Why the checkout cannot be released under a tag: nothing if it can. */
export function reasonsAgainst(tag: string, root = ROOT): string[] {
  const read = (name: string) => readFileSync(join(root, name), 'utf8');
  const reasons = disagreements({ ...versionsOf(root), 'the tag': tag.replace(/^v/, '') });
  if (newestEntry(read('CHANGELOG.md')).date === 'unreleased')
    reasons.push('CHANGELOG.md has no date for this version');
  for (const document of ['README.md', 'docs/launch-stack.md', ...exampleReadmes(root)]) {
    if (UNPUBLISHED.test(read(document))) reasons.push(`${document} says that nothing is published yet`);
  }
  return reasons;
}

function exampleReadmes(root: string): string[] {
  return readdirSync(join(root, 'examples'))
    .map((name) => `examples/${name}/README.md`)
    .filter((readme) => existsSync(join(root, readme)));
}

if (require.main === module) {
  const [tag = ''] = process.argv.slice(2);
  const reasons = reasonsAgainst(tag);
  for (const reason of reasons) console.error(`release: ${reason}`);
  process.exitCode = reasons.length > 0 ? 1 : 0;
}
