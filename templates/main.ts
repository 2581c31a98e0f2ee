/**
 * Makes the one-click templates: those of a release, or those of a company that hosts its own copy, which are uploaded too.
 *
 * usage: npm run templates                                     (for a release; uploads nothing)
 *        npm run templates -- --bucket NAME [--region REGION]  (for a bucket of yours, with the upload)
 *        … --no-upload                                         (makes them only)
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { sayMade } from '../scripts/made';
import { generate } from './generate';
import { type Host, ownBucket, RELEASE_BUCKETS } from './host';
import { launchLink } from './launch-links';
import { TEMPLATES } from './release';
import { upload } from './upload';

const ROOT = join(__dirname, '..');
const ASSETS = join(ROOT, 'assets');
const USAGE = 'usage: npm run templates -- [--bucket NAME [--region REGION] [--no-upload]]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { bucket: { type: 'string' }, region: { type: 'string' }, 'no-upload': { type: 'boolean' } },
  });
  const { bucket } = values;
  if (bucket === undefined && Object.keys(values).length > 0) throw new Error(`--bucket is missing. ${USAGE}`);
  if (!existsSync(ASSETS)) throw new Error("assets/ is missing: run 'npm run build:handler'");
  if (bucket === undefined) {
    make(RELEASE_BUCKETS, 'dist/templates');
    return;
  }
  const region = values.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (region === undefined) throw new Error(`--region is missing, and so is AWS_REGION. ${USAGE}`);
  const host = ownBucket(bucket, region);
  const list = make(host, 'dist/own-templates');
  if (values['no-upload']) return;
  await upload({ list, clientFor: () => new S3Client({ region }) });
  for (const template of TEMPLATES) console.log(`launch ${template}: ${launchLink(host, template, region, 'latest')}`);
}

/** Writes everything for a host, says so, and returns the path of the list of what is uploaded. */
function make(host: Host, folder: string): string {
  const output = join(ROOT, folder);
  for (const path of generate({ host, assets: ASSETS, output })) sayMade(path);
  return join(output, 'uploads.json');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
