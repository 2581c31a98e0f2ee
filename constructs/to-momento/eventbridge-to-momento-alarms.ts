import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { checkWholeNumber, fail } from '../common/prop-checks';
import { messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
import type { EventBridgeToMomentoAlarmsProps } from './eventbridge-to-momento-alarms-props';

/**
 * Alarms for what needs a person in an `EventBridgeToMomento`: dead letters, permanent failures, commands that wait, and
 * functions that fail. CloudWatch bills each alarm by the metrics it reads, 0.10 USD a month for each in us-east-1:
 * `failedInvocations` reads one for each rule.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { EventBridgeToMomentoAlarms } from 'cdk-momento-eventbridge';
 *
 * new EventBridgeToMomentoAlarms(this, 'Alarms', { monitored: toMomento, actions: [new actions.SnsAction(topic)] });
 */
export class EventBridgeToMomentoAlarms extends Construct {
  /**
   * Goes off when the dead-letter queue holds a message, and stays so until it is empty.
   */
  public readonly deadLetterQueueNotEmpty: cloudwatch.Alarm;

  /**
   * Goes off when events failed permanently in the last 5 minutes: with `Delivery.apiDestinations()` at Momento, with
   * `Delivery.lambdaFunction()` on their way to the command queue.
   */
  public readonly failedInvocations: cloudwatch.Alarm;

  /**
   * Goes off when the oldest command has waited in the command queue for `maxWaitingTime`. Only with
   * `Delivery.lambdaFunction()`.
   */
  public readonly commandsWaitingTooLong?: cloudwatch.Alarm;

  /**
   * Goes off when the function that delivers failed; its batch is retried. Only with `Delivery.lambdaFunction()`.
   */
  public readonly handlerErrors?: cloudwatch.Alarm;

  /**
   * Goes off when Lambda throttled the function that delivers. Only with `Delivery.lambdaFunction()`.
   */
  public readonly handlerThrottles?: cloudwatch.Alarm;

  /**
   * Goes off when the function that copies a rotated API key to the connection failed. Only with
   * `ApiKeyRotation.followSecret()`.
   */
  public readonly followRotationErrors?: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: EventBridgeToMomentoAlarmsProps) {
    super(scope, id);
    const { monitored, maxWaitingTime, actions } = props;
    const { apiDestinations, lambdaFunction } = monitored;

    this.deadLetterQueueNotEmpty = new ThresholdAlarm(this, 'DeadLetterQueueNotEmpty', {
      actions,
      metric: messagesIn(monitored.deadLetterQueue),
      alarmDescription:
        'The dead-letter queue of the commands to Momento is not empty. Read the reason in the message attributes, fix the ' +
        'cause, and put the events on the bus again.',
    });
    this.failedInvocations = new ThresholdAlarm(this, 'FailedInvocations', {
      actions,
      metric: monitored.metricFailedInvocations(),
      alarmDescription:
        'Commands to Momento failed permanently. They are in the dead-letter queue, if it could take them.',
    });
    if (lambdaFunction) {
      const seconds = (maxWaitingTime ?? halfOf(monitored.maxEventAge)).toSeconds({ integral: false });
      if (maxWaitingTime) {
        checkWholeNumber(this, 'maxWaitingTime in seconds', seconds, 1);
      }
      this.commandsWaitingTooLong = new ThresholdAlarm(this, 'CommandsWaitingTooLong', {
        actions,
        metric: monitored.metricOldestCommandAge(),
        threshold: seconds,
        alarmDescription:
          'Commands to Momento have waited too long in the command queue. After maxEventAge they go to the dead-letter ' +
          'queue. Either there are more commands than rateLimits permits, or the function that delivers them fails: read ' +
          'its log.',
      });
      this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
        actions,
        metric: lambdaFunction.handler.metricErrors(),
        alarmDescription:
          'The function that delivers commands to Momento failed. The commands stay in the command queue and are retried ' +
          'after its visibility timeout. The log of the function has the reason, in one line if it cannot start.',
      });
      this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
        actions,
        metric: lambdaFunction.handler.metricThrottles(),
        alarmDescription:
          'Lambda throttled the function that delivers commands to Momento. The commands stay in the command queue. Raise ' +
          "the account's concurrency.",
      });
    } else if (maxWaitingTime) {
      fail(this, 'maxWaitingTime needs Delivery.lambdaFunction(), got Delivery.apiDestinations(). Leave it out.');
    }
    if (apiDestinations?.followRotation) {
      this.followRotationErrors = new ThresholdAlarm(this, 'FollowRotationErrors', {
        actions,
        metric: apiDestinations.followRotation.handler.metricErrors(),
        alarmDescription:
          'The rotated API key could not be copied to the connection to Momento. The connection keeps its key, and the copy ' +
          'is retried within 15 minutes. The log of the function has the reason.',
      });
    }
  }
}

function halfOf(duration: Duration): Duration {
  return Duration.millis(duration.toMilliseconds() / 2);
}
