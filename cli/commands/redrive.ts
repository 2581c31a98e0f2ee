import type { Command } from '../command';
import { EventBuses } from '../event-buses';
import { ExitStatus, UsageError } from '../failure';
import { interruptOnSignals } from '../interruption';
import { parseOptions, required, wholeNumber } from '../options';
import { Queue } from '../queue';
import { redriveFile } from '../redrive-file';
import { redriveQueue } from '../redrive-queue';
import { RedriveReport } from '../redrive-report';

const HELP = `Puts events back on the event bus: parked events, dead letters, commands to Momento that are dead letters, and events that the
handler logged as lost. Source, detail-type, detail, resources and time are the original ones.

  npx cdk-momento-eventbridge redrive --queue-url URL [options]
  npx cdk-momento-eventbridge redrive --file FILE [options]

  --queue-url URL   read this queue. Events that the bus accepts are deleted from it; the others stay
  --file FILE       read this file, - for standard input: one parked event a line as JSON, or lines of the handler's log.
                    Lines of the log without an event are skipped
  --event-bus BUS   name or ARN of the event bus. For a queue, default: the bus that each message names. Required for
                    messages that do not name a bus; messages that name another bus stay. For a file, default: the bus that
                    the log line names, or else the default bus
  --ignore-recorded-bus
                    put messages that name another bus on --event-bus too
  --limit N         redrive at most N messages
  --dry-run         only say what would be put on the bus
  --region REGION   the AWS region. Required if the queue's URL does not name it; for a file, if no ARN does

It redrives the messages that were in the queue when it began. Messages that come in later, or come back because they
failed again, stay in the queue and are counted. SIGINT and SIGTERM stop it after the current batch, as does a closed
output; the rest stays in the queue.

Events that neither the bus nor the fallback queue accepted are in the handler's log at level ERROR:

  aws logs tail LOG_GROUP --since 1d --format short --filter-pattern '"neither the event bus"' |
    npx cdk-momento-eventbridge redrive --file - --event-bus BUS

Between its attempts, the redrive handler hides a message of the fallback queue for up to 15 minutes. This command cannot
receive it during that time.

An event can be put on the bus twice: when an answer of EventBridge or SQS is lost, when this command is killed before
it deletes the message, and each time you redrive the same file. Copies have the same detail.topic_sequence_number.

Permissions: events:DescribeEventBus (EventBridge accepts events for a bus that does not exist, and drops them) and
events:PutEvents; for a queue sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and
sqs:ChangeMessageVisibility.
`;

/** The bus of the events in a file that names none. The file stays, so that a wrong bus costs no event. */
const BUS_OF_FILES = 'default';

/** Puts back what is parked, dead or logged. */
export const redrive: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      'queue-url': 'value',
      file: 'value',
      'event-bus': 'value',
      'ignore-recorded-bus': 'flag',
      limit: 'value',
      'dry-run': 'flag',
      region: 'value',
    });
    const { 'queue-url': url, file, region, 'event-bus': bus, 'ignore-recorded-bus': ignoreRecorded = false } = options;
    if ((url === undefined) === (file === undefined)) {
      throw new UsageError('Give exactly one of --queue-url and --file.');
    }
    if (ignoreRecorded && bus === undefined) throw new UsageError('--ignore-recorded-bus needs --event-bus.');
    const chosen = bus === undefined ? undefined : required(bus, '--event-bus');
    const limit = options.limit === undefined ? Infinity : wholeNumber(options.limit, '--limit', { least: 1 });
    const report = new RedriveReport(options['dry-run'] ?? false);

    if (url !== undefined) {
      const queue = await Queue.open(required(url, '--queue-url'), region);
      const buses = await EventBuses.open({ chosen, ignoreRecorded, region: queue.region });
      return reporting(report, () => redriveQueue(queue, buses, report, limit));
    }
    const path = required(file, '--file');
    const buses = await EventBuses.open({ chosen, fallback: BUS_OF_FILES, ignoreRecorded, region });
    return reporting(report, () => redriveFile(path, buses, report, limit));
  },
};

async function reporting(report: RedriveReport, work: () => Promise<void>): Promise<ExitStatus> {
  interruptOnSignals();
  try {
    await work();
  } finally {
    report.end();
  }
  return report.allWell ? ExitStatus.Success : ExitStatus.Failure;
}
