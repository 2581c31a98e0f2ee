import { setTimeout as delay } from 'node:timers/promises';
import type { CloudFormationClient, Stack, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { AwsFailure } from '../aws-call';
import { Failure } from '../failure';
import { printable } from '../printable';
import type { RunBucket, RunResource } from './run-bucket';
import { RUN_TAG } from './run-name';

/** Functions, queues and rules take a minute or two; a rollback as long again. */
const TIMEOUT_MS = 15 * 60_000;
/** CloudFormation limits how often it is asked, and a change takes half a minute at least. The local AWS takes a second in all. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Told of each step. */
export type Progress = (step: string) => void;

/** The CloudFormation stack of a run. */
export class RunStack {
  public constructor(
    /** That of the run. */
    public readonly name: string,
    private readonly cloudFormation: CloudFormationClient,
    private readonly bucket: RunBucket,
    private readonly progress: Progress,
  ) {}

  /**
   * Makes it, or updates it, from a template that is in the bucket.
   *
   * @returns its outputs
   */
  public async deploy(templateKey: string): Promise<ReadonlyMap<string, string>> {
    const { CreateStackCommand, UpdateStackCommand } = await import('@aws-sdk/client-cloudformation');
    const request = {
      StackName: this.name,
      TemplateURL: this.bucket.url(templateKey),
      Capabilities: ['CAPABILITY_IAM' as const],
      Tags: [{ Key: RUN_TAG, Value: this.name }],
    };
    if (!(await this.describe())) {
      await this.cloudFormation.send(new CreateStackCommand(request));
    } else {
      await this.bucket.record(await this.resources());
      await this.cloudFormation.send(new UpdateStackCommand(request)).catch((error: unknown) => {
        if (!(error instanceof AwsFailure && error.message.includes('No updates are to be performed'))) throw error;
      });
    }
    this.progress('Waiting for the stack.');
    const stack = await this.settle();
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(stack?.StackStatus ?? '')) {
      throw new Failure(`The stack is ${stack?.StackStatus ?? 'gone'}: ${await this.reason()}`);
    }
    return new Map((stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  /** Its resources, with those that are being deleted. */
  public async resources(): Promise<RunResource[]> {
    const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
    const summaries: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources({ client: this.cloudFormation }, { StackName: this.name })) {
      summaries.push(...(page.StackResourceSummaries ?? []));
    }
    return summaries
      .filter(({ PhysicalResourceId: id }) => id !== undefined && id !== '')
      .map(({ ResourceType: type = '', PhysicalResourceId: id = '', LogicalResourceId: logicalId = '' }) => ({
        type,
        id,
        logicalId,
      }));
  }

  /** Waits until nothing of it is in progress. Returns nothing if it is not there, or no longer. */
  public async settle(): Promise<Stack | undefined> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const stack = await this.describe();
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
      if (Date.now() > deadline) {
        throw new Failure(`The stack ${this.name} was still ${stack.StackStatus} after 15 minutes.`);
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
    await this.cloudFormation.send(new DeleteStackCommand({ StackName: this.name }));
    const left = await this.settle();
    if (left) {
      throw new Failure(`The stack ${this.name} is ${left.StackStatus ?? 'left'}: ${await this.reason()}`);
    }
  }

  private async describe(): Promise<Stack | undefined> {
    const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    try {
      const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: this.name }));
      return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
    } catch (error) {
      if (error instanceof AwsFailure && error.message.includes('does not exist')) return undefined;
      throw error;
    }
  }

  /** What CloudFormation gives as the first reason of the last failure. */
  private async reason(): Promise<string> {
    const { DescribeStackEventsCommand } = await import('@aws-sdk/client-cloudformation');
    const command = new DescribeStackEventsCommand({ StackName: this.name });
    const { StackEvents: events = [] } = await this.cloudFormation.send(command);
    const failed = events.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
    // The newest comes first, and what is cancelled is cancelled because something else has failed.
    const first = failed.filter(({ ResourceStatusReason: text }) => !/cancelled/i.test(text ?? '')).at(-1);
    if (!first) return 'CloudFormation gives no reason.';
    return printable(`${first.LogicalResourceId ?? ''}: ${first.ResourceStatusReason ?? ''}`);
  }
}
