import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';
import {
  BAD,
  billedByLambda,
  billedBySqs,
  DELAYED,
  functionGraphs,
  GOOD,
  graph,
  queueGraph,
  type Section,
  total,
} from './widgets';

/** The section of the commands to Momento. */
export function toMomentoSection(momento: EventBridgeToMomento): Section {
  const { apiDestinations, lambdaFunction, commands, deadLetterQueue } = momento;
  const followRotation = apiDestinations?.followRotation?.handler;
  const handlers = [lambdaFunction?.handler, followRotation].filter((handler) => handler !== undefined);
  const queues = [lambdaFunction?.commandQueue, deadLetterQueue].filter((queue) => queue !== undefined);
  const byCommand = (metricOf: (command: (typeof commands)[number]) => cloudwatch.IMetric) => commands.map(metricOf);
  return {
    title: `To Momento: ${momento.node.path}`,
    graphs: [
      graph('Commands', {
        left: [
          momento.metricReceived({ label: 'received' }),
          momento.metricDelivered({ label: 'delivered', color: GOOD }),
          momento.metricFailedInvocations({ label: 'failed', color: DELAYED }),
          momento.metricDeadLettered({ label: 'dead letters', color: BAD }),
        ],
        leftLabel: 'commands',
      }),
      graph('Commands received, by kind', {
        left: byCommand((command) => momento.metricReceived({ command, label: command })),
        leftLabel: 'commands',
        stacked: true,
      }),
      ...(lambdaFunction
        ? [
            graph('Postponed commands', {
              left: [momento.metric('Postponed', { label: 'postponed', color: DELAYED })],
              leftLabel: 'commands',
            }),
            queueGraph('Command queue', lambdaFunction.commandQueue),
          ]
        : [
            graph('Commands delivered, by kind', {
              left: byCommand((command) => momento.metricDelivered({ command, label: command })),
              leftLabel: 'commands',
              stacked: true,
            }),
            graph('Retried commands, by kind', {
              left: byCommand((command) => momento.metricRetries({ command, label: command })),
              leftLabel: 'attempts',
              stacked: true,
            }),
          ]),
      graph('Failed commands, by kind', {
        left: byCommand((command) => momento.metricFailedInvocations({ command, label: command })),
        leftLabel: 'commands',
        stacked: true,
      }),
      queueGraph('Dead-letter queue', deadLetterQueue),
      ...(lambdaFunction ? functionGraphs('deliver', lambdaFunction.handler) : []),
      ...(followRotation ? functionGraphs('follow-rotation', followRotation) : []),
    ],
    billed: [
      ...(apiDestinations
        ? [total('API destination calls', [momento.metricDelivered(), momento.metricRetries()])]
        : []),
      ...(handlers.length > 0 ? billedByLambda(handlers) : []),
      billedBySqs(queues),
    ],
  };
}
