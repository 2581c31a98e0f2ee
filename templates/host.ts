import { Fn } from 'aws-cdk-lib';
import { MOMENTO_CELLS } from '../constructs/common/momento-cells';

/** What the names of the release's buckets begin with. */
const BUCKET_PREFIX = 'cdk-momento-eventbridge';

/** S3's rules for a name, without dots, which the certificate of its virtual hosts does not cover. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** Where the templates and the code that they name lie. */
export interface Host {
  /** The regions with a bucket, and so those that the templates can be launched in: Lambda reads code of its own region only. */
  readonly regions: readonly string[];
  /** The name of the bucket in a region. */
  readonly bucketName: (region: string) => string;
}

/** The buckets of a release: one in each region in which Momento has a cell. */
export const RELEASE_BUCKETS: Host = {
  regions: Object.keys(MOMENTO_CELLS),
  bucketName: (region) => `${BUCKET_PREFIX}-${region}`,
};

/**
 * One bucket, of a company that hosts its own copy.
 *
 * @param bucket its name, of 3 to 63 characters, without dots
 * @param region where it is
 * @throws if no bucket of S3 can have the name, or no region
 */
export function ownBucket(bucket: string, region: string): Host {
  if (!BUCKET_NAME.test(bucket)) {
    throw new Error(
      `The bucket must have 3 to 63 lower-case letters, digits and hyphens in its name, without dots, got '${bucket}'.`,
    );
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new Error(`The region of the bucket must be one such as eu-west-1, got '${region}'.`);
  }
  return { regions: [region], bucketName: () => bucket };
}

/** The bucket of the region that a template is deployed in. */
export function bucketOfDeployment(host: Host): string {
  const name = host.bucketName('${AWS::Region}');
  return name.includes('${') ? Fn.sub(name) : name;
}
