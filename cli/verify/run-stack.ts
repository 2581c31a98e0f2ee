import { setTimeout as delay } from 'node:timers/promises';
import type { CloudFormationClient, Stack, StackEvent, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { AwsFailure } from '../aws-call';
import { Failure } from '../failure';
import { printable } from '../printable';
import type { RunBucket, RunResource } from './run-bucket';
import { RUN_TAG, type StackName } from './run-name';

/** Functions, queues and rules take a minute or two; a rollback as long again. */
const TIMEOUT_MS = 15 * 60_000;
/** CloudFormation limits how often it is asked, and a change takes half a minute at least. The local AWS takes a second in all. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** A stack that could not be deployed as it should be. */
export class StackFailure extends Failure {
  public constructor(
    /** Where CloudFormation left it, such as `UPDATE_ROLLBACK_COMPLETE`. */
    public readonly status: string,
    /** What CloudFormation gives as the reason: a resource, and what went wrong with it. */
    public readonly reason: string,
  ) {
    super(`The stack is ${status}: ${reason}`);
  }
}

/** Told of each step. */
export type Progress = (step: string) => void;

/** A CloudFormation stack of a run. */
export class RunStack {
  public constructor(
    private readonly stack: StackName,
    private readonly cloudFormation: CloudFormationClient,
    private readonly bucket: RunBucket,
    private readonly progress: Progress,
  ) {}

  /**
   * Makes it, or updates it, from a template that is in the bucket.
   *
   * @returns its outputs
   * @throws StackFailure if it could not be
   */
  public async deploy(templateKey: string): Promise<ReadonlyMap<string, string>> {
    const { CreateStackCommand, UpdateStackCommand } = await import('@aws-sdk/client-cloudformation');
    const request = {
      StackName: this.stack.name,
      TemplateURL: this.bucket.url(templateKey),
      Capabilities: ['CAPABILITY_IAM' as const],
      Tags: [{ Key: RUN_TAG, Value: this.bucket.name }],
    };
    if (!(await this.describe())) {
      await this.cloudFormation.send(new CreateStackCommand(request));
    } else {
      await this.bucket.record(await this.resources());
      await this.cloudFormation.send(new UpdateStackCommand(request)).catch((error: unknown) => {
        if (!(error instanceof AwsFailure && error.message.includes('No updates are to be performed'))) throw error;
      });
    }
    this.progress(`Waiting for ${this.stack.title}.`);
    const stack = await this.settle();
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(stack?.StackStatus ?? '')) {
      throw new StackFailure(stack?.StackStatus ?? 'gone', await this.reason());
    }
    return new Map((stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  /** Its resources, with those that are being deleted, but not those that are. */
  public async resources(): Promise<RunResource[]> {
    const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
    const summaries: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources(
      { client: this.cloudFormation },
      { StackName: this.stack.name },
    )) {
      summaries.push(...(page.StackResourceSummaries ?? []));
    }
    return resourcesIn(summaries.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE'));
  }

  /** All that it has or had, with what a deployment has made before it failed. */
  public async allResources(): Promise<RunResource[]> {
    const resources = new Map<string, RunResource>();
    for await (const event of this.events()) {
      for (const one of resourcesIn([event])) resources.set(`${one.type} ${one.id}`, one);
    }
    return [...resources.values()];
  }

  /** Waits until nothing of it is in progress. Returns nothing if it is not there, or no longer. */
  public async settle(): Promise<Stack | undefined> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const stack = await this.describe();
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
      if (Date.now() > deadline) {
        throw new Failure(`The stack ${this.stack.name} was still ${stack.StackStatus} after 15 minutes.`);
      }
      await delay(pause);
    }
  }

  /**
   * Deletes it, but not what it retains.
   *
   * @throws Failure if it could not be deleted, with the reasons
   */
  public async delete(): Promise<void> {
    const { DeleteStackCommand } = await import('@aws-sdk/client-cloudformation');
    this.progress(`Deleting ${this.stack.title}.`);
    await this.cloudFormation.send(new DeleteStackCommand({ StackName: this.stack.name }));
    const left = await this.settle();
    if (left) {
      throw new Failure(`The stack ${this.stack.name} is ${left.StackStatus ?? 'left'}: ${await this.reason()}`);
    }
  }

  private async describe(): Promise<Stack | undefined> {
    const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    try {
      const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: this.stack.name }));
      return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
    } catch (error) {
      if (error instanceof AwsFailure && error.message.includes('does not exist')) return undefined;
      throw error;
    }
  }

  /** What CloudFormation gives as the first reason why the last change failed. */
  private async reason(): Promise<string> {
    let first: StackEvent | undefined;
    // The newest comes first. A rollback can have more events than a page.
    for await (const event of this.events()) {
      if (isStartOfChange(event)) break;
      // What is cancelled is cancelled because something else has failed.
      const isCause = event.ResourceStatus?.endsWith('_FAILED') && !/cancelled/i.test(event.ResourceStatusReason ?? '');
      if (isCause) first = event;
    }
    if (!first) return 'CloudFormation gives no reason.';
    return printable(`${first.LogicalResourceId ?? ''}: ${first.ResourceStatusReason ?? ''}`);
  }

  private async *events(): AsyncGenerator<StackEvent> {
    const { paginateDescribeStackEvents } = await import('@aws-sdk/client-cloudformation');
    const pages = paginateDescribeStackEvents({ client: this.cloudFormation }, { StackName: this.stack.name });
    for await (const { StackEvents = [] } of pages) yield* StackEvents;
  }
}

/** The event of the stack itself with which somebody's change of it begins, but not its rollback. */
function isStartOfChange({ PhysicalResourceId, StackId, ResourceStatus }: StackEvent): boolean {
  return PhysicalResourceId === StackId && /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(ResourceStatus ?? '');
}

/** Those that have been made: they have an id. */
function resourcesIn(ones: readonly Partial<StackResourceSummary>[]): RunResource[] {
  return ones
    .filter(({ PhysicalResourceId: id }) => id !== undefined && id !== '')
    .map(({ ResourceType: type = '', PhysicalResourceId: id = '', LogicalResourceId: logicalId = '' }) => ({
      type,
      id,
      logicalId,
    }));
}
