import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { MomentoWebhookToEventBridge } from './momento-webhook-to-eventbridge';

/**
 * What `MomentoWebhookAlarms` can be told.
 */
export interface MomentoWebhookAlarmsProps {
  /**
   * What is watched.
   */
  readonly webhook: MomentoWebhookToEventBridge;

  /**
   * What each alarm does when it goes off.
   *
   * @default - nothing: the alarms only show their state
   */
  readonly actions?: IAlarmAction[];

  /**
   * How long the fallback queue may hold messages without a break.
   *
   * From 1 minute to 1 day, the longest that CloudWatch looks back, in whole minutes. After an outage messages wait on for
   * up to 15 minutes, until the redrive handler tries them again: with less than twice that, the alarm also goes off for
   * an outage that is over.
   *
   * @default Duration.minutes(30)
   */
  readonly maxParkedTime?: Duration;

  /**
   * The number of refused requests in 5 minutes that is worth a look. At least 1.
   *
   * Where all is well there are next to none: strangers who find the URL, and replays of theirs. Momento, signing with a
   * secret that is not the one here, makes up to 1500.
   *
   * @default 100
   */
  readonly rejectedThreshold?: number;
}
