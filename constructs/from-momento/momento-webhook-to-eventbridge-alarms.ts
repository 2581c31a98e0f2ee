import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { checkWholeNumber } from '../common/prop-checks';
import { logCommand, wholeLogCommand } from '../common/runbook';
import { alarmsOf, ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoWebhookToEventBridgeAlarmsProps } from './momento-webhook-to-eventbridge-alarms-props';
import { deadLetterQueueNotEmpty, noMessages, parkedTooLong, redriveErrors } from './parking-alarms';

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

  /**
   * Goes off when no message was accepted for `maxSilence`. Only with `maxSilence`.
   */
  public readonly noMessages?: cloudwatch.Alarm;

  /**
   * All of these alarms, for `MomentoEventBridgeDashboard`.
   */
  public readonly alarms: cloudwatch.Alarm[];

  public constructor(scope: Construct, id: string, props: MomentoWebhookToEventBridgeAlarmsProps) {
    super(scope, id);
    const { monitored, maxParkedTime, rejectedThreshold = 100, maxSilence, actions } = props;
    const { handler } = monitored;
    checkWholeNumber(this, 'rejectedThreshold', rejectedThreshold, 1);

    this.messageLost = new ThresholdAlarm(this, 'MessageLost', {
      actions,
      metric: monitored.metricLost(),
      runbook: {
        happened:
          'a genuine Momento message is neither on the event bus nor in the fallback queue. The log has it, whole, at level ' +
          'ERROR.',
        look: `${logCommand(handler, 'ERROR')}: the fields bus and queue have both reasons.`,
        act: 'fix the cause, then pipe the log lines to `npx cdk-momento-eventbridge redrive --file -`',
        paragraph: 'messagelost',
      },
    });
    this.deadLetterQueueNotEmpty = deadLetterQueueNotEmpty(this, monitored, actions);
    this.parkedTooLong = parkedTooLong(this, monitored, maxParkedTime, actions);
    this.requestsRejected = new ThresholdAlarm(this, 'RequestsRejected', {
      actions,
      metric: monitored.metricRejected(),
      threshold: rejectedThreshold,
      runbook: {
        happened: 'the webhook rejected many requests.',
        look: `the metric Rejected by its dimension Reason, and ${logCommand(handler, 'WARN')}`,
        act:
          'Unauthorized: store the secret that Momento signs with; if it is the right one, strangers send requests: see ' +
          'reservedConcurrency. NoSecret: the secret is empty or unreadable. Stale, Future: a wrong clock, or replays.',
        paragraph: 'requestsrejected',
      },
    });
    this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
      actions,
      metric: handler.metricErrors(),
      runbook: {
        happened:
          'the webhook handler failed without an answer. A message may be lost, because Momento does not retry.',
        look: wholeLogCommand(handler),
        act: 'fix what the log names. A handler that cannot start says why in one line.',
        paragraph: 'handlererrors-webhook',
      },
    });
    this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
      actions,
      metric: handler.metricThrottles(),
      runbook: {
        happened: 'Lambda throttled requests to the webhook. Momento does not retry them: their messages are lost.',
        look: "the function's metric ConcurrentExecutions, and the metric Rejected for a flood of unsigned requests.",
        act:
          "raise reservedConcurrency, or the account's concurrency in Service Quotas. Against a flood, put a firewall in front " +
          'of the URL.',
        paragraph: 'handlerthrottles-webhook',
      },
    });
    this.redriveErrors = redriveErrors(this, monitored, actions);
    this.noMessages = noMessages(
      this,
      monitored,
      maxSilence,
      {
        look:
          'does anybody publish? Is the webhook still at Momento, with this URL? Momento calls webhooks deprecated. If requests ' +
          'arrive and are rejected, the metric Rejected has the reason.',
        act: '`npx cdk-momento-eventbridge send-webhook --help`: a test message shows whether this side works.',
      },
      actions,
    );
    this.alarms = alarmsOf(this);
  }
}
