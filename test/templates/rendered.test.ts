import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { render } from '../../templates/generate';
import { RELEASE_BUCKETS } from '../../templates/host';
import { TEMPLATES } from '../../templates/release';
import { GeneratedTemplates } from './generated';

const FOLDER = join(__dirname, '../../templates/rendered');
const { texts } = render(RELEASE_BUCKETS);

if (process.env.UPDATE_SNAPSHOTS === '1') {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  for (const name of TEMPLATES) writeFileSync(join(FOLDER, `${name}.yaml`), texts[name]);
}

const committed = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

for (const name of TEMPLATES) {
  test(`templates/rendered/${name}.yaml is what the constructs make: \`npm run test:update-snapshots\` writes it`, () => {
    assert.equal(committed(`${name}.yaml`), texts[name]);
  });
}

test('templates/rendered has each template, and nothing else', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), TEMPLATES.map((name) => `${name}.yaml`).sort());
});

test('what is committed is what a release uploads, byte for byte, whatever the builds of the handlers are', () => {
  const [one, other] = [new GeneratedTemplates(), new GeneratedTemplates(RELEASE_BUCKETS, 'another build of ')];
  const zips = ({ uploads }: GeneratedTemplates) =>
    uploads.files.filter(({ key }) => key.endsWith('.zip')).map(({ sha256 }) => sha256);
  for (const sha256 of zips(one)) assert.ok(!zips(other).includes(sha256), 'the builds are different ones');
  for (const name of TEMPLATES) {
    assert.equal(one.yaml(name), committed(`${name}.yaml`));
    assert.equal(other.yaml(name), committed(`${name}.yaml`));
  }
});
