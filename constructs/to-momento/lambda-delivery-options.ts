import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerOptions } from '../handlers/handler-options';

/**
 * What `Delivery.lambda()` can be told. Every member is optional.
 */
export interface LambdaDeliveryOptions extends HandlerOptions {
  /**
   * The most environments of the function that deliver at once, from 2, the least that Lambda can be told, to 1000.
   *
   * Each keeps its share of `rateLimits`, the limit divided by this number, so that together they never exceed it. While
   * fewer run, for want of commands, the limit is as much lower.
   *
   * @default 2
   */
  readonly maxConcurrency?: number;

  /**
   * The most calls to Momento that an environment makes at once, from 1 to 10, a whole batch. With 1, the commands of a
   * batch are sent one after the other.
   *
   * @default 10
   */
  readonly maxConcurrentCalls?: number;

  /**
   * The memory of the function, in MiB. Lambda grants processor time in proportion.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * Where commands wait for the function: a standard queue of the stack's own account and region, and of no other use. Its
   * policy is amended; one that was imported has to let the rules send to it already.
   *
   * Give it a visibility timeout of 3 minutes, six times what the function may take, as Lambda advises; under its 30
   * seconds the deployment fails. Give it a dead-letter queue with a `maxReceiveCount` of 1000, SQS's most: a command is
   * received each time it is tried or has to wait, and a smaller number would cut `retryAttempts` and `maxEventAge` short.
   *
   * @default - a queue is created: as above, encrypted with keys that SQS manages, TLS only, commands kept for 14 days,
   * the longest that SQS keeps them. It is deleted with the stack, with what it holds
   */
  readonly commandQueue?: sqs.IQueue;
}
