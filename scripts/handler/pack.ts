/**
 * Packs for Lambda the executables that cargo has built for one architecture: each as `bootstrap`, with the licences of what it is
 * made of, into assets/<handler>-<architecture>.zip, of which assets/manifest.json then says what it is.
 *
 * usage: node --import tsx scripts/handler/pack.ts arm64|x86_64 TARGET FOLDER RUSTC
 * (cargo's name for the architecture, where the executables are, and the version of the compiler)
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { handlerNames, ROOT } from './cargo';
import { neededGlibc } from './glibc';
import { type Architecture, ASSETS, type HandlerZip, MANIFEST, readManifest, type Source, SOURCES } from './manifest';
import { notices } from './notices';
import { zip } from './zip';

const [architecture, target, folder, rustc] = process.argv.slice(2) as [Architecture, string, string, string];

// What lies in assets/ is published.
if (basename(folder) !== 'release') throw new Error(`${folder} is not a release build`);
mkdirSync(ASSETS, { recursive: true });
const others = zipsOfOtherArchitectures();
for (const file of readdirSync(ASSETS)) if (file.endsWith(`-${architecture}.zip`)) rmSync(join(ASSETS, file));
const licences = Buffer.from(notices(target));
const source = checkedOut();
writeManifest([...others, ...handlerNames().map(pack)]);

function pack(handler: string): HandlerZip {
  const path = join(folder, handler);
  const glibc = neededGlibc(path);
  const executable = readFileSync(path);
  const content = zip([
    { name: 'bootstrap', content: executable, permissions: 0o755 },
    { name: 'THIRD-PARTY-NOTICES.txt', content: licences, permissions: 0o644 },
  ]);
  const file = `${handler}-${architecture}.zip`;
  writeFileSync(join(ASSETS, file), content);
  console.log(`assets/${file}: ${content.length.toString()} bytes`);
  return {
    file,
    handler,
    architecture,
    ...measure(content),
    executable: { ...measure(executable), glibc },
    rustc,
    source,
  };
}

function measure(content: Uint8Array): { size: number; sha256: string } {
  return { size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** What the manifest says of zips that stay, as far as it is still true. */
function zipsOfOtherArchitectures(): HandlerZip[] {
  if (!existsSync(MANIFEST)) return [];
  return readManifest().handlers.filter(
    ({ file, sha256, ...zip }) =>
      zip.architecture !== architecture &&
      existsSync(join(ASSETS, file)) &&
      measure(readFileSync(join(ASSETS, file))).sha256 === sha256,
  );
}

function checkedOut(): Source | undefined {
  // An installed package can lie in somebody else's repository.
  if (!existsSync(join(ROOT, '.git'))) return undefined;
  const changes = git('status', '--porcelain', '--', ...SOURCES);
  return { commit: git('rev-parse', 'HEAD').trim(), modified: changes !== '' };
}

function git(...options: readonly string[]): string {
  return execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' });
}

function writeManifest(handlers: readonly HandlerZip[]): void {
  const sorted = [...handlers].sort((a, b) => (a.file < b.file ? -1 : 1));
  writeFileSync(`${MANIFEST}.new`, `${JSON.stringify({ handlers: sorted }, undefined, 2)}\n`);
  renameSync(`${MANIFEST}.new`, MANIFEST);
}
