import { Fn } from 'aws-cdk-lib';
import { MOMENTO_CELLS } from '../constructs/common/momento-cells';
import { version } from '../package.json';

/** What the names of the release's buckets begin with. A bucket's region follows, since Lambda reads code of its own region only. */
const BUCKET_PREFIX = 'cdk-momento-eventbridge';

/** The version of the package, and so of everything that is released with it. */
export const VERSION = version;

/** Where the release puts code, and so where the templates can be launched: the regions in which Momento has a cell. */
export const REGIONS: readonly string[] = Object.keys(MOMENTO_CELLS);

/** The templates that can be launched. */
export const TEMPLATES = [
  'momento-topic',
  'momento-webhook',
  'eventbridge-to-momento',
  'eventbridge-to-momento-by-lambda',
] as const;

/** One of them, by the name of its file and of the stack that it makes. */
export type TemplateName = (typeof TEMPLATES)[number];

/** The bucket of a region. */
export function bucketName(region: string): string {
  return `${BUCKET_PREFIX}-${region}`;
}

/** The bucket of the region that a template is deployed in. */
export function bucketOfDeployment(): string {
  return Fn.sub(bucketName('${AWS::Region}'));
}

/** Where a file of this version lies in each of the buckets. */
export function objectKey(name: string): string {
  return `${VERSION}/${name}`;
}

/** Opens the CloudFormation console with a template of this version, ready to be launched. */
export function launchLink(template: TemplateName, region: string): string {
  const templateUrl = `https://${bucketName(region)}.s3.${region}.amazonaws.com/${objectKey(`${template}.yaml`)}`;
  const query = new URLSearchParams({ templateURL: templateUrl, stackName: template });
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}`;
  return `${console}#/stacks/create/review?${query.toString()}`;
}

/** A table of all launch links, in Markdown. */
export function launchTable(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const link = (template: TemplateName, region: string) => `[launch](${launchLink(template, region)})`;
  return [
    row(['region', ...TEMPLATES]),
    row(['---', ...TEMPLATES.map(() => '---')]),
    ...REGIONS.map((region) => row([region, ...TEMPLATES.map((template) => link(template, region))])),
  ].join('\n');
}
