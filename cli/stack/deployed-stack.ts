import type { CloudFormationClient, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { callAws } from '../aws-call';
import { clientSettings, regionOfArn } from '../aws-client';
import { Failure, UsageError } from '../failure';
import { printable } from '../printable';
import { type DeployedFunction, describeFunctions } from './deployed-function';
import type { StackResource } from './stack-resource';

const SERVICE = 'CloudFormation';

/** A deployed CloudFormation stack: what is in it, and what it says of itself. */
export class DeployedStack {
  /**
   * @param nameOrArn its name, or its ARN
   * @param region where it is, if the ARN does not say
   * @throws Failure if there is none
   */
  public static async read(nameOrArn: string, region: string | undefined): Promise<DeployedStack> {
    if (nameOrArn === '') throw new UsageError('--stack is empty.');
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(await clientSettings(regionOfArn(nameOrArn) ?? region));
    const missing = `There is no stack ${printable(nameOrArn)} in this account and region.`;
    const { Stacks: [stack] = [] } = await callAws(SERVICE, 'cloudformation:DescribeStacks', async () => {
      try {
        return await client.send(new DescribeStacksCommand({ StackName: nameOrArn }));
      } catch (error) {
        if (!(error instanceof Error && error.message.includes('does not exist'))) throw error;
        throw new Failure(missing);
      }
    });
    // An ARN also finds a stack that was deleted.
    if (!stack?.StackId || stack.StackStatus === 'DELETE_COMPLETE') throw new Failure(missing);
    return new DeployedStack({
      name: stack.StackName ?? nameOrArn,
      region: regionOfArn(stack.StackId) ?? (await client.config.region()),
      status: stack.StackStatus ?? '',
      outputs: new Map((stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
      resources: await resourcesOf(client, stack.StackId),
    });
  }

  public readonly name: string;
  public readonly region: string;
  /** Such as `UPDATE_COMPLETE`. */
  public readonly status: string;
  public readonly outputs: ReadonlyMap<string, string>;
  public readonly resources: readonly StackResource[];

  private described: Promise<DeployedFunction[]> | undefined;

  private constructor(stack: Pick<DeployedStack, 'name' | 'region' | 'status' | 'outputs' | 'resources'>) {
    this.name = stack.name;
    this.region = stack.region;
    this.status = stack.status;
    this.outputs = stack.outputs;
    this.resources = stack.resources;
  }

  /** Its resources of a type, such as `AWS::SQS::Queue`. */
  public ofType(type: string): StackResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** Its functions, those of others too. Asked for once. */
  public functions(): Promise<DeployedFunction[]> {
    this.described ??= describeFunctions(this.ofType('AWS::Lambda::Function'), this.region);
    return this.described;
  }
}

async function resourcesOf(client: CloudFormationClient, stack: string): Promise<StackResource[]> {
  const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
  const summaries = await callAws(SERVICE, 'cloudformation:ListStackResources', async () => {
    const pages: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources({ client }, { StackName: stack })) {
      pages.push(...(page.StackResourceSummaries ?? []));
    }
    return pages;
  });
  const there = summaries.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE');
  const resources = there.map(({ LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' }) => ({
    logicalId: LogicalResourceId,
    type: ResourceType,
    physicalId: PhysicalResourceId,
  }));
  const nested = resources.filter(({ type, physicalId }) => type === 'AWS::CloudFormation::Stack' && physicalId !== '');
  return [...resources, ...(await Promise.all(nested.map(({ physicalId }) => resourcesOf(client, physicalId)))).flat()];
}
