import type * as events from 'aws-cdk-lib/aws-events';
import type { MomentoCommand } from '../common/momento-command';
import type { ApiDestinationsResources } from './api-destinations-resources';
import type { LambdaFunctionResources } from './lambda-function-resources';
import type { CommandTemplateFields } from './momento-command-template';

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

/** Where the events of one pattern go. Every event takes exactly one of these routes. */
export interface EventRoutes {
  readonly valid: Route;
  /** None if every event of the pattern is valid, or if the target of the other route validates it. */
  readonly invalid?: Route;
}

/** A delivery mode in a construct: the routes to it, and the resources created for it. */
export interface BoundDelivery {
  /**
   * The routes of one command.
   *
   * @param sources the sources to accept events from; if empty, every source
   */
  routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes;

  /**
   * The routes of the events that a template makes commands of.
   *
   * @param id the construct id of their rule
   * @param pattern which events
   */
  eventRoutes(id: string, pattern: events.EventPattern, template: CommandTemplateFields): EventRoutes;

  /** Permits the rules made from the routes to send to their targets. The list may still grow. */
  allow(rules: readonly events.Rule[]): void;

  readonly apiDestinations?: ApiDestinationsResources;
  readonly lambdaFunction?: LambdaFunctionResources;
}
