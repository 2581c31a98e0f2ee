/** That a stack deployed with a released version can be deployed again with this one, and loses nothing that it holds. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { holdingResources, type Resources } from './holding-resources';

const SNAPSHOTS = join(__dirname, 'snapshots');
/** For each released version, what `holdingResources` found in its snapshots. `npm run release:prepare` writes it. */
const KEPT = join(__dirname, 'kept');

const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

test('what holds something in a stack of 0.1.0 is kept', () => {
  assert.ok(readdirSync(KEPT).includes('0.1.0.json'));
});

for (const file of readdirSync(KEPT)) {
  describe(`an update of a stack of version ${file.replace('.json', '')}`, () => {
    const kept = json(KEPT, file) as Readonly<Record<string, Resources>>;
    for (const [name, before] of Object.entries(kept)) {
      test(`replaces neither a URL nor a queue, secret or table of ${name}`, () => {
        const { Resources: now } = json(SNAPSHOTS, `${name}.json`) as { readonly Resources: Resources };
        const same = Object.entries(holdingResources(now)).filter(([id]) => id in before);
        assert.deepEqual(Object.fromEntries(same), before);
      });
    }
  });
}
