import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EventBridgeToMomentoStack } from './eventbridge-to-momento';
import { EventBridgeToMomentoByLambdaStack } from './eventbridge-to-momento-by-lambda';
import { HandlerZips } from './handler-zips';
import type { Host } from './host';
import { launchTable } from './launch-links';
import { MomentoTopicStack } from './momento-topic';
import { MomentoWebhookStack } from './momento-webhook';
import type { OneClickStack } from './one-click-stack';
import { latestKey, objectKey, type TemplateName, VERSION } from './release';
import { type ReleasedFile, releasedFile } from './released-file';
import { templateYaml } from './yaml';

/** What is uploaded, as `uploads.json` has it. Paths are relative to `uploads.json`. */
export interface Uploads {
  readonly version: string;
  readonly buckets: readonly { readonly region: string; readonly bucket: string }[];
  /** Every one of them goes into every bucket, and then never changes. */
  readonly files: readonly ReleasedFile[];
  /** The templates once more, in the place of those of the version before. */
  readonly latest: readonly ReleasedFile[];
}

/** The templates, and the code that they name. */
export interface RenderedTemplates {
  /** In YAML. */
  readonly texts: Readonly<Record<TemplateName, string>>;
  readonly zips: HandlerZips;
}

/** Where to generate from and to. */
export interface GeneratorOptions {
  readonly host: Host;
  /** The directory with the handlers' zips. */
  readonly assets: string;
  /** The directory to write to. Emptied first. */
  readonly output: string;
}

/** Writes the templates, the list of what is uploaded, and the table of buttons. Returns the paths of all. */
export function generate({ host, assets, output }: GeneratorOptions): string[] {
  const { texts, zips } = render(host);
  const code = zips.files(assets);
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const write = (name: string, text: string) => {
    const path = join(output, name);
    writeFileSync(path, text);
    return path;
  };
  const templates = Object.entries(texts).map(([name, text]) => write(`${name}.yaml`, text));
  const released = (path: string, keyOf: (name: string) => string) =>
    releasedFile(path, 'application/yaml', keyOf(relative(output, path)));
  const fromList = (file: ReleasedFile) => ({ ...file, path: relative(output, file.path) });
  const uploads: Uploads = {
    version: VERSION,
    buckets: host.regions.map((region) => ({ region, bucket: host.bucketName(region) })),
    files: [...code, ...templates.map((path) => released(path, objectKey))].map(fromList),
    latest: templates.map((path) => released(path, latestKey)).map(fromList),
  };
  return [
    ...templates,
    write('uploads.json', `${JSON.stringify(uploads, null, 2)}\n`),
    write('launch-stack.md', `${launchTable(host, 'latest')}\n`),
  ];
}

/** The templates as they are hosted: the same text after each build of the handlers. */
export function render(host: Host): RenderedTemplates {
  const zips = new HandlerZips();
  const stacks: Record<TemplateName, OneClickStack> = {
    'momento-topic': new MomentoTopicStack(host, zips),
    'momento-webhook': new MomentoWebhookStack(host, zips),
    'eventbridge-to-momento': new EventBridgeToMomentoStack(),
    'eventbridge-to-momento-by-lambda': new EventBridgeToMomentoByLambdaStack(host, zips),
  };
  const texts = Object.entries(stacks).map(([name, stack]) => [
    name,
    templateYaml(stack.synthesize(), heading(name), stack.comments),
  ]);
  return { texts: Object.fromEntries(texts) as Record<TemplateName, string>, zips };
}

function heading(name: string): string {
  return [
    `${name}, of cdk-momento-eventbridge ${VERSION} (Apache-2.0).`,
    'Written by the constructs of that library. Change them there, and this file is changed with the next release.',
  ].join('\n');
}
