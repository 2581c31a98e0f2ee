import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Uploads } from '../../templates/generate';
import { makeTemplates, type Surroundings } from '../../templates/main';
import { TEMPLATES, VERSION } from '../../templates/release';

const FILES = [...TEMPLATES.map((name) => `${name}.yaml`), 'launch-stack.md', 'uploads.json'].sort();

describe('npm run templates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'templates-command-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const assets = join(directory, 'assets');
  mkdirSync(assets);
  const zips = ['subscribe', 'webhook', 'redrive', 'deliver'].flatMap((name) => [
    `${name}-arm64.zip`,
    `${name}-x86_64.zip`,
  ]);
  for (const zip of zips) writeFileSync(join(assets, zip), zip);
  const offline: Surroundings = {
    assets,
    dist: join(directory, 'dist'),
    clientFor: () => assert.fail('nothing is uploaded'),
  };

  /** Runs it, and returns what it says. */
  const said = async (args: readonly string[], surroundings = offline) => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      await makeTemplates(args, surroundings);
    } finally {
      console.log = log;
    }
    return lines;
  };

  test('makes those of a release, uploads nothing, and says what it made and where', async () => {
    const lines = await said([]);
    assert.deepEqual(readdirSync(join(directory, 'dist/templates')).sort(), FILES);
    for (const file of FILES) {
      const { length } = readFileSync(join(directory, 'dist/templates', file));
      assert.ok(
        lines.some((line) => line.endsWith(`dist/templates/${file}: ${length.toString()} bytes`)),
        file,
      );
    }
    assert.equal(lines.length, FILES.length);
  });

  test('makes those for a bucket of yours beside them, in the region of the option or else of the environment', async () => {
    for (const [args, region] of [
      [['--region', 'eu-west-1'], 'eu-west-1'],
      [[], 'us-west-2'],
    ] as const) {
      await said(['--bucket', 'acme', '--no-upload', ...args], { ...offline, region: 'us-west-2' });
      assert.deepEqual(readdirSync(join(directory, 'dist/own-templates')).sort(), FILES);
      const list = readFileSync(join(directory, 'dist/own-templates/uploads.json'), 'utf8');
      assert.deepEqual((JSON.parse(list) as Uploads).buckets, [{ region, bucket: 'acme' }]);
    }
    assert.deepEqual(readdirSync(join(directory, 'dist/templates')).sort(), FILES);
  });

  test('names what is missing or unknown, and then leaves what it made before', async () => {
    await assert.rejects(said(['--region', 'eu-west-1']), /^Error: --bucket is missing\. usage: npm run templates/);
    await assert.rejects(said(['--no-upload']), /^Error: --bucket is missing\. /);
    await assert.rejects(said(['--bucket', 'acme']), /^Error: --region is missing, and so is AWS_REGION\. usage: /);
    await assert.rejects(said(['--buckets', 'acme']), /'--buckets'/);
    await assert.rejects(said(['acme']), /'acme'/);
    rmSync(join(assets, 'redrive-arm64.zip'));
    await assert.rejects(said([]), /redrive-arm64\.zip is missing: run 'npm run build:handler'$/);
    assert.deepEqual(readdirSync(join(directory, 'dist/templates')).sort(), FILES);
    assert.ok(readFileSync(join(directory, 'dist/templates/momento-topic.yaml'), 'utf8').includes(VERSION));
  });
});
