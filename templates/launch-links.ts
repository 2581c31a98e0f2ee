import type { Host } from './host';
import { latestKey, objectKey, type TemplateName, TEMPLATES } from './release';

const BUTTON =
  'https://raw.githubusercontent.com/cdk-momento-eventbridge/cdk-momento-eventbridge/main/docs/launch-stack.svg';

/** Which template a link launches: that of this version, or the newest one whenever somebody clicks. */
export type Edition = 'this version' | 'latest';

/** Opens the CloudFormation console with a template, ready to be launched. */
export function launchLink(host: Host, template: TemplateName, region: string, edition: Edition): string {
  const key = (edition === 'latest' ? latestKey : objectKey)(`${template}.yaml`);
  const templateUrl = `https://${host.bucketName(region)}.s3.${region}.amazonaws.com/${key}`;
  const query = new URLSearchParams({ templateURL: templateUrl, stackName: template });
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}`;
  return `${console}#/stacks/create/review?${query.toString()}`;
}

/** A table of buttons that launch the templates, in Markdown. */
export function launchTable(host: Host, edition: Edition): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const button = (template: TemplateName, region: string) =>
    `[![Launch ${template} in ${region}](${BUTTON})](${launchLink(host, template, region, edition)})`;
  return [
    row(['region', ...TEMPLATES]),
    row(['---', ...TEMPLATES.map(() => '---')]),
    ...host.regions.map((region) => row([region, ...TEMPLATES.map((template) => button(template, region))])),
  ].join('\n');
}
