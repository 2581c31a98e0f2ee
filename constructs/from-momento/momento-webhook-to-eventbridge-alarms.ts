import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { checkWholeNumber } from '../common/prop-checks';
import { ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoWebhookToEventBridgeAlarmsProps } from './momento-webhook-to-eventbridge-alarms-props';
import { deadLetterQueueNotEmpty, parkedTooLong, redriveErrors } from './parking-alarms';

/**
 * Alarms for what needs a person in a `MomentoWebhookToEventBridge`: messages that are lost or delayed, requests that are
 * rejected, and functions that fail. CloudWatch bills each alarm, 0.10 USD a month in us-east-1, and `parkedTooLong` twice
 * that.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { MomentoWebhookToEventBridgeAlarms } from 'cdk-momento-eventbridge';
 *
 * new MomentoWebhookToEventBridgeAlarms(this, 'Alarms', { monitored: momento, actions: [new actions.SnsAction(topic)] });
 */
export class MomentoWebhookToEventBridgeAlarms extends Construct {
  /**
   * Goes off when neither the bus nor the fallback queue took a message.
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
   * Goes off when `rejectedThreshold` requests were rejected within 5 minutes.
   */
  public readonly requestsRejected: cloudwatch.Alarm;

  /**
   * Goes off when the webhook handler failed instead of answering.
   */
  public readonly handlerErrors: cloudwatch.Alarm;

  /**
   * Goes off when Lambda throttled the webhook handler.
   */
  public readonly handlerThrottles: cloudwatch.Alarm;

  /**
   * Goes off when the redrive handler failed. A message that the bus does not take is not a failure of the handler.
   */
  public readonly redriveErrors: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: MomentoWebhookToEventBridgeAlarmsProps) {
    super(scope, id);
    const { monitored, maxParkedTime, rejectedThreshold = 100, actions } = props;
    checkWholeNumber(this, 'rejectedThreshold', rejectedThreshold, 1);

    this.messageLost = new ThresholdAlarm(this, 'MessageLost', {
      actions,
      metric: monitored.metricLost(),
      alarmDescription:
        'A genuine Momento message is neither on the event bus nor in the fallback queue. It is in the log of the webhook ' +
        'handler, whole, at level ERROR, with the reason. Fix the cause and put the message on the bus: the redrive command ' +
        'of cdk-momento-eventbridge takes it from the log line.',
    });
    this.deadLetterQueueNotEmpty = deadLetterQueueNotEmpty(this, monitored, actions);
    this.parkedTooLong = parkedTooLong(this, monitored, maxParkedTime, actions);
    this.requestsRejected = new ThresholdAlarm(this, 'RequestsRejected', {
      actions,
      metric: monitored.metricRejected(),
      threshold: rejectedThreshold,
      alarmDescription:
        'Many requests to the webhook were rejected. The metric Rejected has the reason in its dimension Reason. ' +
        'Unauthorized: check that the secret is the one that Momento signs with; if it is, these are requests of strangers: ' +
        'see reservedConcurrency. NoSecret: the secret is empty or unreadable. Stale or Future: a wrong clock, or a replay.',
    });
    this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
      actions,
      metric: monitored.handler.metricErrors(),
      alarmDescription:
        'The webhook handler failed without an answer. A message may be lost, because Momento does not retry. The log of ' +
        'the handler has the reason, in one line if it cannot start.',
    });
    this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
      actions,
      metric: monitored.handler.metricThrottles(),
      alarmDescription:
        'Lambda throttled requests to the webhook, and Momento does not retry them. Raise reservedConcurrency or the ' +
        "account's concurrency; against a flood, put a firewall in front of the URL.",
    });
    this.redriveErrors = redriveErrors(this, monitored, actions);
  }
}
