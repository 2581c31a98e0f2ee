import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { MomentoWebhookToEventBridge } from './momento-webhook-to-eventbridge';

/**
 * Props for `MomentoWebhookToEventBridgeAlarms`.
 */
export interface MomentoWebhookToEventBridgeAlarmsProps {
  /**
   * The construct to monitor.
   */
  readonly monitored: MomentoWebhookToEventBridge;

  /**
   * The actions of every alarm when it goes off: at most 5, CloudWatch's limit.
   *
   * @default - none: the alarms only show their state
   */
  readonly actions?: IAlarmAction[];

  /**
   * How long the fallback queue may hold messages without a break.
   *
   * From 1 minute to 1 day, the longest that CloudWatch evaluates, in whole minutes. After an outage, messages wait for up to
   * 15 more minutes until the redrive handler retries them: with less than twice that, the alarm also goes off for an outage
   * that is over.
   *
   * @default Duration.minutes(30)
   */
  readonly maxParkedTime?: Duration;

  /**
   * The number of rejected requests in 5 minutes at which the alarm goes off. At least 1.
   *
   * Normally there are next to none: strangers who find the URL, and their replays. Momento, signing with another secret than
   * the one here, causes up to 1500.
   *
   * @default 100
   */
  readonly rejectedThreshold?: number;

  /**
   * How long no message may be accepted: for topics that are never silent for so long. Silence is how a source that has stopped
   * looks.
   *
   * From 5 minutes to 1 day, the longest that CloudWatch evaluates, in whole minutes.
   *
   * @default - there is no alarm for silence
   */
  readonly maxSilence?: Duration;
}
