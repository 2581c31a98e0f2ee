import type { Command } from '../command';
import { EventBus } from '../event-bus';
import { ExitStatus, UsageError } from '../failure';
import { parseOptions, required, wholeNumber } from '../options';
import { Queue } from '../queue';
import { redriveFile } from '../redrive-file';
import { redriveQueue } from '../redrive-queue';
import { RedriveReport } from '../redrive-report';

const HELP = `Puts events on the event bus that the handler parked, or that ended in a dead-letter queue, or that it logged as lost:
with the source, detail-type, detail and time that they would have had. Commands to Momento that are dead letters too.

  npx cdk-momento-eventbridge redrive --queue-url URL [options]
  npx cdk-momento-eventbridge redrive --file FILE [options]

  --queue-url URL   take them from this queue. What the bus has taken is deleted from it, the rest stays
  --file FILE       take them from a file, - for standard input: one JSON document a line, in the form in which events are
                    parked, or lines of the handler's log. Lines of the log that hold no event are passed over
  --event-bus BUS   name or ARN of the bus (default: default)
  --limit N         take at most so many
  --dry-run         only say what would be put
  --region REGION   the AWS region, where neither the queue's URL nor the bus's ARN says

The events that neither the bus nor the queue took are in the handler's log at level ERROR, whole:

  aws logs tail LOG_GROUP --since 1d --format short --filter-pattern '"neither the event bus"' |
    npx cdk-momento-eventbridge redrive --file -

The redrive handler keeps a message of the fallback queue to itself between its attempts, 15 minutes at most: this does not
find it before that is over.

An event can be put twice: when the answer of EventBridge or of SQS is lost, when this is interrupted between the two, and
each time the same file is given. detail.topic_sequence_number tells the copies of a message apart.

Needs events:DescribeEventBus (EventBridge takes events for a bus that does not exist, and drops them) and events:PutEvents;
for a queue sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility.
`;

/** Puts back what is parked, dead or logged. */
export const redrive: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      'queue-url': 'value',
      file: 'value',
      'event-bus': 'value',
      limit: 'value',
      'dry-run': 'flag',
      region: 'value',
    });
    const { 'queue-url': url, file, region } = options;
    if ((url === undefined) === (file === undefined)) {
      throw new UsageError('Say with either --queue-url or --file where the events are.');
    }
    const busName = required(options['event-bus'] ?? 'default', '--event-bus');
    const limit = options.limit === undefined ? Infinity : wholeNumber(options.limit, '--limit', { least: 1 });
    const dryRun = options['dry-run'] ?? false;
    const queue = url === undefined ? undefined : await Queue.open(required(url, '--queue-url'), region);
    const bus = await EventBus.find(busName, queue?.region ?? region);
    const report = new RedriveReport(bus.name, dryRun);
    try {
      if (queue) await redriveQueue(queue, bus, report, limit);
      else await redriveFile(required(file, '--file'), bus, report, limit);
    } finally {
      report.end();
    }
    return report.allWell ? ExitStatus.Success : ExitStatus.Failure;
  },
};
