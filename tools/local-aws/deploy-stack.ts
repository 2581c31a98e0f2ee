import { readFileSync } from 'node:fs';
import {
  type CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { BucketAlreadyOwnedByYou, CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FileAsset, SynthesizedStack, Template } from './cloud-assembly';
import { until } from '../common/until';
import { zipDirectory } from './zip-directory';

/** The outputs of a stack. */
export class StackOutputs {
  public constructor(private readonly values: Readonly<Record<string, string>>) {}

  /**
   * The value of an output, by its path of construct ids without slashes. (The CDK appends 8 digits to that of an output
   * inside a construct.)
   */
  public get(path: string): string {
    const value = this.find(path);
    if (value === undefined) throw new Error(`No output ${path}, only ${Object.keys(this.values).join(', ')}`);
    return value;
  }

  /** Whether there is an output of this path. */
  public has(path: string): boolean {
    return this.find(path) !== undefined;
  }

  private find(path: string): string | undefined {
    return Object.entries(this.values).find(([id]) => id === path || id.replace(/[0-9A-F]{8}$/, '') === path)?.[1];
  }
}

/** Where to deploy to. */
export interface DeploymentClients {
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3Client;
}

const TIMEOUT_MS = 60_000;

/**
 * Deploys a synthesized stack, or updates it, with S3 and CloudFormation only: what the CDK CLI does, without its
 * bootstrap stack and in a twentieth of the time.
 */
export async function deployStack(
  stack: SynthesizedStack,
  clients: DeploymentClients,
  account: string,
): Promise<StackOutputs> {
  await Promise.all(stack.assets.map((asset) => upload(asset, clients.s3)));
  // A request takes a template of up to 51,200 bytes (CloudFormation quotas), S3 one of up to 1 MB.
  const key = `${stack.name}.json`;
  // All accounts share the names of buckets.
  const bucket = `templates-${account}`;
  await put(clients.s3, bucket, key, JSON.stringify(withoutBootstrapCheck(stack.template)));
  const request = {
    StackName: stack.name,
    TemplateURL: `https://s3.amazonaws.com/${bucket}/${key}`,
    Capabilities: ['CAPABILITY_IAM' as const, 'CAPABILITY_NAMED_IAM' as const, 'CAPABILITY_AUTO_EXPAND' as const],
  };
  const existing = await describe(stack.name, clients.cloudFormation);
  try {
    await clients.cloudFormation.send(existing ? new UpdateStackCommand(request) : new CreateStackCommand(request));
  } catch (error) {
    if (!(error as Error).message.includes('No updates are to be performed')) throw error;
  }
  return outputsOf(await settled(stack.name, clients.cloudFormation));
}

/** Deletes a stack, with what its template does not retain. */
export async function deleteStack(name: string, { cloudFormation }: DeploymentClients): Promise<void> {
  await cloudFormation.send(new DeleteStackCommand({ StackName: name }));
  const ask = async (): Promise<true | undefined> => {
    const status = (await describe(name, cloudFormation))?.StackStatus ?? 'DELETE_COMPLETE';
    if (status === 'DELETE_FAILED') throw new Error(await failureOf(name, status, cloudFormation));
    return status === 'DELETE_COMPLETE' || undefined;
  };
  await until(`the stack ${name} to be deleted`, ask, { timeoutMs: TIMEOUT_MS });
}

async function upload(asset: FileAsset, s3: S3Client): Promise<void> {
  const body = asset.packaging === 'zip' ? zipDirectory(asset.path) : readFileSync(asset.path);
  for (const { bucket, key } of asset.destinations) await put(s3, bucket, key, body);
}

async function put(s3: S3Client, bucket: string, key: string, body: Uint8Array | string): Promise<void> {
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

/** The CDK makes each stack ask how old the bootstrap stack is, and there is none. */
function withoutBootstrapCheck({ Parameters, Rules, ...template }: Template): Template {
  const { BootstrapVersion, ...parameters } = Parameters ?? {};
  const { CheckBootstrapVersion, ...rules } = Rules ?? {};
  return BootstrapVersion === undefined || CheckBootstrapVersion === undefined
    ? { ...template, ...(Parameters && { Parameters }), ...(Rules && { Rules }) }
    : { ...template, Parameters: parameters, Rules: rules };
}

async function describe(name: string, cloudFormation: CloudFormationClient): Promise<Stack | undefined> {
  try {
    return (await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
  } catch (error) {
    if ((error as Error).message.includes('does not exist')) return undefined;
    throw error;
  }
}

async function settled(name: string, cloudFormation: CloudFormationClient): Promise<Stack> {
  const ask = async (): Promise<Stack | undefined> => {
    const stack = await describe(name, cloudFormation);
    const status = stack?.StackStatus ?? 'GONE';
    if (status.endsWith('_IN_PROGRESS')) return undefined;
    if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') return stack;
    throw new Error(await failureOf(name, status, cloudFormation));
  };
  return until(`the stack ${name} to settle`, ask, { timeoutMs: TIMEOUT_MS });
}

async function failureOf(name: string, status: string, cloudFormation: CloudFormationClient): Promise<string> {
  const { StackEvents: events = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: name }));
  const reasons = events
    .filter((event) => event.ResourceStatus?.endsWith('_FAILED'))
    .map(
      ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
        `  ${LogicalResourceId ?? ''} (${ResourceType ?? ''}): ${ResourceStatusReason ?? 'no reason given'}`,
    );
  return [`The stack ${name} is ${status}:`, ...reasons.reverse()].join('\n');
}

function outputsOf({ Outputs = [] }: Stack): StackOutputs {
  return new StackOutputs(
    Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
  );
}
