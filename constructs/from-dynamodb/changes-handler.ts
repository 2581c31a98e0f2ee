import { Duration } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { DynamoDbToMomentoProps } from './dynamodb-to-momento-props';
import { Handler } from '../handlers/handler';

export interface ChangesHandlerProps {
  readonly deadLetterQueue: sqs.IQueue;
  readonly settings: DynamoDbToMomentoProps;
}

/**
 * The function that turns the changes of a table into commands.
 */
export class ChangesHandler extends Handler {
  public constructor(scope: Construct, id: string, props: ChangesHandlerProps) {
    const { deadLetterQueue, settings } = props;
    const { cacheName, cacheItem, topic } = settings;
    super(scope, id, {
      binary: 'changes',
      description: 'Turns the changes of a DynamoDB table into commands for Momento',
      memorySize: 128,
      // It takes milliseconds, unless the dead-letter queue does not answer: the handler waits at most 20 s for it.
      timeout: Duration.seconds(30),
      settings,
      environment: {
        CACHE_NAME: cacheName,
        DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        ...(cacheItem && {
          KEY_TEMPLATE: cacheItem.key,
          ...(cacheItem.value !== undefined && { VALUE_TEMPLATE: cacheItem.value }),
          ...cacheItem.ttl.bind(scope),
        }),
        ...(topic && { TOPIC_TEMPLATE: topic.name, MESSAGE_HAS_ITEM: (topic.includeItem ?? true).toString() }),
      },
    });
    this.may.sendTo(deadLetterQueue);
  }
}
