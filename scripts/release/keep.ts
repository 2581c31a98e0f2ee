// Keeps what the tests of later versions hold an update against: the one-click templates of this version, and what holds something in
// the snapshots. Runs as a step of `npm run release:prepare`.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../templates/release';
import { holdingResources, type Resources } from '../../test/constructs/holding-resources';
import { sayMade } from '../made';

const ROOT = join(__dirname, '../..');
const SNAPSHOTS = join(ROOT, 'test/constructs/snapshots');

const templates = join(ROOT, 'test/templates/kept', VERSION);
rmSync(templates, { recursive: true, force: true });
cpSync(join(ROOT, 'templates/rendered'), templates, { recursive: true });
for (const file of readdirSync(templates)) sayMade(join(templates, file));

const held = readdirSync(SNAPSHOTS).map((file) => {
  const { Resources: resources } = JSON.parse(readFileSync(join(SNAPSHOTS, file), 'utf8')) as {
    readonly Resources: Resources;
  };
  return [file.replace('.json', ''), holdingResources(resources)] as const;
});
const list = join(ROOT, 'test/constructs/kept', `${VERSION}.json`);
const some = held.filter(([, resources]) => Object.keys(resources).length > 0);
writeFileSync(list, `${JSON.stringify(Object.fromEntries(some), null, 2)}\n`);
sayMade(list);
