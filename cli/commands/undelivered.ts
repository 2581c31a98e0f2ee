import { busOfMessage } from '../bus-of-message';
import type { Command } from '../command';
import { describeEvent, eventFacts, type EventFacts } from '../event-facts';
import { ExitStatus } from '../failure';
import { interruptOnSignals } from '../interruption';
import { parseOptions, wholeNumber } from '../options';
import { print } from '../output';
import { readQueuedEvent } from '../parked-event';
import { counted, isoTime, printable, printableJson } from '../printable';
import type { QueueState, ReceivedMessage } from '../queue';
import { openQueue, QUEUE_OPTIONS, STACK_HELP } from '../stack/stack-options';
import { warn } from '../warning';

/** How long a listed message stays invisible at most, in seconds, if nothing makes it visible again. */
const VISIBILITY_TIMEOUT = 30;
/** The listing ends before the first message of it could come up again. */
const LIST_FOR_MS = 20_000;

const HELP = `Lists the undelivered messages of a queue, and why they are there: dead letters,
or messages parked in the fallback queue. Each line tells a message from the
others: detail-type, source, cache, topic, key and number.

  npx cdk-momento-eventbridge undelivered --stack NAME [options]
  npx cdk-momento-eventbridge undelivered --queue-url URL [options]

${STACK_HELP}
  --queue KIND      which queue of the stack: dead-letter (default), fallback,
                    or command
  --queue-url URL   the queue, without a stack
  --limit N         list at most N messages (default 100)
  --json            print one JSON object per line
  --show-text       show the text of the messages, which is hidden otherwise
  --region REGION   the AWS region of the stack. Without a stack, required if
                    the queue's URL does not name it

Nothing is deleted, but SQS can show a message only by delivering it:
- Other consumers do not receive a message while it is listed; if this command
  is killed, for ${VISIBILITY_TIMEOUT.toString()} s at most.
- Each listing counts as one receive: as an attempt for the redrive handler, and
  towards the maxReceiveCount of a queue that has a dead-letter queue.
- SQS returns a sample: a long queue, or one with other consumers, is not listed
  completely. Between its attempts, the redrive handler hides a message of the
  fallback queue for up to 15 minutes: such a message is counted but not listed.

Permissions: sqs:ReceiveMessage and sqs:ChangeMessageVisibility;
sqs:GetQueueAttributes to count the messages; for --stack
cloudformation:DescribeStacks, cloudformation:ListStackResources and
lambda:GetFunctionConfiguration.
`;

/** Lists what is parked or dead. */
export const undelivered: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      ...QUEUE_OPTIONS,
      limit: 'value',
      json: 'flag',
      'show-text': 'flag',
    });
    const limit = wholeNumber(options.limit ?? '100', '--limit', { least: 1 });
    const queue = await openQueue(options);
    const until = Date.now() + LIST_FOR_MS;
    // Not everybody who may receive may ask.
    const state = await queue.state().catch(() => undefined);
    interruptOnSignals();
    let shown = 0;
    try {
      for await (const messages of queue.receive({ limit, visibilityTimeout: VISIBILITY_TIMEOUT, until })) {
        shown += messages.length;
        for (const message of messages) {
          const listed = list(message, options['show-text'] ?? false);
          print(options.json ? printableJson(listed) : describe(listed));
        }
      }
    } finally {
      await queue.release();
    }
    const summary = summarise(shown, state);
    // What reads JSON lines reads standard output.
    if (options.json) process.stderr.write(`${summary}\n`);
    else print(summary);
    if (shown > 0 && state?.maxReceiveCount !== undefined) {
      warn(
        `This queue moves a message to its dead-letter queue after ${counted(state.maxReceiveCount, 'receive')}; ` +
          'this listing counted as one.',
      );
    }
    return ExitStatus.Success;
  },
};

type Attributes = ReceivedMessage['attributes'];

interface ListedMessage extends Partial<EventFacts> {
  readonly messageId: string;
  /** Why it is not an event, if it is not. */
  readonly problem?: string;
  /** The name or ARN of the event bus it belongs to. */
  readonly eventBus?: string;
  readonly parkedAt?: string;
  /** When it was moved to the dead-letter queue, where the redrive handler did that. */
  readonly deadSince?: string;
  readonly receiveCount: number;
  readonly reason?: string;
  readonly attempts?: string;
}

function list(message: ReceivedMessage, showText: boolean): ListedMessage {
  const { id, body, sentAt, receiveCount, attributes } = message;
  const event = readQueuedEvent(body);
  const { ParkedAt: parkedAt } = attributes;
  return {
    messageId: id,
    ...(typeof event === 'string' ? { problem: event } : eventFacts(event, { showText })),
    eventBus: busOfMessage(message),
    parkedAt: isoTime(parkedAt === undefined ? sentAt : Number(parkedAt)),
    ...(parkedAt !== undefined && { deadSince: isoTime(sentAt) }),
    receiveCount,
    reason: attributes.Reason ?? commandReason(attributes),
    attempts: attributes.Attempts ?? commandAttempts(attributes),
  };
}

/** Why a command is dead, by the attributes that EventBridge and the deliver handler give it. */
function commandReason({ ERROR_CODE, ERROR_MESSAGE, EXHAUSTED_RETRY_CONDITION }: Attributes): string | undefined {
  if (ERROR_CODE === undefined) return undefined;
  const exhausted = EXHAUSTED_RETRY_CONDITION === undefined ? '' : `, until ${EXHAUSTED_RETRY_CONDITION}`;
  return `${ERROR_CODE}${ERROR_MESSAGE === undefined ? '' : `: ${ERROR_MESSAGE}`}${exhausted}`;
}

function commandAttempts({ RETRY_ATTEMPTS: retries }: Attributes): string | undefined {
  return retries !== undefined && /^\d+$/.test(retries) ? (Number(retries) + 1).toString() : undefined;
}

function describe(message: ListedMessage): string {
  const { messageId, problem, parkedAt, deadSince } = message;
  const facts = [
    problem === undefined ? describeEvent(message) : `message ${printable(messageId)}, not an event: ${problem}`,
    parkedAt !== undefined && `parked ${parkedAt}`,
    deadSince !== undefined && `dead since ${deadSince}`,
    `received ${counted(message.receiveCount, 'time')}`,
    message.eventBus !== undefined && `event bus ${printable(message.eventBus)}`,
    message.attempts !== undefined && `attempts: ${printable(message.attempts)}`,
    `reason: ${printable(message.reason ?? 'none given')}`,
  ];
  const text = message.text === undefined ? '' : `\n  text: ${printable(message.text)}`;
  return facts.filter((fact) => fact !== false).join(', ') + text;
}

function summarise(shown: number, state: QueueState | undefined): string {
  if (!state) return `${counted(shown, 'message')} shown. SQS did not say how many there are.`;
  const inFlight =
    state.inFlight > 0 ? `, and about ${state.inFlight.toString()} that another consumer is processing` : '';
  return `${counted(shown, 'message')} shown of about ${state.visible.toString()} available${inFlight}.`;
}
