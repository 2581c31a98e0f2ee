import { Duration, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { DeliveryProps } from './delivery-props';
import { Handler } from '../handlers/handler';
import type { LambdaFunctionOptions } from './lambda-function-options';
import { MomentoCommand } from '../common/momento-command';
import { checkWholeNumber, fail } from '../common/prop-checks';
import { secretId } from '../common/secret-id';

/**
 * The timeout of one batch. The visibility timeout of a queue that feeds a function should be six times as long
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
export const DELIVER_TIMEOUT = Duration.seconds(30);

/** The most messages that Lambda takes at once without a batching window. */
const BATCH_SIZE = 10;

export interface DeliverHandlerProps extends DeliveryProps {
  readonly commandQueue: sqs.IQueue;
  readonly options: LambdaFunctionOptions;
}

/**
 * The function that calls Momento, fed from the command queue.
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
      description: "Delivers queued commands to Momento's HTTP API",
      memorySize,
      timeout: DELIVER_TIMEOUT,
      settings: options,
      environment: {
        MOMENTO_ENDPOINT: props.url,
        MOMENTO_API_KEY_SECRET_ID: secretId(scope, 'apiKey', apiKey),
        ...(props.apiKeyField !== undefined && { MOMENTO_API_KEY_FIELD: props.apiKeyField }),
        EVENT_BUS_NAME: props.eventBus.eventBusArn,
        COMMAND_QUEUE_URL: commandQueue.queueUrl,
        ...(props.sources.length > 0 && { SOURCES: Stack.of(scope).toJsonString(props.sources) }),
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
    // Not the CDK's event source, which grants more actions.
    this.addEventSourceMapping('CommandQueue', {
      eventSourceArn: commandQueue.queueArn,
      batchSize: BATCH_SIZE,
      reportBatchItemFailures: true,
      maxConcurrency,
    });
  }
}

/** The share of a limit that one execution environment keeps to. The template cannot divide. */
function share(scope: Construct, limit: number, environments: number): string {
  if (Token.isUnresolved(limit) || Token.isUnresolved(environments)) {
    fail(
      scope,
      'rateLimits and maxConcurrency must be known at synth, got a token. Pass numbers: Delivery.lambdaFunction() divides ' +
        'the limits by maxConcurrency.',
    );
  }
  return (limit / environments).toString();
}
