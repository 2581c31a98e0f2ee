import type { DynamoDbToMomento } from '../from-dynamodb/dynamodb-to-momento';
import { BAD, billedByLambda, billedBySqs, functionGraphs, GOOD, graph, queueGraph, type Section } from './widgets';

/** The section of a table whose changes go to Momento. */
export function fromDynamoDbSection(cached: DynamoDbToMomento): Section {
  const { handler, deadLetterQueue } = cached;
  return {
    title: `From DynamoDB to Momento: ${cached.node.path}`,
    graphs: [
      graph('Changes', {
        left: [
          cached.metricChanges({ label: 'changes' }),
          cached.metricCommands({ label: 'commands', color: GOOD }),
          cached.metricDeadLettered({ label: 'dead letters', color: BAD }),
        ],
        leftLabel: 'records',
      }),
      graph('Pipe', {
        left: [
          cached.metricPipe('Invocations', { label: 'batches' }),
          cached.metricPipe('EnrichmentStageFailed', { label: 'failed in the function' }),
          cached.metricPipe('TargetStageFailed', { label: 'failed at the bus' }),
          cached.metricPipe('ExecutionFailed', { label: 'failed', color: BAD }),
        ],
        leftLabel: 'batches',
      }),
      queueGraph('Dead-letter queue', deadLetterQueue),
      ...functionGraphs('changes', handler),
    ],
    billed: [
      cached.metricCommands({ label: 'events put on the bus' }),
      ...billedByLambda([handler]),
      billedBySqs([deadLetterQueue]),
    ],
  };
}
