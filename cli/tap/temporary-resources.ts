import { randomBytes } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import type { EventBus } from '../event-bus';
import { Failure } from '../failure';
import { printable } from '../printable';
import { warn } from '../warning';

/** How the names of the temporary rules and queues begin. */
export const PREFIX = 'cdk-momento-eventbridge-tap-';
/** The tags of a temporary queue: which bus its rule is on, and until when it is certainly in use. */
export const BUS_TAG = 'cdk-momento-eventbridge:event-bus';
export const ALIVE_UNTIL_TAG = 'cdk-momento-eventbridge:alive-until';
/** How long the rule and the queue are left alone after a sign of life. Clocks may differ by minutes. */
export const ALIVE_MS = 10 * 60_000;

const EVENTS = 'EventBridge';
const SQS = 'SQS';
const TARGET_ID = 'queue';
/** Nobody misses an event of a tap that ended. */
const RETENTION_SECONDS = 3_600;

/** A rule and the queue that it sends to. Both have the same name. */
export interface RuleAndQueue {
  readonly name: string;
  /** The ARN of the bus. */
  readonly busArn: string;
}

/**
 * The calls that make and remove temporary rules and queues.
 *
 * The queue is made first, with its tags, and deleted last: whenever a process is killed, what is left includes a queue that says
 * which bus its rule is on.
 */
export class TemporaryResources {
  public static async in(region: string): Promise<TemporaryResources> {
    const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    const settings = await clientSettings(region);
    return new TemporaryResources(
      new EventBridgeClient(settings),
      new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    );
  }

  private constructor(
    private readonly events: EventBridgeClient,
    private readonly sqs: SQSClient,
  ) {}

  /** A name that no other has. */
  public nextName({ arn }: EventBus): RuleAndQueue {
    return { name: `${PREFIX}${randomBytes(8).toString('hex')}`, busArn: arn };
  }

