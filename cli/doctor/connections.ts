import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { printable } from '../printable';
import { type Examination, ifThere } from './examination';

/** The connections with the copy of the API key. */
export async function examineConnections(examination: Examination): Promise<void> {
  const { DescribeConnectionCommand, EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  const client = new EventBridgeClient(await clientSettings(examination.region));
  for (const { logicalId, physicalId: Name } of examination.stack.ofType('AWS::Events::Connection')) {
    await examination.examine('connection', logicalId, async (report) => {
      const connection = await ifThere(() =>
        callAws('EventBridge', 'events:DescribeConnection', () => client.send(new DescribeConnectionCommand({ Name }))),
      );
      if (connection === undefined) report('The connection does not exist any more: deploy the stack again.');
      else if (connection.ConnectionState !== 'AUTHORIZED') {
        const reason = connection.StateReason ? ` (${printable(connection.StateReason)})` : '';
        report(
          `The connection to Momento is ${printable(connection.ConnectionState ?? 'in an unknown state')}${reason}, not ` +
            'AUTHORIZED, so that no command is delivered. Deploy the stack again, so that it reads the API key again.',
        );
      }
    });
  }
}
