import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';

/**
 * Props for `MomentoEventBridgeDashboard`.
 */
export interface MomentoEventBridgeDashboardProps {
  /**
   * The constructs to show, each in a section of its own, in this order: 1 to 20 of `MomentoTopicToEventBridge`,
   * `MomentoWebhookToEventBridge`, `EventBridgeToMomento` and `DynamoDbToMomento`.
   *
   * More would exceed the 2,500 metrics that CloudWatch allows on a dashboard.
   */
  readonly monitored: IConstruct[];

  /**
   * The alarms to show at the top, with their states. At most 100, CloudWatch's limit for the widget. Each alarms construct of
   * this library has its own as `alarms`.
   *
   * @default - none: the dashboard has graphs only
   */
  readonly alarms?: IAlarm[];

  /**
   * The name of the dashboard: 1 to 255 letters, digits, `-` and `_`.
   *
   * @default - CloudFormation chooses one
   */
  readonly dashboardName?: string;

  /**
   * The time range that the dashboard shows at first.
   *
   * @default Duration.hours(3)
   */
  readonly defaultInterval?: Duration;
}
