import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Uploads } from './generate';
import type { ReleasedFile } from './released-file';

/** Where a release is uploaded to. */
export interface UploadOptions {
  /** The list that `npm run templates` has written. */
  readonly list: string;
  /** The account that the buckets belong to. A bucket of the right name that is somebody else's gets nothing. */
  readonly account: string;
  readonly clientFor: (region: string) => S3Client;
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly ExpectedBucketOwner: string;
}

/**
 * Puts every file of a release into every bucket. What is there already stays as it is: a second run goes on where the
 * first one failed.
 *
 * @throws if there are other bytes under a key: a version is released once
 */
export async function upload({ list, account, clientFor }: UploadOptions): Promise<void> {
  const { buckets, files } = JSON.parse(readFileSync(list, 'utf8')) as Uploads;
  for (const { region, bucket } of buckets) {
    const s3 = clientFor(region);
    // The templates come last, so that none can be launched whose code is not there.
    for (const file of files) {
      const place = { Bucket: bucket, Key: file.key, ExpectedBucketOwner: account };
      const isNew = await put(s3, place, file, readFileSync(join(dirname(list), file.path)));
      console.log(`${isNew ? 'uploaded' : 'was there'}: s3://${bucket}/${file.key}`);
    }
  }
}

async function put(s3: S3Client, place: Place, file: ReleasedFile, body: Uint8Array): Promise<boolean> {
  const checksum = Buffer.from(file.sha256, 'hex').toString('base64');
  try {
    // S3 checks the hash, so what has changed since the list was written is not released.
    const content = { Body: body, ContentType: file.contentType, ChecksumSHA256: checksum };
    await s3.send(new PutObjectCommand({ ...place, ...content, IfNoneMatch: '*' }));
    return true;
  } catch (error) {
    if (!(error instanceof S3ServiceException && error.name === 'PreconditionFailed')) throw error;
  }
  const { ChecksumSHA256 } = await s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  if (ChecksumSHA256 !== checksum) {
    throw new Error(`s3://${place.Bucket}/${place.Key} has other bytes than ${file.path}. Release a new version.`);
  }
  return false;
}

if (require.main === module) {
  const [account = ''] = process.argv.slice(2);
  if (!/^\d{12}$/.test(account)) {
    console.error('usage: upload.ts <account>      (12 digits: whose buckets these are)');
    process.exit(1);
  }
  const list = join(__dirname, '../dist/templates/uploads.json');
  void upload({ list, account, clientFor: (region) => new S3Client({ region }) });
}
