import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { printable } from '../printable';
import { type Examination, ifThere } from './examination';

/** What invokes the functions, apart from URLs and rules: the mappings of their queues, and pipes. */
export async function examineMappings(examination: Examination): Promise<void> {
  const { GetEventSourceMappingCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(await clientSettings(examination.region));
  for (const { logicalId, physicalId: UUID } of examination.stack.ofType('AWS::Lambda::EventSourceMapping')) {
    await examination.examine('event-source-mapping', logicalId, async (report) => {
      const mapping = await ifThere(() =>
        callAws('Lambda', 'lambda:GetEventSourceMapping', () =>
          client.send(new GetEventSourceMappingCommand({ UUID })),
        ),
      );
      if (mapping === undefined) {
        report('The event source mapping does not exist any more, so that nothing feeds the function: deploy again.');
      } else if (mapping.State?.startsWith('Disabl')) {
        report(
          `The event source mapping is disabled, so that its queue fills up. Enable it: aws lambda ` +
            `update-event-source-mapping --uuid ${printable(UUID)} --enabled`,
        );
      }
    });
  }
}

/** The pipes from DynamoDB. */
export async function examinePipes(examination: Examination): Promise<void> {
  const pipes = examination.stack.ofType('AWS::Pipes::Pipe');
  if (pipes.length === 0) return;
  const { DescribePipeCommand, PipesClient } = await import('@aws-sdk/client-pipes');
  const client = new PipesClient(await clientSettings(examination.region));
  for (const { logicalId, physicalId: Name } of pipes) {
    await examination.examine('pipe', logicalId, async (report) => {
      const pipe = await ifThere(() =>
        callAws('Pipes', 'pipes:DescribePipe', () => client.send(new DescribePipeCommand({ Name }))),
      );
      if (pipe === undefined) report('The pipe does not exist any more: deploy the stack again.');
      else if (pipe.CurrentState !== 'RUNNING') {
        const reason = pipe.StateReason ? ` (${printable(pipe.StateReason)})` : '';
        report(
          `The pipe is ${printable(pipe.CurrentState ?? 'in an unknown state')}${reason}, so that changes of the table ` +
            `wait. Start it: aws pipes start-pipe --name ${printable(Name)}`,
        );
      }
    });
  }
}
