import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Delivery } from './delivery';
import type { MomentoCommand } from '../common/momento-command';
import type { MomentoEndpoint } from './momento-endpoint';
import type { RateLimits } from './rate-limits';

/**
 * What `EventBridgeToMomento` can be told. Every member but the API key is optional.
 */
export interface EventBridgeToMomentoProps {
  /**
   * The Momento API key, in a secret of the stack's own region. It never is in the template.
   *
   * By API destination it must have its value before the stack is deployed: CloudFormation reads it then, and EventBridge
   * keeps a copy in the connection. A rotated key is not followed, unless `followSecretRotation` of
   * `Delivery.apiDestinations()` says so. By Lambda the function reads the secret, and follows it.
   */
  readonly apiKey: secretsmanager.ISecret;

  /**
   * The field that holds the key, if the secret is a JSON object.
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
   * The version of the secret that is copied, by API destination without `followSecretRotation`. CloudFormation reads the secret only when the connection changes, so a
   * rotated key is taken by a deployment with another version id, and by no other.
   *
   * @default - the version that is current when the connection is made or changed
   */
  readonly apiKeyVersionId?: string;

  /**
   * Where Momento's HTTP API is called.
   *
   * @default - Momento's cell in the stack's own region. If the stack does not know its region at synth, the cell is
   * looked up at deployment, which a region without one stops
   */
  readonly endpoint?: MomentoEndpoint;

  /**
   * The bus that the commands are put on, of the stack's own account and region.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * What events may have Momento do. Events with the detail-type of a command that is not among these are left alone.
   *
   * @default - all commands
   */
  readonly commands?: MomentoCommand[];

  /**
   * The sources that commands are taken from, compared exactly. Events of other sources are left alone.
   *
   * @default - every source: whoever may put events on the bus may command
   */
  readonly sources?: string[];

  /**
   * How many calls a second are sent to Momento at most. By Lambda they must be known at synth.
   *
   * @default - Momento's soft limits
   */
  readonly rateLimits?: RateLimits;

  /**
   * How long a command is tried, counted from its arrival on the bus, the wait for the rate limit included. Then it is a
   * dead letter. From 1 minute to 24 hours, in whole seconds, as EventBridge has it.
   *
   * The default outlasts a brief failure of Momento, and 36,000 messages that arrive at once and are published 10 a
   * second. It is no longer because EventBridge retries an answer of 401 too, which a wrong key never stops being, and
   * because a cache item that is set hours late may replace a newer one.
   *
   * @default Duration.hours(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * How often a command is tried again when Momento has answered 401, 407, 409, 429 or 5xx, or not within 5 seconds. Then
   * it is a dead letter. Any other answer that is no success makes it one at once. From 0 to 185.
   *
   * @default 185, the most there is: `maxEventAge` ends it
   */
  readonly retryAttempts?: number;

  /**
   * Where a command goes that is no command, that Momento refuses, or that was tried in vain: a standard queue of the
   * stack's own region. Its policy is amended; one that was imported has to let the rules send to it already.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, messages kept for 14 days, the
   * longest that SQS keeps them. It is deleted with the stack, with what it holds
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * What the alarms do when they go off.
   *
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}
