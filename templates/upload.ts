import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Uploads } from './generate';
import { type ReleasedFile, releasedFile } from './released-file';

/** Where to upload to. */
export interface UploadOptions {
  /** The list that `npm run templates` has written. */
  readonly list: string;
  /**
   * A file that says which bytes the whole release has. It goes before all others, so that nothing of a version is uploaded again
   * with other bytes. Default: none, of a copy that is not a release
   */
  readonly checksums?: string;
  /**
   * The account that the buckets belong to. A bucket of the right name that is somebody else's gets nothing. Without it, the
   * caller knows that the buckets are the right ones.
   */
  readonly account?: string;
  readonly clientFor: (region: string) => S3Client;
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly ExpectedBucketOwner?: string;
}

/** A file with its bytes. */
interface Content extends ReleasedFile {
  readonly body: Uint8Array;
}

/**
 * Puts every file of a version into every bucket. What is there already stays as it is: a second run goes on where the
 * first one failed. Then puts the templates under `latest/` too, unless those of a newer version are there.
 *
 * @throws if there are other bytes under the key of a version: it is uploaded once
 */
export async function upload({ list, checksums, account, clientFor }: UploadOptions): Promise<void> {
  const { version, buckets, files, latest } = JSON.parse(readFileSync(list, 'utf8')) as Uploads;
  const first =
    checksums === undefined ? [] : [releasedFile(checksums, 'text/plain', `${version}/${basename(checksums)}`)];
  for (const { region, bucket } of buckets) {
    const s3 = clientFor(region);
    const each = async (
      listed: readonly ReleasedFile[],
      send: (place: Place, content: Content) => Promise<string>,
    ): Promise<void> => {
      for (const file of listed) {
        const place = { Bucket: bucket, Key: file.key, ...(account !== undefined && { ExpectedBucketOwner: account }) };
        const content = { ...file, body: readFileSync(resolve(dirname(list), file.path)) };
        const outcome = await send(place, content).catch((error: unknown) => {
          if (!(error instanceof S3ServiceException)) throw error;
          throw new Error(`s3://${bucket}/${file.key} is not uploaded: ${error.name}: ${error.message}`, {
            cause: error,
          });
        });
        console.log(`${outcome}: s3://${bucket}/${file.key}`);
      }
    };
    // The templates come last, so that none can be launched whose code is not there.
    await each([...first, ...files], (place, content) => putOnce(s3, place, content));
    await each(latest, (place, content) => putLatest(s3, place, content, version));
  }
}

async function putOnce(s3: S3Client, place: Place, content: Content): Promise<string> {
  if (await putUnlessThere(s3, place, content)) return 'uploaded';
  const { ChecksumSHA256 } = await s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  if (ChecksumSHA256 !== checksum(content)) {
    throw new Error(`s3://${place.Bucket}/${place.Key} has other bytes than ${content.path}. Release a new version.`);
  }
  return 'was there';
}

async function putLatest(s3: S3Client, place: Place, content: Content, version: string): Promise<string> {
  // A proxy must not keep it beyond the next release.
  const labelled = { Metadata: { version }, CacheControl: 'no-cache' };
  if (await putUnlessThere(s3, place, content, labelled)) return 'uploaded';
  const { Metadata: { version: there = '' } = {} } = await s3.send(new HeadObjectCommand(place));
  if (isNewer(there, version)) return `kept, of version ${there}`;
  await s3.send(new PutObjectCommand({ ...place, ...body(content), ...labelled }));
  return there === version ? 'uploaded again' : `uploaded, instead of version ${there}`;
}

/** Returns whether it was put. The release may not list, so it could not ask for what is not there. */
async function putUnlessThere(s3: S3Client, place: Place, content: Content, labelled = {}): Promise<boolean> {
  try {
    await s3.send(new PutObjectCommand({ ...place, ...body(content), ...labelled, IfNoneMatch: '*' }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === 'PreconditionFailed') return false;
    throw error;
  }
}

/** S3 checks the hash, so what has changed since the list was written is not uploaded. */
function body(content: Content) {
  return { Body: content.body, ContentType: content.contentType, ChecksumSHA256: checksum(content) };
}

function checksum({ sha256 }: ReleasedFile): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}

/** Whether a version comes after another, as 0.10.0 does after 0.9.0. */
function isNewer(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}

if (require.main === module) {
  const [account = ''] = process.argv.slice(2);
  if (!/^\d{12}$/.test(account)) {
    console.error('usage: upload.ts <account>      (12 digits: whose buckets these are)');
    process.exit(1);
  }
  const dist = join(__dirname, '../dist');
  upload({
    list: join(dist, 'templates/uploads.json'),
    checksums: join(dist, 'SHA256SUMS'),
    account,
    clientFor: (region) => new S3Client({ region }),
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
