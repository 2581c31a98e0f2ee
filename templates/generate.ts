import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EventBridgeToMomentoStack } from './eventbridge-to-momento';
import { EventBridgeToMomentoByLambdaStack } from './eventbridge-to-momento-by-lambda';
import { HandlerZips } from './handler-zips';
import { MomentoTopicStack } from './momento-topic';
import { MomentoWebhookStack } from './momento-webhook';
import type { OneClickStack } from './one-click-stack';
import { bucketName, launchTable, objectKey, REGIONS, type TemplateName, VERSION } from './release';
import { type ReleasedFile, releasedFile } from './released-file';
import { templateYaml } from './yaml';

/** What a release uploads, as `uploads.json` has it. */
export interface Uploads {
  readonly version: string;
  readonly buckets: readonly { readonly region: string; readonly bucket: string }[];
  /** Every one of them goes into every bucket. Paths are relative to `uploads.json`. */
  readonly files: readonly ReleasedFile[];
}

/** The directories to generate from and to. */
export interface GeneratorOptions {
  /** Where the handlers' zips are. */
  readonly assets: string;
  /** Emptied first. */
  readonly output: string;
}

/** Writes the templates, the list of what a release uploads, and the table of links for its notes. */
export function generate({ assets, output }: GeneratorOptions): void {
  const zips = new HandlerZips(assets);
  const stacks: Record<TemplateName, OneClickStack> = {
    'momento-topic': new MomentoTopicStack(zips),
    'momento-webhook': new MomentoWebhookStack(zips),
    'eventbridge-to-momento': new EventBridgeToMomentoStack(),
    'eventbridge-to-momento-by-lambda': new EventBridgeToMomentoByLambdaStack(zips),
  };
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const templates = Object.entries(stacks).map(([name, stack]) => {
    const path = join(output, `${name}.yaml`);
    writeFileSync(path, templateYaml(stack.synthesize(), heading(name), stack.comments));
    return releasedFile(path, 'application/yaml', () => objectKey(`${name}.yaml`));
  });
  const uploads: Uploads = {
    version: VERSION,
    buckets: REGIONS.map((region) => ({ region, bucket: bucketName(region) })),
    files: [...zips.files, ...templates].map((file) => ({ ...file, path: relative(output, file.path) })),
  };
  writeFileSync(join(output, 'uploads.json'), `${JSON.stringify(uploads, null, 2)}\n`);
  writeFileSync(join(output, 'launch-stack.md'), `${launchTable()}\n`);
}

function heading(name: string): string {
  return [
    `${name}, of cdk-momento-eventbridge ${VERSION} (Apache-2.0).`,
    'Written by the constructs of that library. Change them there, and this file is changed with the next release.',
  ].join('\n');
}

if (require.main === module) {
  const root = join(__dirname, '..');
  generate({ assets: join(root, 'assets'), output: join(root, 'dist/templates') });
}
