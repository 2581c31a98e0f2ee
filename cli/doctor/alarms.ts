import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { printable } from '../printable';
import type { Examination } from './examination';

/** The alarms of the stack: there, and none that has gone off. */
export async function examineAlarms(examination: Examination): Promise<void> {
  const alarms = examination.stack.ofType('AWS::CloudWatch::Alarm');
  if (alarms.length === 0) return;
  const { CloudWatchClient, DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient(await clientSettings(examination.region));
  for (const { logicalId, physicalId } of alarms) {
    await examination.examine('alarm', logicalId, async (report) => {
      const { MetricAlarms: [alarm] = [] } = await callAws('CloudWatch', 'cloudwatch:DescribeAlarms', () =>
        client.send(new DescribeAlarmsCommand({ AlarmNames: [physicalId] })),
      );
      if (alarm === undefined) report('The alarm does not exist any more: deploy the stack again.');
      else if (alarm.StateValue === 'ALARM') {
        const description = alarm.AlarmDescription ?? '';
        report(`The alarm ${printable(physicalId)} is in ALARM. ${printable(description)}`.trimEnd());
      }
    });
  }
}
