import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { fail } from '../common/prop-checks';
import { fromDynamoDbSection } from './from-dynamodb-section';
import { topicSection, webhookSection } from './from-momento-sections';
import type { MomentoEventBridgeDashboardProps } from './momento-eventbridge-dashboard-props';
import { type ByKind, checkMonitored, ofKind } from './monitored';
import { toMomentoSection } from './to-momento-section';
import { alarmsRow, rowsOf, type Section } from './widgets';

/** CloudWatch's limit for one widget of alarms (`Alarm widget object` in the structure of a dashboard's body). */
const MAX_ALARMS = 100;

/**
 * What CloudWatch takes as a name (`DashboardName` in
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html).
 */
const DASHBOARD_NAME = /^[-\w]{1,255}$/;

const SECTIONS: ByKind<Section> = {
  webhook: webhookSection,
  subscription: topicSection,
  commands: toMomentoSection,
  table: fromDynamoDbSection,
};

/**
 * A CloudWatch dashboard of the constructs of this library: messages and commands with their outcomes, ages and times, the
 * queues, the functions, and the counts that AWS bills. It shows what a construct has, and nothing else.
 *
 * CloudWatch bills each dashboard beyond the third of an account: 3.00 USD a month.
 *
 * @example
 * import { MomentoEventBridgeDashboard } from 'cdk-momento-eventbridge';
 *
 * new MomentoEventBridgeDashboard(this, 'Dashboard', { monitored: [momento, toMomento] });
 */
export class MomentoEventBridgeDashboard extends Construct {
  /**
   * The dashboard, for widgets of your own.
   */
  public readonly dashboard: cloudwatch.Dashboard;

  public constructor(scope: Construct, id: string, props: MomentoEventBridgeDashboardProps) {
    super(scope, id);
    const { monitored, alarms = [], dashboardName, defaultInterval = Duration.hours(3) } = props;
    checkMonitored(this, monitored);
    if (alarms.length > MAX_ALARMS) {
      fail(this, `alarms must have at most ${MAX_ALARMS.toString()}, got ${alarms.length.toString()}. Leave some out.`);
    }
    if (dashboardName !== undefined && !Token.isUnresolved(dashboardName) && !DASHBOARD_NAME.test(dashboardName)) {
      fail(
        this,
        `dashboardName must be 1 to 255 letters, digits, - and _, got ${dashboardName || 'an empty string'}. Choose another name.`,
      );
    }
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { dashboardName, defaultInterval });
    if (alarms.length > 0) {
      this.dashboard.addWidgets(...alarmsRow(alarms));
    }
    for (const row of monitored.flatMap((one) => rowsOf(ofKind(this, one, SECTIONS)))) {
      this.dashboard.addWidgets(...row);
    }
  }
}
