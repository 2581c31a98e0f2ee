import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { checkMinutes } from '../common/prop-checks';
import { messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoToEventBridge } from './momento-to-eventbridge';

/** Goes off when the dead-letter queue holds a message. */
export function deadLetterQueueNotEmpty(
  scope: Construct,
  monitored: MomentoToEventBridge,
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm {
  return new ThresholdAlarm(scope, 'DeadLetterQueueNotEmpty', {
    actions,
    metric: messagesIn(monitored.deadLetterQueue),
    alarmDescription:
      'Momento messages could not be put on the event bus and are in the dead-letter queue, for 14 days if the construct ' +
      'created it. Read the reason in the message attributes, fix the cause, and put the messages on the bus: the ' +
      'undelivered and redrive commands of cdk-momento-eventbridge do both.',
  });
}

/** Goes off when the fallback queue has held messages for `maxParkedTime`. */
export function parkedTooLong(
  scope: Construct,
  monitored: MomentoToEventBridge,
  maxParkedTime = Duration.minutes(30),
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm {
  return new ThresholdAlarm(scope, 'ParkedTooLong', {
    actions,
    metric: parkedMessages(monitored.fallbackQueue),
    evaluationPeriods: checkMinutes(scope, 'maxParkedTime', maxParkedTime, Duration.days(1)),
    alarmDescription:
      'The fallback queue has held Momento messages for maxParkedTime. Either the event bus does not take them, or the ' +
      'redrive handler does not run: its log has the reason at level WARN. After redrivePatience they go to the ' +
      'dead-letter queue.',
  });
}

/** Goes off when the redrive handler failed. */
export function redriveErrors(
  scope: Construct,
  monitored: MomentoToEventBridge,
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm {
  return new ThresholdAlarm(scope, 'RedriveErrors', {
    actions,
    metric: monitored.redriveHandler.metricErrors(),
    alarmDescription:
      'The redrive handler failed. Parked Momento messages stay in the fallback queue and are retried after its ' +
      'visibility timeout. The log of the handler has the reason, in one line if it cannot start.',
  });
}

/**
 * The number of messages in a queue, minute by minute: visible ones and those that wait to become visible.
 *
 * Not the age of the oldest: SQS leaves out a message after it was received three times, as messages that wait for the bus
 * soon are.
 */
function parkedMessages(queue: sqs.IQueue): cloudwatch.IMetric {
  const period = Duration.minutes(1);
  return new cloudwatch.MathExpression({
    expression: 'due + waiting',
    label: 'Parked messages',
    period,
    usingMetrics: {
      due: queue.metricApproximateNumberOfMessagesVisible(),
      waiting: queue.metricApproximateNumberOfMessagesNotVisible(),
    },
  });
}
