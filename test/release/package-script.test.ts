import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';

const SCRIPT = 'scripts/package.sh';

describe('npm run package', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'package-script-'));
  after(() => {
    rmSync(checkout, { recursive: true });
  });
  const write = (name: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    writeFileSync(join(checkout, name), text, { mode });
  };
  const has = (name: string) => existsSync(join(checkout, name));

  mkdirSync(join(checkout, 'scripts'));
  cpSync(join(__dirname, '../..', SCRIPT), join(checkout, SCRIPT));
  write('package.json', '{}');
  // The script looks for commands here first: it runs as it is, and what it calls takes no minutes.
  for (const command of ['node', 'npm', 'jsii-rosetta']) write(`node_modules/.bin/${command}`, '#!/bin/sh\n', 0o755);
  write('node_modules/.bin/jsii-pacmak', '#!/bin/sh\nmkdir -p dist/js\nprintf 12345 >dist/js/new.tgz\n', 0o755);
  const templates = ['dist/templates/momento-topic.yaml', 'dist/own-templates/momento-topic.yaml'];
  for (const file of [...templates, 'dist/js/old.tgz', 'dist/python/old.whl']) write(file, 'from before');

  test('deletes no templates, leaves no package of before, and says what it made and where', () => {
    const said = execFileSync('bash', [SCRIPT, 'js'], { cwd: checkout, encoding: 'utf8' });
    for (const file of [...templates, 'dist/js/new.tgz']) assert.ok(has(file), file);
    for (const file of ['dist/js/old.tgz', 'dist/python']) assert.ok(!has(file), file);
    assert.equal(said, 'dist/js/new.tgz: 5 bytes\n');
  });
});
