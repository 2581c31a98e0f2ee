import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { MomentoCommand } from '../common/momento-command';

/** Validated props common to both delivery modes. */
export interface DeliveryProps {
  readonly apiKey: secretsmanager.ISecret;
  readonly apiKeyField?: string;
  /** The bus that the commands come from. */
  readonly eventBus: events.IEventBus;
  /** Without a slash at the end. */
  readonly url: string;
  /** The commands to deliver. */
  readonly commands: readonly MomentoCommand[];
  /** The sources that commands are taken from; without any, every source. */
  readonly sources: readonly string[];
  /** Calls a second, for every command whether delivered or not. */
  readonly rateLimits: Readonly<Record<MomentoCommand, number>>;
  readonly maxEventAge: Duration;
  readonly retryAttempts: number;
  readonly deadLetterQueue: sqs.IQueue;
  /** Of a queue that the delivery creates. */
  readonly queueRemovalPolicy?: RemovalPolicy;
}
