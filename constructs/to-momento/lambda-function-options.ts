import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerOptions } from '../handlers/handler-options';

/**
 * Options for `Delivery.lambdaFunction()`.
 */
export interface LambdaFunctionOptions extends HandlerOptions {
  /**
   * The maximum number of execution environments that deliver at once, from 2, the least that Lambda accepts, to 1000.
   *
   * Each environment keeps to its share of `rateLimits`, the limit divided by this number, so that together they never
   * exceed it. While fewer environments run, because there are few commands, the effective limit is lower.
   *
   * @default 2
   */
  readonly maxConcurrency?: number;

  /**
   * The maximum number of concurrent calls to Momento in one environment, from 1 to 10, a whole batch. With 1, the commands
   * of a batch are sent one after the other.
   *
   * @default 10
   */
  readonly maxConcurrentCalls?: number;

  /**
   * The memory of the function, in MiB, from 128 to 10,240. Lambda allots CPU in proportion.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * The queue in which commands wait for the function: a standard queue in the stack's own account and region, used for
   * nothing else. The construct amends its policy; the policy of an imported queue must already let the rules send to it.
   *
   * EventBridge cannot use the AWS managed key, so a queue with `QueueEncryption.KMS_MANAGED` is refused at synth. The policy
   * of a customer managed key is amended too, unless the key is imported. A queue in another stack accepts events from all
   * rules of the account and region: naming the rules would make the stacks depend on each other.
   *
   * Give it a visibility timeout of 3 minutes, six times the function's timeout, as Lambda advises; below 30 seconds Lambda
   * refuses it. It must retain messages for `maxEventAge` or longer and accept messages of 256 KiB. Give it a dead-letter queue with a `maxReceiveCount` of 1000, the most that SQS allows: a command is
   * received on every attempt and every wait, so a smaller number would cut `retryAttempts` and `maxEventAge` short.
   *
   * @default - a queue is created: as above, encrypted with keys that SQS manages, TLS only, with a retention period of 14
   * days, the most that SQS allows. `queueRemovalPolicy` says when it is deleted
   */
  readonly commandQueue?: sqs.IQueue;
}
