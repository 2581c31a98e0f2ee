import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { MomentoWebhookAlarmsProps } from './momento-webhook-alarms-props';
import { checkMinutes, checkWholeNumber } from '../common/prop-checks';

/**
 * Alarms for what needs a person in a `MomentoWebhookToEventBridge`: messages that are lost or held up, requests that are
 * refused, and functions that fail. They are all made; CloudWatch bills each, 0.10 USD a month in us-east-1, the one for
 * parked messages twice that.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { MomentoWebhookAlarms } from 'cdk-momento-eventbridge';
 *
 * new MomentoWebhookAlarms(this, 'Alarms', { webhook: momento, actions: [new actions.SnsAction(topic)] });
 */
export class MomentoWebhookAlarms extends Construct {
  /**
   * Goes off when a message was taken by neither the bus nor the fallback queue.
   */
  public readonly messageLost: cloudwatch.Alarm;

  /**
   * Goes off when the dead-letter queue holds a message, and stays so until it is empty.
   */
  public readonly deadLetterQueueNotEmpty: cloudwatch.Alarm;

  /**
   * Goes off when the fallback queue has held messages for `maxParkedTime`.
   */
  public readonly parkedTooLong: cloudwatch.Alarm;

  /**
   * Goes off when `rejectedThreshold` requests were refused within 5 minutes.
   */
  public readonly requestsRejected: cloudwatch.Alarm;

  /**
   * Goes off when the webhook's handler failed instead of answering.
   */
  public readonly handlerErrors: cloudwatch.Alarm;

  /**
   * Goes off when Lambda turned requests away from the webhook's handler.
   */
  public readonly handlerThrottles: cloudwatch.Alarm;

  /**
   * Goes off when the redrive handler failed. That the bus does not take a message is no failure of the handler.
   */
  public readonly redriveErrors: cloudwatch.Alarm;

  private readonly actions: cloudwatch.IAlarmAction[];

  public constructor(scope: Construct, id: string, props: MomentoWebhookAlarmsProps) {
    super(scope, id);
    const { webhook, maxParkedTime = Duration.minutes(30), rejectedThreshold = 100, actions = [] } = props;
    checkWholeNumber(this, 'rejectedThreshold', rejectedThreshold, 1);
    this.actions = actions;

    this.messageLost = this.alarm('MessageLost', webhook.metricLost(), {
      alarmDescription:
        'A genuine Momento message is neither on the event bus nor in the fallback queue. It is in the log of the ' +
        'webhook handler, whole, at level ERROR, with why both refused it. Remove the cause, and put it on the bus: the ' +
        'redrive command of cdk-momento-eventbridge takes it from the log line.',
    });
    this.deadLetterQueueNotEmpty = this.alarm(
      'DeadLetterQueueNotEmpty',
      webhook.deadLetterQueue.metricApproximateNumberOfMessagesVisible(),
      {
        alarmDescription:
          'Momento messages could not be put on the event bus and are in the dead-letter queue, which keeps them for 14 ' +
          'days unless it was given. Read the reason in their attributes, remove the cause, and put them on the bus: the ' +
          'dlq and redrive commands of cdk-momento-eventbridge do both.',
      },
    );
    this.parkedTooLong = this.alarm('ParkedTooLong', parkedMessages(webhook.fallbackQueue), {
      alarmDescription:
        'The fallback queue has held Momento messages all this time. The event bus does not take them, or the redrive ' +
        'handler does not run: its log names the reason at level WARN. They stay until redrivePatience is up, and end ' +
        'in the dead-letter queue.',
      evaluationPeriods: checkMinutes(this, 'maxParkedTime', maxParkedTime, Duration.days(1)),
    });
    this.requestsRejected = this.alarm('RequestsRejected', webhook.metricRejected(), {
      alarmDescription:
        'Many requests to the webhook were refused. The metric Rejected names the reason in its dimension Reason. ' +
        'Unauthorized: does the secret hold what Momento signs with? If so, strangers are knocking: see ' +
        'reservedConcurrency. NoSecret: the secret is empty or cannot be read. Stale or Future: a clock, or a replay.',
      threshold: rejectedThreshold,
    });
    this.handlerErrors = this.alarm('HandlerErrors', webhook.handler.metricErrors(), {
      alarmDescription:
        'The webhook handler ended without an answer, and Momento does not repeat a message: one may be lost. The ' +
        'log of the handler says why; where it cannot start, in one line.',
    });
    this.handlerThrottles = this.alarm('HandlerThrottles', webhook.handler.metricThrottles(), {
      alarmDescription:
        'Lambda turned requests to the webhook away, and Momento does not repeat them. Raise reservedConcurrency or the ' +
        "account's concurrency; in a flood of strangers, put a firewall before the URL.",
    });
    this.redriveErrors = this.alarm('RedriveErrors', webhook.redriveHandler.metricErrors(), {
      alarmDescription:
        'The redrive handler failed, so that parked Momento messages stay in the fallback queue. They are tried again ' +
        'after its visibility timeout. The log of the handler says why; where it cannot start, in one line.',
    });
  }

  /** Makes an alarm that goes off at the first occurrence, unless told otherwise. */
  private alarm(id: string, metric: cloudwatch.IMetric, props: Partial<cloudwatch.AlarmProps>): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
    });
    if (this.actions.length > 0) {
      alarm.addAlarmAction(...this.actions);
    }
    return alarm;
  }
}

/**
 * How many messages a queue holds, minute by minute: those that are due and those that wait to be due.
 *
 * Not the age of the oldest, which SQS counts anew when a message has been received three times, as those that wait for
 * the bus soon have.
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
