import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { until } from '../../tools/common/until';

/** The values of a template's parameters. */
export type Parameters = Readonly<Record<string, string>>;

/** A stack that is made as `aws cloudformation create-stack` makes one: from a template, and nothing else. */
export class LaunchedStack {
  /** Sends the template, or its URL in S3. Resolves when CloudFormation has accepted it. */
  public static async launch(
    cloudFormation: CloudFormationClient,
    name: string,
    template: string,
    parameters: Parameters,
  ): Promise<LaunchedStack> {
    const stack = new LaunchedStack(cloudFormation, name, template);
    await cloudFormation.send(new CreateStackCommand(stack.request(parameters)));
    return stack;
  }

  private constructor(
    private readonly cloudFormation: CloudFormationClient,
    private readonly name: string,
    private template: string,
  ) {}

  /** Gives the parameters other values. With another template, what follows is of that one. */
  public async update(parameters: Parameters, template = this.template): Promise<void> {
    this.template = template;
    await this.cloudFormation.send(new UpdateStackCommand(this.request(parameters)));
  }

  /** Waits until nothing changes any more. */
  public async settled(): Promise<Stack> {
    const ask = async () => {
      const { Stacks: [stack] = [] } = await this.cloudFormation.send(
        new DescribeStacksCommand({ StackName: this.name }),
      );
      return stack?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : stack;
    };
    return until(`the stack ${this.name} to settle`, ask, { timeoutMs: 60_000 });
  }

  /** Waits until the stack is there, and tells its outputs. */
  public async outputs(): Promise<Readonly<Record<string, string>>> {
    const { StackStatus: status = '', Outputs: outputs = [] } = await this.settled();
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${(await this.failures()).join('; ')}`);
    return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  /** Its resources of a type, such as `AWS::SQS::Queue`. */
  public async resources(type: string): Promise<{ readonly logicalId: string; readonly physicalId: string }[]> {
    const { StackResourceSummaries: summaries = [] } = await this.cloudFormation.send(
      new ListStackResourcesCommand({ StackName: this.name }),
    );
    return summaries
      .filter(({ ResourceType, ResourceStatus }) => ResourceType === type && ResourceStatus !== 'DELETE_COMPLETE')
      .map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => ({
        logicalId: LogicalResourceId,
        physicalId: PhysicalResourceId,
      }));
  }

  /** Why resources could not be made. */
  public async failures(): Promise<string[]> {
    const { StackEvents: events = [] } = await this.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: this.name }),
    );
    const failed = events.filter(({ ResourceStatus: status }) => status?.endsWith('_FAILED'));
    return failed.map(({ LogicalResourceId: id = '', ResourceStatusReason: reason = '' }) => `${id}: ${reason}`);
  }

  private request(parameters: Parameters) {
    return {
      StackName: this.name,
      ...(this.template.startsWith('https://') ? { TemplateURL: this.template } : { TemplateBody: this.template }),
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: ['CAPABILITY_IAM' as const],
    };
  }
}
