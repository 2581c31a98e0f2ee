/**
 * Builds the events that `EventBridgeToMomento` takes to Momento: `cdk-momento-eventbridge/commands`.
 *
 * Needs neither the CDK nor an AWS SDK, so that it can be bundled with a Lambda function.
 */
export type { EventEntry, EventOptions } from './event-entry';
export * from './momento-command-builder';
