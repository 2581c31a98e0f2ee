import { Duration } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { secretId } from '../common/secret-id';
import { Handler } from '../handlers/handler';
import type { MomentoTopicToEventBridgeProps } from './momento-topic-to-eventbridge-props';

export interface SubscribeHandlerProps {
  readonly checkpointTable: dynamodb.ITable;
  readonly endpoint: string;
  readonly eventBus: events.IEventBus;
  readonly fallbackQueue: sqs.IQueue;
  readonly settings: MomentoTopicToEventBridgeProps;
  /** The sources of the events that it puts on the bus. */
  readonly sources: readonly string[];
}

/**
 * The function that holds the subscriptions, with its environment variables and permissions.
 */
export class SubscribeHandler extends Handler {
  public constructor(scope: Construct, id: string, props: SubscribeHandlerProps) {
    const { checkpointTable, endpoint, eventBus, fallbackQueue, settings, sources } = props;
    const { apiKey, apiKeyField, memorySize = 128 } = settings;
    super(scope, id, {
      binary: 'subscribe',
      description: 'Subscribes to Momento topics and puts their messages on an event bus',
      memorySize,
      // Lambda's longest. A minute before it, the handler hands the subscriptions over to the next invocation.
      timeout: Duration.minutes(15),
      // The schedule invokes it asynchronously. Another invocation follows in a minute, so a failed or throttled one is not
      // repeated; a minute is Lambda's shortest age.
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
      settings,
      environment: {
        EVENT_BUS_NAME: eventBus.eventBusArn,
        FALLBACK_QUEUE_URL: fallbackQueue.queueUrl,
        MOMENTO_ENDPOINT: endpoint,
        MOMENTO_API_KEY_SECRET_ID: secretId(scope, 'apiKey', apiKey),
        ...(apiKeyField !== undefined && { MOMENTO_API_KEY_FIELD: apiKeyField }),
        CHECKPOINT_TABLE_NAME: checkpointTable.tableName,
      },
    });
    this.may.putEventsOn(eventBus, sources);
    this.may.readSecret(apiKey);
    this.may.sendTo(fallbackQueue);
    this.may.keepCheckpointsIn(checkpointTable);
  }
}
