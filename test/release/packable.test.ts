import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { handlerNames } from '../../scripts/handler/cargo';
import { reasonsAgainstPacking } from '../../scripts/packable';

const ROOT = join(__dirname, '../..');
const HANDLERS = ['redrive', 'webhook'];
const ZIPS = ['redrive-arm64.zip', 'redrive-x86_64.zip', 'webhook-arm64.zip', 'webhook-x86_64.zip'];
const BUILT = [
  '.jsii',
  'bin/cdk-momento-eventbridge.js',
  ...['lib/index', 'lib/a/b'].flatMap((f) => [`${f}.js`, `${f}.d.ts`]),
];

describe('a checkout', () => {
  let checkout: string;
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    writeFileSync(join(checkout, file), content);
  };

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'packable-'));
    write('package.json', '{"version":"1.2.3"}');
    for (const file of ['constructs/index.ts', 'constructs/a/b.ts', ...BUILT]) write(file, '');
    write('.jsii', '{"version":"1.2.3"}');
    for (const file of ZIPS) write(`assets/${file}`, file);
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    write('assets/manifest.json', JSON.stringify({ handlers: ZIPS.map((file) => ({ file, sha256: sha256(file) })) }));
  });
  afterEach(() => {
    rmSync(checkout, { recursive: true });
  });

  test('with everything built can be packed', () => {
    assert.deepEqual(reasonsAgainstPacking(checkout, HANDLERS), []);
  });

  for (const file of BUILT) {
    test(`cannot be packed without ${file}`, () => {
      rmSync(join(checkout, file));
      assert.deepEqual(reasonsAgainstPacking(checkout, HANDLERS), [`${file} is missing: run \`npm run build\``]);
    });
  }

  for (const file of [...ZIPS, 'manifest.json']) {
    test(`cannot be packed without assets/${file}`, () => {
      rmSync(join(checkout, 'assets', file));
      assert.deepEqual(reasonsAgainstPacking(checkout, HANDLERS), [
        `assets/${file} is missing: run \`npm run build:handler\``,
      ]);
    });
  }

  test('cannot be packed with code of another version', () => {
    write('.jsii', '{"version":"1.2.2"}');
    assert.deepEqual(reasonsAgainstPacking(checkout, HANDLERS), [
      '.jsii has version 1.2.2, not 1.2.3: run `npm run build`',
    ]);
  });

  test('cannot be packed with a zip that is not the release build of the manifest, such as one of the demo', () => {
    write('assets/webhook-x86_64.zip', 'built for the demo');
    write('assets/demo-arm64.zip', 'built for the demo');
    assert.deepEqual(
      reasonsAgainstPacking(checkout, HANDLERS),
      ['demo-arm64.zip', 'webhook-x86_64.zip'].map(
        (file) => `assets/${file} is not a release build that assets/manifest.json has: run \`npm run build:handler\``,
      ),
    );
  });
});

test('every executable of the crate is a handler that the package must have', () => {
  const sources = readdirSync(join(ROOT, 'handler/src/bin')).map((file) =>
    file.replace(/\.rs$/, '').replaceAll('_', '-'),
  );
  assert.deepEqual(handlerNames().sort(), sources.sort());
});

test('npm pack looks first whether everything is built', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { prepack: string } };
  assert.equal(scripts.prepack, 'node --import tsx scripts/packable.ts');
});

test('only release builds of the handlers are packed', () => {
  const pack = (folder: string) =>
    execFileSync(
      'node',
      ['--import', 'tsx', 'scripts/handler/pack.ts', 'x86_64', 'x86_64-unknown-linux-gnu', folder, 'rustc'],
      {
        cwd: ROOT,
        stdio: 'pipe',
      },
    );
  for (const folder of ['target/tools/debug', 'target/debug']) {
    assert.throws(() => pack(folder), /is not a release build/);
  }
});
