/** That a stack launched from a template of a released version can be updated with that of this one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { RELEASE_BUCKETS } from '../../templates/host';
import { render } from '../../templates/generate';
import { TEMPLATES, type TemplateName } from '../../templates/release';
import { holdingResources, type Resources } from '../constructs/holding-resources';

/** The templates of each released version, as they were uploaded. */
const KEPT = join(__dirname, 'kept');

interface Template {
  readonly Parameters: Record<string, { readonly Default?: unknown }>;
  readonly Outputs: Record<string, unknown>;
  readonly Resources: Resources;
}

const { texts } = render(RELEASE_BUCKETS);
// `!GetAtt X.Arn` and the like are read as plain text.
const read = (yaml: string) => parse(yaml, { logLevel: 'silent' }) as Template;

test('the templates of 0.1.0 are kept', () => {
  assert.deepEqual(readdirSync(join(KEPT, '0.1.0')).sort(), TEMPLATES.map((name) => `${name}.yaml`).sort());
});

for (const version of readdirSync(KEPT)) {
  describe(`an update of a stack of version ${version}`, () => {
    for (const file of readdirSync(join(KEPT, version))) {
      const name = file.replace('.yaml', '') as TemplateName;
      const before = read(readFileSync(join(KEPT, version, file), 'utf8'));
      const now = read(texts[name]);

      test(`replaces neither the URL nor a queue, secret or table of ${name}`, () => {
        const holding = holdingResources(before.Resources);
        assert.ok(Object.keys(holding).length > 0);
        const same = Object.keys(holding).filter((id) => id in now.Resources);
        const kept = Object.fromEntries(same.map((id) => [id, now.Resources[id] ?? assert.fail()]));
        assert.deepEqual(holdingResources(kept), holding);
      });

      test(`takes the parameters that ${name} had, asks for no more, and has the outputs that it had`, () => {
        const missing = (had: object, has: object) => Object.keys(had).filter((id) => !(id in has));
        assert.deepEqual(missing(before.Parameters, now.Parameters), []);
        assert.deepEqual(missing(before.Outputs, now.Outputs), []);
        const added = Object.entries(now.Parameters).filter(([id]) => !(id in before.Parameters));
        assert.deepEqual(
          added.filter(([, parameter]) => parameter.Default === undefined),
          [],
        );
      });
    }
  });
}
