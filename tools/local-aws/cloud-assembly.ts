import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that a stack needs in S3. */
export interface FileAsset {
  /** The file, or the directory if it is to be zipped. */
  readonly path: string;
  readonly packaging: 'file' | 'zip';
  readonly destinations: readonly { readonly bucket: string; readonly key: string }[];
}

/** A stack as `cdk synth` has left it. */
export interface SynthesizedStack {
  readonly name: string;
  readonly template: Template;
  readonly assets: readonly FileAsset[];
}

/** A CloudFormation template. */
export interface Template {
  readonly Parameters?: Record<string, unknown>;
  readonly Rules?: Record<string, unknown>;
  readonly [section: string]: unknown;
}

interface Manifest {
  readonly artifacts: Record<string, Artifact>;
}
interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string; readonly file?: string };
}
interface AssetManifest {
  readonly files: Record<
    string,
    {
      readonly source: { readonly path: string; readonly packaging: 'file' | 'zip' };
      readonly destinations: Record<string, { readonly bucketName: string; readonly objectKey: string }>;
    }
  >;
}

/**
 * Reads one stack of a cloud assembly (`cdk.out`).
 *
 * @param stackName may be left out if the assembly has one stack only.
 */
export function readStack(
  assembly: string,
  stackName: string | undefined,
  environment: { readonly account: string; readonly region: string },
): SynthesizedStack {
  const { artifacts } = readJson(assembly, 'manifest.json') as Manifest;
  const stacks = Object.entries(artifacts).filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const found = stacks.filter(([id, artifact]) => stackName === undefined || nameOf(id, artifact) === stackName);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const names = stacks.map(([id, artifact]) => nameOf(id, artifact)).join(', ');
    throw new Error(`${stackName ?? 'Which stack'}? ${assembly} has: ${names}`);
  }
  const [id, stack] = only;
  const { templateFile } = stack.properties ?? {};
  if (templateFile === undefined) throw new Error(`The stack ${id} in ${assembly} has no template`);
  const concrete = (text: string) =>
    text
      .replaceAll('${AWS::AccountId}', environment.account)
      .replaceAll('${AWS::Region}', environment.region)
      .replaceAll('${AWS::Partition}', 'aws');
  const assets = (stack.dependencies ?? [])
    .map((dependency) => artifacts[dependency])
    .filter((artifact) => artifact?.type === 'cdk:asset-manifest')
    .flatMap((artifact) => Object.values((readJson(assembly, artifact?.properties?.file ?? '') as AssetManifest).files))
    .map(({ source, destinations }) => ({
      path: join(assembly, source.path),
      packaging: source.packaging,
      destinations: Object.values(destinations).map(({ bucketName, objectKey }) => ({
        bucket: concrete(bucketName),
        key: concrete(objectKey),
      })),
    }));
  return { name: nameOf(id, stack), template: readJson(assembly, templateFile) as Template, assets };
}

function nameOf(id: string, artifact: Artifact): string {
  return artifact.properties?.stackName ?? id;
}

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
