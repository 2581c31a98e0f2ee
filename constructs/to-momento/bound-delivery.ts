import type { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { DeliverHandler } from './deliver-handler';
import type { FollowRotationHandler } from './follow-rotation-handler';
import type { MomentoCommand } from '../common/momento-command';

/** What every delivery is told, checked. */
export interface DeliveryProps {
  readonly apiKey: secretsmanager.ISecret;
  readonly apiKeyField?: string;
  readonly apiKeyVersionId?: string;
  /** The bus that the commands come from. */
  readonly eventBus: events.IEventBus;
  /** Without a slash at the end. */
  readonly url: string;
  /** The commands that are wanted. */
  readonly commands: readonly MomentoCommand[];
  /** Calls a second, of each command whether wanted or not. */
  readonly rateLimits: Readonly<Record<MomentoCommand, number>>;
  readonly maxEventAge: Duration;
  readonly retryAttempts: number;
  readonly deadLetterQueue: sqs.IQueue;
}

/** What a rule is made of. */
export interface Route {
  /** The construct id of the rule. */
  readonly id: string;
  readonly description: string;
  readonly pattern: events.EventPattern;
  readonly target: events.IRuleTarget;
}

/** Where the events with the detail-type of one command go: each takes exactly one of these routes. */
export interface CommandRoutes {
  readonly delivered: readonly Route[];
  readonly refused: readonly Route[];
}

/** A delivery that is part of a construct: the routes to it, and what was made for it. */
export interface BoundDelivery {
  /**
   * The routes of one command.
   *
   * @param sources the sources that events are taken from; with none, every source
   */
  routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes;

  /** Lets the rules made of the routes send to what was made for them. */
  allow(rules: readonly events.Rule[]): void;

  readonly role?: iam.Role;
  readonly connection?: events.Connection;
  readonly apiDestinations?: Readonly<Record<string, events.ApiDestination>>;
  readonly commandQueue?: sqs.IQueue;
  readonly deliverHandler?: DeliverHandler;
  readonly followRotationHandler?: FollowRotationHandler;
}
