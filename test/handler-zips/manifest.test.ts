import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { handlerNames, ROOT } from '../../scripts/handler/cargo';
import { type Architecture, ASSETS, readManifest, SOURCES } from '../../scripts/handler/manifest';

/** Bytes that a zip may have, and those of some handlers. Lambda takes 50 MB; this is for quick cold starts. */
const LARGEST = 2_200_000;
const LARGEST_OF: Readonly<Record<string, number>> = { deliver: 2_000_000, redrive: 2_000_000 };
/** The number of the machine in an ELF file, at byte 18. */
const MACHINES: Readonly<Record<Architecture, number>> = { arm64: 183, x86_64: 62 };
/** Amazon Linux 2023 has glibc 2.34. */
const NEWEST_GLIBC_MINOR = 34;

const { handlers } = readManifest();

test('there is a zip of every handler for each architecture, and the manifest has no other', () => {
  const expected = handlerNames().flatMap((name) => [`${name}-arm64.zip`, `${name}-x86_64.zip`]);
  assert.deepEqual(
    handlers.map(({ file }) => file),
    expected.sort(),
  );
  assert.deepEqual(readdirSync(ASSETS).sort(), [...expected, 'manifest.json'].sort());
});

test('the zips are made from what is checked out', () => {
  for (const { file, source } of handlers) {
    assert.ok(source, `${file}: the manifest names no commit`);
    const changes = git('diff', '--name-only', source.commit, '--', ...SOURCES);
    if (!source.modified) assert.equal(changes, '', `${file} is older than these: run npm run build:handler`);
  }
});

for (const { file, handler, architecture, executable, ...zip } of handlers) {
  describe(file, () => {
    const content = readFileSync(join(ASSETS, file));
    const { bootstrap = new Uint8Array(), ...rest } = unzipSync(content);

    test('is what the manifest says', () => {
      assert.equal(file, `${handler}-${architecture}.zip`);
      assert.deepEqual([zip.size, zip.sha256], [content.length, sha256(content)]);
      assert.deepEqual([executable.size, executable.sha256], [bootstrap.length, sha256(bootstrap)]);
    });

    test('is small enough for a quick cold start', () => {
      assert.ok(content.length <= (LARGEST_OF[handler] ?? LARGEST), `${content.length.toString()} bytes`);
    });

    test('has the executable and the licences, and nothing else', () => {
      assert.deepEqual(Object.keys(rest), ['THIRD-PARTY-NOTICES.txt']);
      assert.deepEqual(
        permissions(content),
        new Map([
          ['bootstrap', 0o100755],
          ['THIRD-PARTY-NOTICES.txt', 0o100644],
        ]),
      );
    });

    test('is for its architecture, and for the glibc that Lambda has', () => {
      assert.equal(new DataView(bootstrap.buffer, bootstrap.byteOffset).getUint16(18, true), MACHINES[architecture]);
      const needed = [...text(bootstrap).matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      assert.equal(`2.${Math.max(...needed).toString()}`, executable.glibc);
      assert.ok(Math.max(...needed) <= NEWEST_GLIBC_MINOR, `needs glibc ${executable.glibc}`);
    });

    test('does not say where it was built', () => {
      const folders = [ROOT, homedir(), process.env.CARGO_HOME ?? homedir(), '/.cargo', '/.rustup'];
      // With what follows a folder, or a file of ours named roots.rs would lie in /root.
      for (const folder of folders) assert.ok(!text(bootstrap).includes(`${folder}/`), folder);
    });
  });
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function text(executable: Uint8Array): string {
  return Buffer.from(executable).toString('latin1');
}

/** Type and permissions of each file in a zip, from its directory. */
function permissions(zip: Buffer): Map<string, number> {
  const entries = zip.toString('latin1').matchAll(/PK\x01\x02.{36}(..)....(bootstrap|THIRD-PARTY-NOTICES\.txt)/gs);
  return new Map([...entries].map(([, mode = '', name = '']) => [name, Buffer.from(mode, 'latin1').readUInt16LE()]));
}

function git(...options: readonly string[]): string {
  return execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' });
}
