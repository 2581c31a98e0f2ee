import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(__dirname, '../..');

test('every example that a README says to run is one that npm run example lists, and the other way round', () => {
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'example'], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(status, 2);
  const [, ...listed] = stderr.trimEnd().split('\n');
  const readmes = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[a-z-]+\/README\.md$/.test(path))
    .map((path) => readFileSync(join(ROOT, 'examples', path), 'utf8'));
  const named = readmes.flatMap((readme) =>
    [...readme.matchAll(/^npm run example -- (\S+)$/gm)].map(([, name]) => name),
  );
  assert.deepEqual(
    named.sort(),
    listed.map((name) => name.trim()),
  );
});
