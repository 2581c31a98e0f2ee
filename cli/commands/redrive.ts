import type { Command } from '../command';
import { Consent, MOST_WITHOUT_CONSENT } from '../consent';
import { EventBuses } from '../event-buses';
import { ExitStatus, UsageError } from '../failure';
import { interruptOnSignals } from '../interruption';
import { parseOptions, required, wholeNumber } from '../options';
import { redriveFile } from '../redrive-file';
import { redriveQueue } from '../redrive-queue';
import { RedriveReport } from '../redrive-report';
import { checkStackOptions, openQueue, QUEUE_OPTIONS, STACK_HELP } from '../stack/stack-options';

const HELP = `Puts events back on the event bus: parked events, dead letters, commands to
Momento that are dead letters, and events that the handler logged as lost.
Source, detail-type, detail, resources and time are the original ones.

  npx cdk-momento-eventbridge redrive --stack NAME [options]
  npx cdk-momento-eventbridge redrive --queue-url URL [options]
  npx cdk-momento-eventbridge redrive --file FILE [options]

${STACK_HELP}
  --queue KIND      which queue of the stack: dead-letter (default), fallback,
                    or command
  --queue-url URL   read this queue. Events that the bus accepts are deleted
                    from it; the others stay
  --file FILE       read this file, - for standard input: one parked event a
                    line as JSON, or lines of the handler's log. Lines of the
                    log without an event are skipped
  --event-bus BUS   name or ARN of the event bus. For a queue, default: the bus
                    that each message names. Required for messages that do not
                    name a bus; messages that name another bus stay. For a file,
                    default: the bus that the log line names, or else the
                    default bus
  --ignore-recorded-bus
                    put messages that name another bus on --event-bus too
  --limit N         redrive at most N messages
  --dry-run         only say what would be put on the bus
  --yes             do not ask before it puts more than ${MOST_WITHOUT_CONSENT.toString()} events. Required for
                    so many without a terminal
  --region REGION   the AWS region. Required if neither the queue's URL nor an
                    ARN names it

It redrives the messages that were in the queue when it began. Messages that
come in later, or come back because they failed again, stay in the queue and are
counted. SIGHUP, SIGINT and SIGTERM stop it after the current batch, as does a
closed output; the rest stays in the queue.

Events that neither the bus nor the fallback queue accepted are in the handler's
log at level ERROR:

  aws logs tail LOG_GROUP --since 1d --format short \\
    --filter-pattern '"neither the event bus"' |
    npx cdk-momento-eventbridge redrive --file - --event-bus BUS

Between its attempts, the redrive handler hides a message of the fallback queue
for up to 15 minutes. This command cannot receive it during that time.

An event can be put on the bus twice: when an answer of EventBridge or SQS is
lost, when this command is killed before it deletes the message, and each time
you redrive the same file. Copies have the same detail.topic_sequence_number.

Permissions: events:DescribeEventBus (EventBridge accepts events for a bus that
does not exist, and drops them) and events:PutEvents; for a queue
sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and
sqs:ChangeMessageVisibility.
`;

/** The bus of the events in a file that names none. The file stays, so that a wrong bus costs no event. */
const BUS_OF_FILES = 'default';

/** Puts back what is parked, dead or logged. */
export const redrive: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      ...QUEUE_OPTIONS,
      file: 'value',
      'event-bus': 'value',
      'ignore-recorded-bus': 'flag',
      limit: 'value',
      'dry-run': 'flag',
      yes: 'flag',
    });
    const { 'queue-url': url, stack, file, region, 'event-bus': bus } = options;
    const { 'ignore-recorded-bus': ignoreRecorded = false } = options;
    if ([url, stack, file].filter((given) => given !== undefined).length !== 1) {
      throw new UsageError('Give exactly one of --stack, --queue-url and --file.');
    }
    checkStackOptions(options);
    if (ignoreRecorded && bus === undefined) throw new UsageError('--ignore-recorded-bus needs --event-bus.');
    const chosen = bus === undefined ? undefined : required(bus, '--event-bus');
    const limit = options.limit === undefined ? Infinity : wholeNumber(options.limit, '--limit', { least: 1 });
    const report = new RedriveReport(options['dry-run'] ?? false);
    const consent = new Consent({ given: report.dryRun || options.yes === true });

    if (file === undefined) {
      const queue = await openQueue(options);
      const buses = await EventBuses.open({ chosen, ignoreRecorded, region: queue.region });
      return reporting(report, () => redriveQueue(queue, buses, report, { limit, consent }));
    }
    const path = required(file, '--file');
    const buses = await EventBuses.open({ chosen, fallback: BUS_OF_FILES, ignoreRecorded, region });
    return reporting(report, () => redriveFile(path, buses, report, { limit, consent }));
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
