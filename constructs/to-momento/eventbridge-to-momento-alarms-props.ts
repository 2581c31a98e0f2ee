import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBridgeToMomento } from './eventbridge-to-momento';

/**
 * Props for `EventBridgeToMomentoAlarms`.
 */
export interface EventBridgeToMomentoAlarmsProps {
  /**
   * The construct to monitor.
   */
  readonly monitored: EventBridgeToMomento;

  /**
   * The actions of every alarm when it goes off: at most 5, CloudWatch's limit.
   *
   * @default - none: the alarms only show their state
   */
  readonly actions?: cloudwatch.IAlarmAction[];

  /**
   * How long the oldest command may wait in the command queue, in whole seconds from 1. Only with
   * `Delivery.lambdaFunction()`.
   *
   * @default - half of the `maxEventAge` of `monitored`
   */
  readonly maxWaitingTime?: Duration;
}
