import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { cargo, CRATE } from '../../scripts/handler/cargo';
import { ASSETS, readManifest } from '../../scripts/handler/manifest';

const TARGETS = { arm64: 'aarch64-unknown-linux-gnu', x86_64: 'x86_64-unknown-linux-gnu' } as const;
/** No licence is shorter. */
const SHORTEST = 500;

for (const { file, architecture } of readManifest().handlers) {
  describe(`the notices in ${file}`, () => {
    const { bootstrap, 'THIRD-PARTY-NOTICES.txt': notices } = unzipSync(readFileSync(join(ASSETS, file)));
    const executable = Buffer.from(bootstrap ?? []).toString('latin1');
    const text = Buffer.from(notices ?? []).toString();
    const texts = textsByCrate(text);

    test('have the text of a licence for every crate that the handlers depend on', () => {
      // Without the crates that a macro needs when it runs, as it does while building.
      const tree = ['--target', TARGETS[architecture], '--edges', 'normal,no-proc-macro', '--prefix', 'none'];
      const crates = cargo('tree', '--package', CRATE, ...tree).matchAll(/^(\S+) v(\S+)/gm);
      for (const [, name = '', version = ''] of crates) {
        const length = texts.get(`${name} ${version}`)?.length ?? 0;
        assert.ok(length > SHORTEST, `${name} ${version}: ${length.toString()} characters`);
      }
    });

    test('have the copyright notices that a crate has in its source files only', () => {
      const [, copyrights = ''] = /\nring \S+:\n((?:Copyright.*\n)+)/.exec(text) ?? [];
      for (const holder of ['Intel Corporation', 'Google Inc', 'CloudFlare Ltd'])
        assert.match(copyrights, RegExp(holder));
    });

    test('have every crate that the executable itself names', () => {
      // Where a panic comes from stands in it as a path.
      const sources = [...executable.matchAll(/\/cargo\/registry\/src\/[^/]+\/([^/]+)-(\d[^/]*)\/src\//g)];
      assert.ok(sources.length > 20);
      for (const [, name = '', version = ''] of sources)
        assert.ok(texts.has(`${name} ${version}`), `${name} ${version}`);
    });
  });
}

/** The texts that stand below each crate's name and version. */
function textsByCrate(notices: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const section of notices.split(`\n\n${'='.repeat(80)}\n\n`)) {
    const [names = '', ...paragraphs] = section.split('\n\n');
    for (const [, crate = ''] of names.matchAll(/^(\S+ \d\S*), /gm)) {
      texts.set(crate, (texts.get(crate) ?? '') + paragraphs.join('\n\n'));
    }
  }
  return texts;
}
