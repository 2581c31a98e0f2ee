import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface QueuedFunctionProps {
  readonly code: lambda.Code;
  readonly architecture: lambda.Architecture;
  readonly description: string;
  readonly environment: Record<string, string>;
  /** How long an event waits for its next attempt, and at least the function's 10 s. */
  readonly retryAfter: Duration;
  /** How often an event is tried before it is a dead letter. */
  readonly attempts: number;
  /**
   * Whether the function takes the events of one target after the other, a batch at a time, and those of other targets meanwhile.
   *
   * @default false
   */
  readonly inOrder?: boolean;
}

/**
 * A function that takes events out of a queue of its own: what it fails on is tried again and at last a dead letter, and
 * no other function waits for it.
 */
export class QueuedFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly deadLetterQueue: sqs.Queue;
  private readonly queue: sqs.Queue;
  private readonly undeliverable: sqs.Queue;

  public constructor(scope: Construct, id: string, props: QueuedFunctionProps) {
    super(scope, id);
    const { retryAfter, attempts, inOrder = false, ...functionProps } = props;
    const secured = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const fifo = inOrder && { fifo: true, contentBasedDeduplication: true };
    const letters = { ...secured, retentionPeriod: Duration.days(14) };
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetters', { ...letters, ...fifo });
    // What EventBridge could not put in the queue. It takes standard queues only.
    this.undeliverable = inOrder ? new sqs.Queue(this, 'Undeliverable', letters) : this.deadLetterQueue;
    this.queue = new sqs.Queue(this, 'Queue', {
      ...secured,
      ...fifo,
      visibilityTimeout: retryAfter,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: attempts },
    });
    this.function = new lambda.Function(this, 'Function', {
      ...functionProps,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      timeout: Duration.seconds(10),
      logGroup: new logs.LogGroup(this, 'Log', { retention: logs.RetentionDays.ONE_MONTH }),
    });
    this.function.addEventSource(new SqsEventSource(this.queue, { reportBatchItemFailures: true }));
  }

  /** What a rule has events taken by. With `inOrder`, the events of a group are taken one after the other. */
  public target(group?: string): events.IRuleTarget {
    return new targets.SqsQueue(this.queue, { deadLetterQueue: this.undeliverable, messageGroupId: group });
  }
}
