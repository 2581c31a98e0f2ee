/**
 * Makes the one-click templates: those of a release, or those of a company that hosts its own copy, which are uploaded too.
 *
 * usage: npm run templates                                     (for a release; uploads nothing)
 *        npm run templates -- --bucket NAME [--region REGION]  (for a bucket of yours, with the upload)
 *        … --no-upload                                         (makes them only)
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { sayMade } from '../scripts/made';
import { generate } from './generate';
import { type Host, ownBucket, RELEASE_BUCKETS } from './host';
import { launchLink } from './launch-links';
import { TEMPLATES } from './release';
import { upload } from './upload';

const USAGE = 'usage: npm run templates -- [--bucket NAME [--region REGION] [--no-upload]]';

/** Where the command finds and leaves things. */
export interface Surroundings {
  /** The directory with the handlers' zips. */
  readonly assets: string;
  /** The directory in which it makes one for the templates. */
  readonly dist: string;
  /** The region of the bucket, unless an option says so. */
  readonly region?: string;
  readonly clientFor: (region: string) => S3Client;
}

/**
 * Makes the templates that the options ask for, says where they are, and uploads them if they are for a bucket of one's own.
 *
 * @throws if an option is missing, unknown or invalid, a zip is missing, or the bucket does not take a file
 */
export async function makeTemplates(args: readonly string[], surroundings: Surroundings): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { bucket: { type: 'string' }, region: { type: 'string' }, 'no-upload': { type: 'boolean' } },
  });
  const { bucket, region = surroundings.region } = values;
  if (bucket === undefined) {
    if (Object.keys(values).length > 0) throw new Error(`--bucket is missing. ${USAGE}`);
    make(RELEASE_BUCKETS, 'templates', surroundings);
    return;
  }
  if (region === undefined) throw new Error(`--region is missing, and so is AWS_REGION. ${USAGE}`);
  const host = ownBucket(bucket, region);
  const list = make(host, 'own-templates', surroundings);
  if (values['no-upload']) return;
  await upload({ list, clientFor: surroundings.clientFor });
  for (const template of TEMPLATES) console.log(`launch ${template}: ${launchLink(host, template, region, 'latest')}`);
}

/** Writes everything for a host, says so, and returns the path of the list of what is uploaded. */
function make(host: Host, folder: string, { assets, dist }: Surroundings): string {
  const output = join(dist, folder);
  for (const path of generate({ host, assets, output })) sayMade(path);
  return join(output, 'uploads.json');
}

if (require.main === module) {
  const root = join(__dirname, '..');
  makeTemplates(process.argv.slice(2), {
    assets: join(root, 'assets'),
    dist: join(root, 'dist'),
    region: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    clientFor: (region) => new S3Client({ region }),
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
