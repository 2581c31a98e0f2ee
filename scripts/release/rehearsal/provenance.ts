import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { RELEASE_BUCKETS } from '../../../templates/host';
import type { Places } from './places';

/** What GitHub's `actions/attest` takes of one list: https://github.com/actions/attest#subject-limits, and the size by its source. */
const MOST_SUBJECTS = 1024;
const MOST_BYTES = 512 * 1024;
const NAME = 'cdk-momento-eventbridge';

/** A file as anyone who downloads it gets it. */
interface Served {
  readonly from: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Checks that the job `attest` can take the list of all files as the subjects of its provenance, and that each file that a registry
 * or a bucket serves is one of them: `gh attestation verify` looks a file up by its SHA-256.
 */
export async function checkSubjects(checkout: string, version: string, places: Places): Promise<string> {
  const subjects = subjectsIn(readFileSync(join(checkout, 'dist/SHA256SUMS'), 'utf8'));
  const served = [
    ...(await fromNpm(places, version)),
    ...(await fromPypi(places)),
    ...fromMaven(places),
    ...fromGo(places, version),
    ...(await fromBuckets(places, version)),
  ];
  const strange = withoutSubject(subjects, served);
  if (strange.length > 0) throw new Error(`not among the subjects: ${strange.join(', ')}`);
  const from = [...new Set(served.map((each) => each.from))];
  const counts = from.map((each) => `${served.filter((file) => file.from === each).length.toString()} of ${each}`);
  return `${subjects.size.toString()} (${MOST_SUBJECTS.toString()} at most); each served file is one: ${counts.join(', ')}`;
}

/** The SHA-256 of each subject. @throws if there are more than an attestation has, or a line is not one of `sha256sum` */
export function subjectsIn(sums: string): ReadonlySet<string> {
  const lines = sums.trimEnd().split('\n');
  const odd = lines.find((line) => !/^[0-9a-f]{64} [ *]\S/.test(line));
  if (odd !== undefined) throw new Error(`not a line of sha256sum: '${odd}'`);
  if (lines.length > MOST_SUBJECTS)
    throw new Error(`${lines.length.toString()} subjects are too many for one attestation`);
  if (sums.length > MOST_BYTES) throw new Error(`${sums.length.toString()} bytes are too many for a list of subjects`);
  return new Set(lines.map((line) => line.slice(0, 64)));
}

/** The served files that are not among the subjects, with where they are from. @throws if nothing is served */
export function withoutSubject(subjects: ReadonlySet<string>, served: readonly Served[]): string[] {
  if (served.length === 0) throw new Error('nothing is served');
  const isSubject = ({ bytes }: Served) => subjects.has(createHash('sha256').update(bytes).digest('hex'));
  return served.filter((file) => !isSubject(file)).map(({ from, name }) => `${name} of ${from}`);
}

async function fromNpm({ npm }: Places, version: string): Promise<Served[]> {
  const { versions } = (await (await get(`http://${npm.host}/${NAME}`)).json()) as {
    readonly versions: Readonly<Record<string, { readonly dist: { readonly tarball: string } }>>;
  };
  const url = versions[version]?.dist.tarball ?? '';
  return [await download('npm', url)];
}

async function fromPypi({ python }: Places): Promise<Served[]> {
  const index = `${python.url}simple/${NAME}/`;
  const links = [...(await (await get(index)).text()).matchAll(/href="([^"#]+)/g)].map(([, link = '']) => link);
  return Promise.all(links.map((link) => download('PyPI', new URL(link, index).href)));
}

function fromMaven({ maven }: Places): Served[] {
  return [...maven.files]
    .filter(([path]) => /\.(jar|pom)$/.test(path))
    .map(([name, bytes]) => ({ from: 'Maven', name, bytes }));
}

function fromGo({ moduleRepository }: Places, version: string): Served[] {
  const git = (...args: string[]) => execFileSync('git', ['--git-dir', moduleRepository, ...args], { maxBuffer: 1e8 });
  const [tag = ''] = git('tag', '--list', `*/v${version}`).toString().split('\n');
  const [folder = ''] = tag.split('/');
  // With NULs, because git quotes some names in lines.
  const names = git('ls-tree', '-r', '-z', '--name-only', tag, `${folder}/`).toString().split('\0').filter(Boolean);
  return names.map((name) => ({ from: 'Go', name, bytes: git('show', `${tag}:${name}`) }));
}

async function fromBuckets({ aws }: Places, version: string): Promise<Served[]> {
  const served: Served[] = [];
  for (const region of RELEASE_BUCKETS.regions) {
    const { s3 } = aws.in({ account: aws.account, region }).clients;
    const Bucket = RELEASE_BUCKETS.bucketName(region);
    for await (const { Contents: contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      for (const { Key: name = '' } of contents) {
        // The list cannot have a line of itself.
        if (name === `${version}/SHA256SUMS`) continue;
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: name }));
        served.push({ from: 'the buckets', name, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() });
      }
    }
  }
  return served;
}

async function download(from: string, url: string): Promise<Served> {
  return { from, name: basename(url), bytes: new Uint8Array(await (await get(url)).arrayBuffer()) };
}

async function get(url: string): Promise<Response> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status.toString()}`);
  return answer;
}
