import type * as events from 'aws-cdk-lib/aws-events';
import type { MomentoCommand } from '../common/momento-command';
import type { ApiDestinationsResources } from './api-destinations-resources';
import type { LambdaFunctionResources } from './lambda-function-resources';

/** What a rule is made from. */
export interface Route {
  /** The construct id of the rule. */
  readonly id: string;
  readonly description: string;
  readonly pattern: events.EventPattern;
  readonly target: events.IRuleTarget;
}

/** Where the events with the detail-type of one command go. Every event takes exactly one of these routes. */
export interface CommandRoutes {
  readonly valid: readonly Route[];
  readonly invalid: readonly Route[];
}

/** A delivery mode in a construct: the routes to it, and the resources created for it. */
export interface BoundDelivery {
  /**
   * The routes of one command.
   *
   * @param sources the sources to accept events from; if empty, every source
   */
  routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes;

  /** Permits the rules made from the routes to send to their targets. */
  allow(rules: readonly events.Rule[]): void;

  readonly apiDestinations?: ApiDestinationsResources;
  readonly lambdaFunction?: LambdaFunctionResources;
}
