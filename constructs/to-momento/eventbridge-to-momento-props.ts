import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { MomentoCommand } from '../common/momento-command';
import type { Delivery } from './delivery';
import type { MomentoEndpoint } from '../common/momento-endpoint';
import type { RateLimits } from './rate-limits';

/**
 * Props for `EventBridgeToMomento`. Only the API key is required.
 */
export interface EventBridgeToMomentoProps {
  /**
   * The Momento API key, in a secret in the stack's own region. The key is never in the template.
   *
   * With `Delivery.apiDestinations()` the secret must have its value before the stack is deployed: CloudFormation reads it
   * then, and EventBridge keeps a copy of at most 512 characters in the connection. `ApiKeyRotation` says how a rotated key is taken. With
   * `Delivery.lambdaFunction()` the function reads the secret, and takes a rotated key by itself.
   */
  readonly apiKey: secretsmanager.ISecret;

  /**
   * The field that holds the key, if the secret is a JSON object. Not empty; with `Delivery.apiDestinations()` also without
   * `:`, `{` and `}`, which CloudFormation cannot read.
   *
   * @default - the secret's whole string is the key
   */
  readonly apiKeyField?: string;

  /**
   * How commands get to Momento.
   *
   * @default Delivery.apiDestinations()
   */
  readonly delivery?: Delivery;

  /**
   * The endpoint of Momento's HTTP API.
   *
   * @default - Momento's cell in the stack's own region. If the region is not known at synth, the cell is looked up at
   * deployment, which fails in a region without a cell
   */
  readonly endpoint?: MomentoEndpoint;

  /**
   * The event bus that the commands are put on, in the stack's own account and region. It must exist at deployment, and cannot
   * be deleted while the rules of this construct are on it.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The commands to deliver. Events with the detail-type of another command are ignored.
   *
   * @default - all commands
   */
  readonly commands?: MomentoCommand[];

  /**
   * The sources to accept commands from, compared exactly. Events from other sources are ignored. With
   * `Delivery.lambdaFunction()` the function compares the source again: a message of another source that was sent to the
   * command queue directly goes to the dead-letter queue. Anyone who may send to that queue can also forge the source.
   *
   * @default - every source: anyone who may put events on the bus may send commands
   */
  readonly sources?: string[];

  /**
   * The maximum number of calls a second to Momento. With `Delivery.lambdaFunction()` it must be known at synth.
   *
   * @default - Momento's soft limits
   */
  readonly rateLimits?: RateLimits;

  /**
   * How long a command is tried, from its arrival on the bus, including the wait for the rate limit. After that it goes to
   * the dead-letter queue. From 1 minute to 24 hours, in whole seconds, as EventBridge allows.
   *
   * The default outlasts a short outage of Momento, and 36,000 messages that arrive at once and are published 10 a second. It
   * is no longer because EventBridge retries a 401 too, which a wrong key never stops causing, and because a cache item that
   * is set hours late may replace a newer one.
   *
   * @default Duration.hours(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * How often a command is retried when Momento answers 401, 407, 409, 429 or 5xx, or not within 5 seconds. After that it
   * goes to the dead-letter queue. Any other error sends it there at once. From 0 to 185.
   *
   * @default 185, the maximum, so that `maxEventAge` ends the retries
   */
  readonly retryAttempts?: number;

  /**
   * The dead-letter queue, for invalid, rejected and undeliverable commands: a standard queue in the stack's own region. The
   * construct amends its policy; the policy of an imported queue must already let the rules send to it.
   *
   * EventBridge cannot use the AWS managed key, so a queue with `QueueEncryption.KMS_MANAGED` is refused at synth. The policy
   * of a customer managed key is amended too, unless the key is imported. A queue in another stack accepts events from all
   * rules of the account and region: naming the rules would make the stacks depend on each other.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, with a retention period of 14 days, the
   * most that SQS allows. `queueRemovalPolicy` says when it is deleted
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * The removal policy of the queues that the construct creates. A queue can hold the only copy of a command. With the
   * default it is kept when the stack is deleted, and when an update no longer needs it: with another `delivery`, with a queue
   * of your own, or under another construct id. A kept queue is yours to empty and delete.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly queueRemovalPolicy?: RemovalPolicy;

  /**
   * Whether the stack has the outputs `DeadLetterQueueUrl` and `CommandQueueUrl`, for the queues that the construct creates.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
