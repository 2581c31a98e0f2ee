import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { RELEASE_BUCKETS } from '../../../templates/host';
import type { Commands } from './commands';
import type { Places } from './places';

/** The least number of components that an SBOM of the handlers has: a tenth of it would mean that it lists a part. */
const LEAST_CRATES = 100;

/** Checks that each artifact of Maven is signed with the key of the release. */
export async function verifySignatures(places: Places, commands: Commands, scratch: string): Promise<string> {
  const signed = [...places.maven.files.keys()].filter((path) => /\.(jar|pom)$/.test(path));
  if (signed.length < 4) throw new Error(`the Maven repository has only ${signed.join(', ')}`);
  for (const path of signed) {
    const file = join(scratch, 'signed', path);
    mkdirSync(dirname(file), { recursive: true });
    for (const suffix of ['', '.asc']) {
      const content = places.maven.files.get(`${path}${suffix}`);
      if (!content) throw new Error(`${path}${suffix} is missing`);
      writeFileSync(`${file}${suffix}`, content);
    }
    await commands.succeed('gpg', ['--homedir', places.gpgHome, '--batch', '--verify', `${file}.asc`, file]);
  }
  return `${signed.map((path) => basename(path)).join(', ')}: each has a good signature`;
}

/** Checks that the SBOMs are CycloneDX 1.5, name what is in the handlers and in the package, and nothing of this machine. */
export function checkSboms(checkout: string): Promise<string> {
  const folder = join(checkout, 'dist/sbom');
  const found = readdirSync(folder)
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const {
        bomFormat,
        specVersion,
        components = [],
      } = JSON.parse(text) as {
        bomFormat: string;
        specVersion: string;
        components?: { name: string; version?: string; purl?: string }[];
      };
      if (bomFormat !== 'CycloneDX' || specVersion !== '1.5') throw new Error(`${file}: ${bomFormat} ${specVersion}`);
      const vague = components.filter(({ version, purl }) => version === undefined || purl === undefined);
      if (vague.length > 0) throw new Error(`${file}: no version of ${vague.map(({ name }) => name).join(', ')}`);
      if (file.startsWith('handlers-') && components.length < LEAST_CRATES)
        throw new Error(`${file} lists a part only`);
      if (text.includes(dirname(checkout))) throw new Error(`${file} says where it was made`);
      return `${file}: ${components.length.toString()} components`;
    });
  if (found.length < 3) throw new Error(`dist/sbom has only ${found.join(', ')}`);
  return Promise.resolve(found.join('; '));
}

/** Checks that the checksums in each bucket, and on GitHub, are those of the build, and that GitHub has no file without one. */
export async function checkChecksums(checkout: string, version: string, places: Places): Promise<string> {
  const sums = readFileSync(join(checkout, 'dist/SHA256SUMS'), 'utf8');
  for (const region of RELEASE_BUCKETS.regions) {
    const Bucket = RELEASE_BUCKETS.bucketName(region);
    const { s3 } = places.aws.in({ account: places.aws.account, region }).clients;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${version}/SHA256SUMS` }));
    if ((await Body?.transformToString()) !== sums) throw new Error(`${Bucket} has other checksums`);
  }
  const listed = new Set(sums.split('\n').map((line) => line.slice(66)));
  const uploaded = readFileSync(places.githubFiles, 'utf8').trim().split('\n');
  const unlisted = uploaded.filter((file) => file !== 'dist/SHA256SUMS' && !listed.has(file));
  if (unlisted.length > 0) throw new Error(`without a checksum: ${unlisted.join(', ')}`);
  const [buckets, files] = [RELEASE_BUCKETS.regions.length.toString(), uploaded.length.toString()];
  return `the same in ${buckets} buckets; the GitHub release has ${files} files, each with a checksum`;
}
