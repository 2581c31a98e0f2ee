import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { handlerNames } from '../../scripts/handler/cargo';
import { LOWEST_LANGUAGES, packages } from './packages';

// What may be in the npm package. It has no tests, no fuzzing, no TypeScript but declarations, no target folder.
const EXPECTED = [
  /^(package\.json|README\.md|SECURITY\.md|CHANGELOG\.md|API\.md|LICENSE|NOTICE|\.jsii|\.jsii\.tabl\.json)$/,
  /^assets\/([a-z-]+-(arm64|x86_64)\.zip|manifest\.json)$/,
  /^bin\/(cdk-momento-eventbridge\.js|THIRD-PARTY-NOTICES\.txt)$/,
  /^docs\/[a-z-]+\.(md|svg)$/,
  /^(Cargo\.(toml|lock)|handler\/(signature\/)?Cargo\.toml|handler\/(examples|src|signature\/src)\/.+\.rs)$/,
  /^lib\/.+\.(js|d\.ts)$/,
  /^schemas\/([a-z-]+\.schema|openapi\/[a-z-]+\.openapi)\.json$/,
];
const LARGEST_HANDLER = 2_500_000;
const LARGEST_REST = 1_500_000;

describe('the npm package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'contents-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  execFileSync('tar', [
    '--extract',
    '--gzip',
    '--strip-components=1',
    '--file',
    packages.npm,
    '--directory',
    directory,
  ]);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
  const handlers = handlerNames();

  test('holds nothing unexpected', () => {
    const unexpected = files.filter((file) => !EXPECTED.some((pattern) => pattern.test(file)));
    assert.deepEqual(unexpected, []);
  });

  test('holds all that its manifest points to', () => {
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
      bin: Record<string, string>;
    };
    const exported = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const named = [...exported, ...Object.values(manifest.bin)]
      .filter((file) => !file.includes('*'))
      .map((file) => file.replace(/^\.\//, ''));
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((file) => !files.includes(file)),
      [],
    );
  });

  test('holds every handler for both architectures', () => {
    assert.ok(handlers.length >= 2);
    const zips = handlers.flatMap((handler) => [`assets/${handler}-arm64.zip`, `assets/${handler}-x86_64.zip`]);
    assert.deepEqual(files.filter((file) => file.endsWith('.zip')).sort(), zips.sort());
  });

  test('holds sources of the handlers that Cargo takes, with the versions of its lock file', () => {
    const manifest = join(directory, 'Cargo.toml');
    const metadata = execFileSync(
      'cargo',
      ['metadata', '--locked', '--offline', '--format-version', '1', '--manifest-path', manifest],
      { encoding: 'utf8', maxBuffer: 2 ** 27, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const { packages: crates } = JSON.parse(metadata) as {
      packages: { source: string | null; targets: { kind: string[]; name: string; src_path: string }[] }[];
    };
    const targets = crates.filter(({ source }) => source === null).flatMap((crate) => crate.targets);
    const binaries = targets.filter(({ kind }) => kind.includes('bin'));
    assert.deepEqual(binaries.map(({ name }) => name).sort(), handlers.sort());
    for (const { src_path } of targets) assert.ok(statSync(src_path).isFile());
  });

  test('is as small as its handlers allow', () => {
    const { size } = statSync(packages.npm);
    console.log(`${files.length.toString()} files, ${(size / 1e6).toFixed(2)} MB packed`);
    assert.ok(size < handlers.length * 2 * LARGEST_HANDLER + LARGEST_REST);
  });

  test('is what the packages of the other languages carry', () => {
    const npm = readFileSync(packages.npm);
    const inZip = (archive: string) => {
      const carried = unzipSync(readFileSync(archive), { filter: ({ name }) => name.endsWith('.tgz') });
      return Object.values(carried);
    };
    const inFolder = (folder: string) => {
      const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      return entries.filter((name) => name.endsWith('.tgz')).map((name) => readFileSync(join(folder, name)));
    };
    const nugets = readdirSync(packages.dotnet)
      .filter((name) => name.endsWith('.nupkg'))
      .map((name) => join(packages.dotnet, name));
    const carriers = {
      wheel: inZip(packages.wheel),
      jar: inZip(packages.jar),
      go: inFolder(packages.go),
      dotnet: [...inFolder(packages.dotnet), ...nugets.flatMap(inZip)],
    };
    for (const [language, carried] of Object.entries(carriers)) {
      assert.equal(carried.length, 1, language);
      assert.ok(npm.equals(carried[0] ?? Buffer.alloc(0)), language);
    }
  });
});

describe('the packages of other languages', () => {
  test('need only the versions that we name', () => {
    const { java, python, go } = LOWEST_LANGUAGES;
    const classes = Object.values(
      unzipSync(readFileSync(packages.jar), { filter: ({ name }) => name.endsWith('.class') }),
    );
    assert.ok(classes.length > 50);
    // The bytes after the magic number are the minor and the major version of the class file: 52 is Java 8.
    const major = Math.max(...classes.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint16(6)));
    assert.equal(major - 44, java);
    const wheel = unzipSync(readFileSync(packages.wheel), { filter: ({ name }) => name.endsWith('/METADATA') });
    const [metadata] = Object.values(wheel);
    assert.match(
      Buffer.from(metadata ?? []).toString(),
      new RegExp(`^Requires-Python: >=${python.replace('.', '\\.')}$`, 'm'),
    );
    assert.match(readFileSync(join(packages.go, 'go.mod'), 'utf8'), new RegExp(`^go ${go.replace('.', '\\.')}$`, 'm'));
  });
});
