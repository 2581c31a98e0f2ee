import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { checkMinutes } from '../common/prop-checks';
import { logCommand, queueCommands, type Runbook, wholeLogCommand } from '../common/runbook';
import { messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoToEventBridge } from './momento-to-eventbridge';

/** In minutes. Metrics arrive a minute or two late, and until then their minutes look empty. */
const MIN_SILENCE = 5;

/** Goes off when the dead-letter queue holds a message. */
export function deadLetterQueueNotEmpty(
  scope: Construct,
  monitored: MomentoToEventBridge,
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm {
  const { show, redrive } = queueCommands(monitored.deadLetterQueue);
  return new ThresholdAlarm(scope, 'DeadLetterQueueNotEmpty', {
    actions,
    metric: messagesIn(monitored.deadLetterQueue),
    runbook: {
      happened:
        'Momento messages could not be put on the event bus. They are in the dead-letter queue, for 14 days if the construct ' +
        'created it.',
      look: `${show} lists each message with its reason.`,
      act: `fix the cause, then ${redrive}`,
      paragraph: 'deadletterqueuenotempty-messages',
    },
  });
}

/** Goes off when the fallback queue has held messages for `maxParkedTime`. */
export function parkedTooLong(
  scope: Construct,
  monitored: MomentoToEventBridge,
  maxParkedTime = Duration.minutes(30),
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm {
  const { redriveHandler } = monitored;
  return new ThresholdAlarm(scope, 'ParkedTooLong', {
    actions,
    metric: parkedMessages(monitored.fallbackQueue),
    evaluationPeriods: checkMinutes(scope, 'maxParkedTime', maxParkedTime, Duration.days(1)),
    runbook: {
      happened:
        'the fallback queue has held Momento messages for maxParkedTime. After redrivePatience they go to the dead-letter ' +
        'queue.',
      look: `either the event bus does not accept them, or the redrive handler does not run: ${logCommand(redriveHandler, 'WARN')}`,
      act: 'restore the bus or its permission. The handler then redrives the messages by itself, within 15 minutes.',
      paragraph: 'parkedtoolong',
    },
  });
}

/** Goes off when no message was accepted for `maxSilence`, if there is one. */
export function noMessages(
  scope: Construct,
  monitored: MomentoToEventBridge,
  maxSilence: Duration | undefined,
  runbook: Pick<Runbook, 'look' | 'act'>,
  actions?: cloudwatch.IAlarmAction[],
): cloudwatch.Alarm | undefined {
  if (!maxSilence) {
    return undefined;
  }
  const period = Duration.minutes(1);
  return new ThresholdAlarm(scope, 'NoMessages', {
    actions,
    metric: new cloudwatch.MathExpression({
      // A minute without messages has no data, which CloudWatch would skip to look at older minutes.
      expression: 'FILL(accepted, 0)',
      label: 'Accepted messages',
      period,
      usingMetrics: { accepted: monitored.metric('Accepted', { period }) },
    }),
    evaluationPeriods: checkMinutes(scope, 'maxSilence', maxSilence, Duration.days(1), MIN_SILENCE),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    runbook: { happened: 'no Momento message has been accepted for maxSilence.', ...runbook, paragraph: 'nomessages' },
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
    runbook: {
      happened:
        'the redrive handler failed. Parked Momento messages stay in the fallback queue and are retried after its visibility ' +
        'timeout.',
      look: wholeLogCommand(monitored.redriveHandler),
      act: 'fix what the log names: a setting, a permission or the network. A handler that cannot start says why in one line.',
      paragraph: 'redriveerrors',
    },
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
