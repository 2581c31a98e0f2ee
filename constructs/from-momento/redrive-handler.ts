import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Handler } from '../handlers/handler';
import type { HandlerOptions } from '../handlers/handler-options';
import { checkMilliseconds } from '../common/prop-checks';

/**
 * The timeout of one batch. The visibility timeout of a queue that feeds a function should be six times as long
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
export const REDRIVE_TIMEOUT = Duration.seconds(30);

/** How long a parked message is retried, unless the user says otherwise. */
export const REDRIVE_PATIENCE = Duration.days(1);

export interface RedriveHandlerProps {
  readonly deadLetterQueue: sqs.IQueue;
  readonly eventBus: events.IEventBus;
  readonly fallbackQueue: sqs.IQueue;
  readonly patience?: Duration;
  readonly settings: HandlerOptions;
  /** The sources of the events that the construct parks. */
  readonly sources: readonly string[];
}

/**
 * The function that puts parked messages on the bus, fed from the fallback queue.
 */
export class RedriveHandler extends Handler {
  public constructor(scope: Construct, id: string, props: RedriveHandlerProps) {
    const { deadLetterQueue, eventBus, fallbackQueue, patience = REDRIVE_PATIENCE, settings, sources } = props;
    super(scope, id, {
      binary: 'redrive',
      description: 'Puts parked messages of Momento topics on the event bus',
      memorySize: 128,
      timeout: REDRIVE_TIMEOUT,
      settings,
      environment: {
        EVENT_BUS_NAME: eventBus.eventBusArn,
        FALLBACK_QUEUE_URL: fallbackQueue.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        // At 15 minutes, the handler's longest delay, 10 days are 960 attempts, and SQS allows 1000. They also leave four of
        // the fallback queue's 14 days to notice that the handler fails.
        PATIENCE_MS: checkMilliseconds(scope, 'redrivePatience', patience, Duration.minutes(1), Duration.days(10)),
      },
    });
    this.may.putEventsOn(eventBus, sources);
    this.may.takeFrom(fallbackQueue);
    this.may.sendTo(deadLetterQueue);
    // Not the CDK's event source, which grants more actions.
    this.addEventSourceMapping('FallbackQueue', {
      eventSourceArn: fallbackQueue.queueArn,
      // The most that EventBridge takes in one call.
      batchSize: 10,
      reportBatchItemFailures: true,
      // The least that Lambda accepts, and several times what Momento delivers. After an outage, a full queue must not take
      // the account's concurrency from the webhook handler.
      maxConcurrency: 2,
    });
  }
}
