import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { DynamoDbToMomento } from './dynamodb-to-momento';

/**
 * Props for `DynamoDbToMomentoAlarms`.
 */
export interface DynamoDbToMomentoAlarmsProps {
  /**
   * The construct to monitor.
   */
  readonly monitored: DynamoDbToMomento;

  /**
   * The actions of every alarm when it goes off: at most 5, CloudWatch's limit.
   *
   * @default - none: the alarms only show their state
   */
  readonly actions?: cloudwatch.IAlarmAction[];
}
