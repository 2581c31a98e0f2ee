/**
 * Builds the events that `EventBridgeToMomento` delivers to Momento: `cdk-momento-eventbridge/commands`.
 *
 * It needs neither the CDK nor an AWS SDK, so that you can bundle it with a Lambda function.
 */
export type { EventEntry, EventOptions } from './event-entry';
export * from './momento-command-builder';
