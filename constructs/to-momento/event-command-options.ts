import type * as events from 'aws-cdk-lib/aws-events';
import type { MomentoCommandTemplate } from './momento-command-template';

/**
 * Options for `EventBridgeToMomento.onEvent()`.
 */
export interface EventCommandOptions {
  /**
   * The events that become a command: a `source`, a `detailType` or both, and whatever narrows the match further.
   *
   * It must not match commands, or the messages of the topic that the command publishes to: they would become commands again
   * and again. Without a `detailType`, the rule leaves out the detail-types of the commands. With `sources`, only the sources
   * of commands are narrowed, not these events.
   *
   * All of it makes a pattern of at most 4,096 characters, and of at most 2,048 unless AWS has raised that quota of the account.
   */
  readonly eventPattern: events.EventPattern;

  /**
   * The command that each of these events becomes. It must be one of the construct's `commands`.
   */
  readonly command: MomentoCommandTemplate;

  /**
   * The name of the rule.
   *
   * @default - CloudFormation makes one
   */
  readonly ruleName?: string;

  /**
   * The description of the rule, at most 512 characters.
   *
   * @default - the command that it makes of events
   */
  readonly description?: string;
}
