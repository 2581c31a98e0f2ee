import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { DeliveryProps } from './bound-delivery';
import { Handler } from '../handlers/handler';
import type { LambdaDeliveryOptions } from './lambda-delivery-options';
import { MomentoCommand } from '../common/momento-command';
import { checkWholeNumber, refuse } from '../common/prop-checks';

/**
 * The longest that one batch may take. A queue that feeds a function should hide what it handed out six times as long
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
export const DELIVER_TIMEOUT = Duration.seconds(30);

/** As many as Lambda hands over without gathering them for a while first. */
const BATCH_SIZE = 10;

export interface DeliverHandlerProps extends DeliveryProps {
  readonly commandQueue: sqs.IQueue;
  readonly options: LambdaDeliveryOptions;
}

/**
 * The function that calls Momento, fed from the queue of commands.
 */
export class DeliverHandler extends Handler {
  public constructor(scope: Construct, id: string, props: DeliverHandlerProps) {
    const { apiKey, commandQueue, deadLetterQueue, options } = props;
    const { maxConcurrency = 2, maxConcurrentCalls = BATCH_SIZE, memorySize = 128 } = options;
    checkWholeNumber(scope, 'maxConcurrency', maxConcurrency, 2, 1000);
    checkWholeNumber(scope, 'maxConcurrentCalls', maxConcurrentCalls, 1, BATCH_SIZE);
    const perSecond = (command: MomentoCommand) => share(scope, props.rateLimits[command], maxConcurrency);
    super(scope, id, {
      binary: 'deliver',
      description: "Takes the commands that wait in a queue to Momento's HTTP API",
      memorySize,
      timeout: DELIVER_TIMEOUT,
      settings: options,
      environment: {
        MOMENTO_ENDPOINT: props.url,
        MOMENTO_API_KEY_SECRET_ID: apiKey.secretArn,
        ...(props.apiKeyField !== undefined && { MOMENTO_API_KEY_FIELD: props.apiKeyField }),
        EVENT_BUS_NAME: props.eventBus.eventBusArn,
        COMMAND_QUEUE_URL: commandQueue.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        MAX_EVENT_AGE_MS: props.maxEventAge.toMilliseconds().toString(),
        RETRY_ATTEMPTS: Tokenization.stringifyNumber(props.retryAttempts),
        MAX_CONCURRENT_CALLS: Tokenization.stringifyNumber(maxConcurrentCalls),
        CACHE_SET_PER_SECOND: perSecond(MomentoCommand.CACHE_SET),
        CACHE_DELETE_PER_SECOND: perSecond(MomentoCommand.CACHE_DELETE),
        TOPIC_PUBLISH_PER_SECOND: perSecond(MomentoCommand.TOPIC_PUBLISH),
      },
    });
    this.may.readSecret(apiKey);
    this.may.takeFrom(commandQueue);
    this.may.sendTo(deadLetterQueue);
    // Not the event source of the CDK, which grants further actions.
    this.addEventSourceMapping('CommandQueue', {
      eventSourceArn: commandQueue.queueArn,
      batchSize: BATCH_SIZE,
      reportBatchItemFailures: true,
      maxConcurrency,
    });
  }
}

/** What one environment may do of what all may do together. The template cannot divide. */
function share(scope: Construct, limit: number, environments: number): string {
  if (Token.isUnresolved(limit) || Token.isUnresolved(environments)) {
    refuse(
      scope,
      'rateLimits or maxConcurrency is known only at deployment. Give numbers: Delivery.lambda() divides the limits by the ' +
        'number of environments.',
    );
  }
  return (limit / environments).toString();
}
