import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { cargo, CRATE } from '../../scripts/handler/cargo';
import { reasonsAgainst } from '../../scripts/release/check';
import { disagreements, newestEntry, versionsOf } from '../../scripts/release/versions';

const ROOT = join(__dirname, '../..');

test('every manifest of this checkout and its changelog name one version', () => {
  const versions = versionsOf(ROOT);
  assert.ok(Object.keys(versions).length >= 9);
  assert.deepEqual(disagreements(versions), []);
});

test('the lock file of the tools has the handlers and their dependencies as they are published, so that the demo runs those', () => {
  const lock = readFileSync(join(ROOT, 'tools/Cargo.lock'), 'utf8');
  const tree = cargo('tree', '--package', CRATE, '--edges', 'normal,build', '--prefix', 'none', '--format', '{p}');
  const crates = [...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name = '', version = '']) => ({ name, version }));
  assert.ok(crates.length > 100);
  const others = crates.filter(({ name, version }) => !lock.includes(`name = "${name}"\nversion = "${version}"\n`));
  assert.deepEqual(others, []);
});

describe('the newest entry of a changelog', () => {
  test('is the topmost, with its text', () => {
    const changelog =
      '# Changelog\n\nWords.\n\n## [1.2.0] - 2026-12-31\n\n### Added\n\n- A.\n\n## [1.1.0] - 2026-11-30\n\n- B.\n';
    assert.deepEqual(newestEntry(changelog), { version: '1.2.0', date: '2026-12-31', text: '### Added\n\n- A.' });
  });

  test('is refused without a version, and without a date', () => {
    assert.throws(() => newestEntry('# Changelog\n\n## Unreleased\n'), /begins with 'Unreleased'/);
    assert.throws(() => newestEntry('# Changelog\n\n## [1.2.0]\n'), /begins with '\[1\.2\.0\]'/);
    assert.throws(() => newestEntry('# Changelog\n'), /begins with ''/);
  });
});

describe('a release', () => {
  const copy = mkdtempSync(join(tmpdir(), 'release-'));
  after(() => {
    rmSync(copy, { recursive: true });
  });
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), text);
  };
  /** A checkout in which all agree on 1.2.3, but for what is given. */
  const checkout = ({
    npm = '1.2.3',
    lock = '1.2.3',
    crate = '1.2.3',
    example = '^1.2.3',
    heading = '[1.2.3] - 2026-12-31',
    readme = '',
    exampleReadme = '',
  }) => {
    write('package.json', JSON.stringify({ version: npm }));
    write('package-lock.json', JSON.stringify({ version: lock }));
    write('Cargo.toml', `[package]\nname = "handler"\nversion = "${crate}"\nedition = "2024"\n[workspace]\n`);
    write('src/lib.rs', '');
    write('examples/Cargo.toml', '');
    write('examples/chat/package.json', JSON.stringify({ dependencies: { 'cdk-momento-eventbridge': example } }));
    write('CHANGELOG.md', `# Changelog\n\n## ${heading}\n\n- A.\n`);
    write('README.md', readme);
    write('examples/chat/README.md', exampleReadme);
    write('docs/launch-stack.md', '');
    return copy;
  };

  test('goes ahead when all agree', () => {
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({})), []);
  });

  test('is refused, by name, for each that has another version', () => {
    assert.deepEqual(reasonsAgainst('v1.2.4', checkout({})), ['the tag has 1.2.4, and package.json has 1.2.3']);
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({ lock: '1.2.2', crate: '1.2.1', example: '^1.2.0' })), [
      'package-lock.json has 1.2.2, and package.json has 1.2.3',
      'the crate handler has 1.2.1, and package.json has 1.2.3',
      'examples/chat/package.json has 1.2.0, and package.json has 1.2.3',
    ]);
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({ heading: '[1.2.2] - 2026-12-31' })), [
      'CHANGELOG.md has 1.2.2, and package.json has 1.2.3',
    ]);
  });

  test('is refused for a changelog without a date', () => {
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({ heading: '[1.2.3] - unreleased' })), [
      'CHANGELOG.md has no date for this version',
    ]);
  });

  test('is refused while a document says that nothing is published', () => {
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({ readme: 'The package is not published yet.' })), [
      'README.md says that nothing is published yet',
    ]);
    assert.deepEqual(reasonsAgainst('v1.2.3', checkout({ exampleReadme: 'The package is not published yet.' })), [
      'examples/chat/README.md says that nothing is published yet',
    ]);
  });
});
