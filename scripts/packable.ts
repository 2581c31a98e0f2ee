/**
 * Says what a checkout lacks to be packed: what `npm run build` and `npm run build:handler` have not made, or not as the manifest of
 * the handlers says. `npm pack` runs it first, because npm leaves out in silence what is missing.
 *
 * usage: node --import tsx scripts/packable.ts
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handlerNames } from './handler/cargo';
import type { Manifest } from './handler/manifest';

const ROOT = join(__dirname, '..');
const BUILD = 'run `npm run build`';
const BUILD_HANDLERS = 'run `npm run build:handler`';

/**
 * A sentence for each thing that is missing or wrong, with what to do.
 *
 * @param handlers the names of the handlers that the package must have
 */
export function reasonsAgainstPacking(root: string, handlers: readonly string[]): string[] {
  return [...reasonsAgainstCode(root), ...reasonsAgainstHandlers(root, handlers)];
}

function reasonsAgainstCode(root: string): string[] {
  const sources = readdirSync(join(root, 'constructs'), { recursive: true, encoding: 'utf8' });
  const compiled = sources
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => ['.js', '.d.ts'].map((extension) => join('lib', file.replace(/\.ts$/, extension))));
  const missing = [...compiled, '.jsii', 'bin/cdk-momento-eventbridge.js']
    .filter((file) => !existsSync(join(root, file)))
    .map((file) => `${file} is missing: ${BUILD}`);
  if (!existsSync(join(root, '.jsii'))) return missing;
  const versionOf = (file: string) =>
    (JSON.parse(readFileSync(join(root, file), 'utf8')) as { version: string }).version;
  const [built, current] = [versionOf('.jsii'), versionOf('package.json')];
  return built === current ? missing : [...missing, `.jsii has version ${built}, not ${current}: ${BUILD}`];
}

/** The zips are those that scripts/handler/pack.ts has made, which takes release builds only. */
function reasonsAgainstHandlers(root: string, names: readonly string[]): string[] {
  const assets = join(root, 'assets');
  if (!existsSync(join(assets, 'manifest.json'))) return [`assets/manifest.json is missing: ${BUILD_HANDLERS}`];
  const { handlers } = JSON.parse(readFileSync(join(assets, 'manifest.json'), 'utf8')) as Manifest;
  const recorded = new Map(handlers.map(({ file, sha256 }) => [file, sha256]));
  const expected = names.flatMap((name) => ['arm64', 'x86_64'].map((architecture) => `${name}-${architecture}.zip`));
  const present = readdirSync(assets).filter((file) => file.endsWith('.zip'));
  return [
    ...expected
      .filter((file) => !present.includes(file) || !recorded.has(file))
      .map((file) => `assets/${file} is missing: ${BUILD_HANDLERS}`),
    ...present
      .filter((file) => recorded.get(file) !== sha256(readFileSync(join(assets, file))))
      .map((file) => `assets/${file} is not a release build that assets/manifest.json has: ${BUILD_HANDLERS}`),
  ];
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

if (require.main === module) {
  const reasons = reasonsAgainstPacking(ROOT, handlerNames());
  for (const reason of reasons) console.error(`cannot be packed: ${reason}`);
  process.exitCode = reasons.length === 0 ? 0 : 1;
}
