import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { MomentoTopicToEventBridge } from './momento-topic-to-eventbridge';

/**
 * Props for `MomentoTopicToEventBridgeAlarms`.
 */
export interface MomentoTopicToEventBridgeAlarmsProps {
  /**
   * The construct to monitor.
   */
  readonly monitored: MomentoTopicToEventBridge;

  /**
   * The actions of every alarm when it goes off: at most 5, CloudWatch's limit.
   *
   * @default - none: the alarms only show their state
   */
  readonly actions?: IAlarmAction[];

  /**
   * Whether `subscriptionRefused` and `subscriptionSilent` are an alarm for each topic, or one each for all topics together,
   * which costs the same for any number of topics. CloudWatch cannot have an alarm of one topic if its names are not printable
   * ASCII, or longer than 254 characters together.
   *
   * @default true
   */
  readonly perTopic?: boolean;

  /**
   * How long topics may be without a subscription, and how long the handler's heartbeat may be missing.
   *
   * From 1 minute to 1 day, the longest that CloudWatch evaluates, in whole minutes. After a crash it takes up to 90 seconds
   * until the topics are subscribed to again: with less than 3 minutes, the alarms also go off for that.
   *
   * @default Duration.minutes(5)
   */
  readonly maxInterruption?: Duration;

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
   * How long no message may be accepted: for topics that are never silent for so long. Silence is how a source that has stopped
   * looks.
   *
   * From 5 minutes to 1 day, the longest that CloudWatch evaluates, in whole minutes.
   *
   * @default - there is no alarm for silence
   */
  readonly maxSilence?: Duration;
}