  /** Makes the queue, which only the rule may send to. Returns its URL. */
  public async createQueue({ name, busArn }: RuleAndQueue): Promise<string> {
    const { CreateQueueCommand } = await import('@aws-sdk/client-sqs');
    const [, partition, , region, account] = busArn.split(':');
    const bus = busNameOf(busArn);
    const ruleArn = `arn:${partition ?? ''}:events:${region ?? ''}:${account ?? ''}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `arn:${partition ?? ''}:sqs:${region ?? ''}:${account ?? ''}:${name}`,
        Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
      },
    });
    const command = new CreateQueueCommand({
      QueueName: name,
      Attributes: { Policy, MessageRetentionPeriod: RETENTION_SECONDS.toString(), SqsManagedSseEnabled: 'true' },
      tags: { [BUS_TAG]: busArn, [ALIVE_UNTIL_TAG]: aliveUntil() },
    });
    const { QueueUrl } = await callAws(SQS, 'sqs:CreateQueue and sqs:TagQueue', () => this.sqs.send(command));
    if (!QueueUrl) throw new Failure('SQS did not say where the temporary queue is.');
    return QueueUrl;
  }

  /** Has the bus send what matches the pattern to the queue. */
  public async createRule({ name, busArn }: RuleAndQueue, pattern: string): Promise<void> {
    const { PutRuleCommand, PutTargetsCommand } = await import('@aws-sdk/client-eventbridge');
    const EventBusName = busNameOf(busArn);
    const Description = 'Temporary, of the command line of cdk-momento-eventbridge, which removes it';
    const rule = new PutRuleCommand({ Name: name, EventBusName, EventPattern: pattern, Description });
    await callAws(EVENTS, 'events:PutRule', () => this.events.send(rule));
    const Targets = [{ Id: TARGET_ID, Arn: busArn.replace(':events:', ':sqs:').replace(/event-bus\/.*$/, name) }];
    const targets = new PutTargetsCommand({ Rule: name, EventBusName, Targets });
    const { FailedEntryCount = 0, FailedEntries: [failed] = [] } = await callAws(EVENTS, 'events:PutTargets', () =>
      this.events.send(targets),
    );
    if (FailedEntryCount > 0) {
      throw new Failure(
        `EventBridge did not take the temporary queue as a target: ${printable(failed?.ErrorCode ?? '')}`,
      );
    }
  }

  /** A sign of life: the rule and the queue are in use. */
  public async keepAlive(queueUrl: string): Promise<void> {
    const { TagQueueCommand } = await import('@aws-sdk/client-sqs');
    const command = new TagQueueCommand({ QueueUrl: queueUrl, Tags: { [ALIVE_UNTIL_TAG]: aliveUntil() } });
    await callAws(SQS, 'sqs:TagQueue', () => this.sqs.send(command));
  }

  /** Removes the rule and the queue, whichever are there. */
  public async remove({ name, busArn }: RuleAndQueue): Promise<void> {
    const { DeleteRuleCommand, RemoveTargetsCommand } = await import('@aws-sdk/client-eventbridge');
    const { DeleteQueueCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    const EventBusName = busNameOf(busArn);
    await ifThere(() =>
      callAws(EVENTS, 'events:RemoveTargets', () =>
        this.events.send(new RemoveTargetsCommand({ Rule: name, EventBusName, Ids: [TARGET_ID] })),
      ),
    );
    await ifThere(() =>
      callAws(EVENTS, 'events:DeleteRule', () => this.events.send(new DeleteRuleCommand({ Name: name, EventBusName }))),
    );
    await ifThere(async () => {
      const { QueueUrl } = await callAws(SQS, 'sqs:GetQueueUrl', () =>
        this.sqs.send(new GetQueueUrlCommand({ QueueName: name })),
      );
      await callAws(SQS, 'sqs:DeleteQueue', () => this.sqs.send(new DeleteQueueCommand({ QueueUrl })));
    });
  }

  /** Removes what processes left that were killed: what gave no sign of life for a while. */
  public async removeLeftovers(): Promise<void> {
    try {
      for (const leftover of await this.leftovers()) await this.remove(leftover);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      warn(`What an earlier run may have left was not removed: ${error.message}`);
    }
  }

  private async leftovers(): Promise<RuleAndQueue[]> {
    const { ListQueueTagsCommand, paginateListQueues } = await import('@aws-sdk/client-sqs');
    const urls = await callAws(SQS, 'sqs:ListQueues', async () => {
      const pages: string[] = [];
      for await (const { QueueUrls = [] } of paginateListQueues(
        { client: this.sqs, pageSize: 1_000 },
        { QueueNamePrefix: PREFIX },
      )) {
        pages.push(...QueueUrls);
      }
      return pages;
    });
    const leftovers: RuleAndQueue[] = [];
    for (const QueueUrl of urls) {
      await ifThere(async () => {
        const { Tags: tags = {} } = await callAws(SQS, 'sqs:ListQueueTags', () =>
          this.sqs.send(new ListQueueTagsCommand({ QueueUrl })),
        );
        const busArn = tags[BUS_TAG];
        const until = Date.parse(tags[ALIVE_UNTIL_TAG] ?? '');
        // Without both tags it is not one of ours.
        if (busArn !== undefined && until < Date.now()) {
          leftovers.push({ name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1), busArn });
        }
      });
    }
    return leftovers;
  }
}

function aliveUntil(): string {
  return new Date(Date.now() + ALIVE_MS).toISOString();
}

function busNameOf(arn: string): string {
  return arn.slice(arn.indexOf('event-bus/') + 'event-bus/'.length);
}

/** Ignores that something is not there: somebody else, or an earlier run, has removed it. */
async function ifThere(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const isMissing =
      error instanceof Failure && /ResourceNotFound|QueueDoesNotExist|NonExistentQueue/.test(codeOf(error));
    if (!isMissing) throw error;
  }
}

function codeOf(error: Failure): string {
  return 'code' in error ? String(error.code) : '';
}
