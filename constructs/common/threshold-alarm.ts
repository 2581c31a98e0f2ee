import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { fail } from './prop-checks';
import { alarmDescription, type Runbook } from './runbook';

/** CloudWatch's limit (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html). */
const MAX_ACTIONS = 5;

export interface ThresholdAlarmProps {
  readonly metric: cloudwatch.IMetric;
  /** What is wrong, and what to do. */
  readonly runbook: Runbook;
  readonly actions?: cloudwatch.IAlarmAction[];
  /** 1 unless given: the first occurrence. */
  readonly threshold?: number;
  /** 1 unless given. */
  readonly evaluationPeriods?: number;
  /** `GREATER_THAN_OR_EQUAL_TO_THRESHOLD` unless given. */
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /** `NOT_BREACHING` unless given. */
  readonly treatMissingData?: cloudwatch.TreatMissingData;
}

/** An alarm that goes off when a metric reaches a threshold. By default, missing data does not trigger it. */
export class ThresholdAlarm extends cloudwatch.Alarm {
  public constructor(scope: Construct, id: string, { actions = [], runbook, ...props }: ThresholdAlarmProps) {
    super(scope, id, {
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription: alarmDescription(runbook),
    });
    if (actions.length > MAX_ACTIONS) {
      fail(
        scope,
        `actions must be at most ${MAX_ACTIONS.toString()}, got ${actions.length.toString()}. Pass one SNS topic, and subscribe ` +
          'the others to it.',
      );
    }
    if (actions.length > 0) {
      this.addAlarmAction(...actions);
    }
  }
}

/** How many messages a queue holds that can be received, minute by minute. */
export function messagesIn(queue: sqs.IQueue): cloudwatch.Metric {
  return queue.metricApproximateNumberOfMessagesVisible({
    statistic: cloudwatch.Stats.MAXIMUM,
    period: Duration.minutes(1),
  });
}

/** The alarms that a construct has, in the order in which it made them. */
export function alarmsOf(scope: IConstruct): cloudwatch.Alarm[] {
  return scope.node.children.filter((child) => child instanceof cloudwatch.Alarm);
}
