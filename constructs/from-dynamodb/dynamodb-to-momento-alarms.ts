import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { queueCommands, wholeLogCommand } from '../common/runbook';
import { alarmsOf, messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
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

  /**
   * Both alarms, for `MomentoEventBridgeDashboard`.
   */
  public readonly alarms: cloudwatch.Alarm[];

  public constructor(scope: Construct, id: string, props: DynamoDbToMomentoAlarmsProps) {
    super(scope, id);
    const { monitored, actions } = props;
    const { show } = queueCommands(monitored.deadLetterQueue);
    this.deadLetterQueueNotEmpty = new ThresholdAlarm(this, 'DeadLetterQueueNotEmpty', {
      actions,
      metric: messagesIn(monitored.deadLetterQueue),
      runbook: {
        happened:
          'changes of a DynamoDB table could not become commands to Momento. The dead-letter queue has each record. The cache ' +
          'items of invalid records are deleted.',
        look: `${show} lists each record with its reason.`,
        act: 'correct the item or the templates, and write the item again.',
        paragraph: 'deadletterqueuenotempty-changes',
      },
    });
    this.pipeFailed = new ThresholdAlarm(this, 'PipeFailed', {
      actions,
      metric: monitored.metricPipe('ExecutionFailed'),
      runbook: {
        happened:
          'the pipe from a DynamoDB table to Momento fails, and changes wait. After maxRecordAge the pipe discards them.',
        look: `the metrics EnrichmentStageFailed and TargetStageFailed of the pipe ${monitored.pipe.ref}; ${wholeLogCommand(monitored.handler)}`,
        act: 'fix the function, the permission or the bus. The pipe then continues by itself.',
        paragraph: 'pipefailed',
      },
    });
    this.alarms = alarmsOf(this);
  }
}
