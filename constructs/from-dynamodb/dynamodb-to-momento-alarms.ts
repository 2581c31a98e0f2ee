import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
import type { DynamoDbToMomentoAlarmsProps } from './dynamodb-to-momento-alarms-props';

/**
 * Alarms for what needs a person in a `DynamoDbToMomento`: dead letters, and a pipe that fails. CloudWatch bills each alarm,
 * 0.10 USD a month in us-east-1.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { DynamoDbToMomentoAlarms } from 'cdk-momento-eventbridge';
 *
 * new DynamoDbToMomentoAlarms(this, 'Alarms', { monitored: cached, actions: [new actions.SnsAction(topic)] });
 */
export class DynamoDbToMomentoAlarms extends Construct {
  /**
   * Goes off when the dead-letter queue holds a message, and stays so until it is empty.
   */
  public readonly deadLetterQueueNotEmpty: cloudwatch.Alarm;

  /**
   * Goes off when the pipe failed on a batch in the last 5 minutes. The batch is retried, and blocks its shard until then.
   */
  public readonly pipeFailed: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: DynamoDbToMomentoAlarmsProps) {
    super(scope, id);
    const { monitored, actions } = props;
    this.deadLetterQueueNotEmpty = new ThresholdAlarm(this, 'DeadLetterQueueNotEmpty', {
      actions,
      metric: messagesIn(monitored.deadLetterQueue),
      alarmDescription:
        'Changes of a DynamoDB table could not become commands to Momento. The dead-letter queue has each record, with the ' +
        'reason in its message attribute Reason. Correct the item or the templates, and write the item again.',
    });
    this.pipeFailed = new ThresholdAlarm(this, 'PipeFailed', {
      actions,
      metric: monitored.metricPipe('ExecutionFailed'),
      alarmDescription:
        'The pipe from a DynamoDB table to Momento fails, and changes wait. The metrics EnrichmentStageFailed and ' +
        'TargetStageFailed say where it fails. After maxRecordAge the pipe discards the changes.',
    });
  }
}
