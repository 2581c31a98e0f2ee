import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerOptions } from '../handlers/handler-options';

/**
 * Props common to `MomentoTopicToEventBridge` and `MomentoWebhookToEventBridge`. All are optional.
 */
export interface MomentoToEventBridgeProps extends HandlerOptions {
  /**
   * The event bus that the messages are put on. It must be in the stack's own account and region: the rules of `onMessage`
   * are created there, and EventBridge has no call across regions. To forward messages further, add a rule whose target is the
   * other bus.
   *
   * EventBridge accepts events for a bus that does not exist, and drops them. So the construct adds a disabled rule to a bus
   * that is passed in: the deployment fails if the bus does not exist, and the bus cannot be deleted while the rule is there.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The fallback queue, for messages that the bus does not take. A standard queue in the stack's own region, used for nothing
   * else: other messages in it go to the dead-letter queue.
   *
   * Give it a visibility timeout of 3 minutes, six times the timeout of the redrive handler, as Lambda advises; below 30
   * seconds Lambda refuses it. It must retain messages for `redrivePatience` or longer and accept messages of 256 KiB. Give it a dead-letter queue with a `maxReceiveCount` of 1000, the most that SQS allows: the
   * redrive handler receives a message on every attempt, so a smaller number would cut `redrivePatience` short.
   *
   * @default - a queue is created: as above, encrypted with keys that SQS manages, TLS only, with a retention period of 14
   * days, the most that SQS allows. `queueRemovalPolicy` says when it is deleted
   */
  readonly fallbackQueue?: sqs.IQueue;

  /**
   * How long the redrive handler retries a parked message before it moves it to the dead-letter queue. The delay grows with
   * every attempt, up to 15 minutes. A message that the bus can never take is moved at once.
   *
   * From 1 minute to 10 days, in whole milliseconds: attempts 15 minutes apart stay below the 1000 receives that SQS allows,
   * and the fallback queue keeps messages for 14 days.
   *
   * @default Duration.days(1)
   */
  readonly redrivePatience?: Duration;

  /**
   * The dead-letter queue, for parked messages that could not be put on the bus, with the reason in the message attributes. A
   * standard queue in the stack's own account and region, as SQS requires, and not the fallback queue.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, with a retention period of 14 days.
   * `queueRemovalPolicy` says when it is deleted
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * The removal policy of the queues that the construct creates. A queue can hold the only copy of a message. With the default
   * it is kept when the stack is deleted, and when an update no longer needs it: with a queue of your own, or under another
   * construct id. A kept queue is yours to empty and delete.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly queueRemovalPolicy?: RemovalPolicy;
}
