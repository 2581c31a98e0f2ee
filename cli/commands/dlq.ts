import type { Command } from '../command';
import { ExitStatus } from '../failure';
import { parseOptions, required, wholeNumber } from '../options';
import { print } from '../output';
import { messageFacts, readQueuedEvent } from '../parked-event';
import { counted, isoTime, printable } from '../printable';
import { Queue, type QueueState, type ReceivedMessage } from '../queue';
import { warn } from '../warning';

/** How long what is listed stays invisible at most, in seconds, should nothing make it visible again. */
const VISIBILITY_TIMEOUT = 30;
/** The listing ends before the first message of it could come up again. */
const LIST_FOR_MS = 20_000;

const HELP = `Shows what waits in a queue: parked messages in the fallback queue, or dead messages and commands in a dead-letter queue.

  npx cdk-momento-eventbridge dlq --queue-url URL [options]

  --queue-url URL   the queue
  --limit N         show at most so many messages (default 100)
  --json            one JSON object a line
  --show-text       show the messages' text too, which nothing else prints
  --region REGION   the AWS region, where the URL does not say

Nothing is deleted. But SQS can only show a message by handing it out:
- While it is listed, and for ${VISIBILITY_TIMEOUT.toString()} s at most should this be interrupted, nobody else receives a message that is shown.
- Each listing counts as one receive: for the redrive handler as an attempt, and a queue with a dead-letter queue of its own
  moves a message there after so many.
- SQS hands out a sample. In a long queue, or while somebody else receives from it, not every message is shown. The redrive
  handler keeps a message of the fallback queue to itself between its attempts, 15 minutes at most: such a message is only
  counted.

Needs sqs:ReceiveMessage and sqs:ChangeMessageVisibility, and sqs:GetQueueAttributes to say how many there are.
`;

/** Lists what is parked or dead. */
export const dlq: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      'queue-url': 'value',
      limit: 'value',
      json: 'flag',
      'show-text': 'flag',
      region: 'value',
    });
    const limit = wholeNumber(options.limit ?? '100', '--limit', { least: 1 });
    const queue = await Queue.open(required(options['queue-url'], '--queue-url'), options.region);
    const until = Date.now() + LIST_FOR_MS;
    const state = await queue.state();
    let shown = 0;
    try {
      for await (const messages of queue.receive({ limit, visibilityTimeout: VISIBILITY_TIMEOUT, until })) {
        shown += messages.length;
        for (const message of messages) {
          const listed = list(message, options['show-text'] ?? false);
          print(options.json ? JSON.stringify(listed) : describe(listed));
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
        `This queue moves a message to its dead-letter queue once it has been received ${counted(state.maxReceiveCount, 'time')}; ` +
          'this listing counted as one.',
      );
    }
    return ExitStatus.Success;
  },
};

type Attributes = ReceivedMessage['attributes'];

interface ListedMessage {
  readonly messageId: string;
  /** Why it is no event, where it is none. */
  readonly problem?: string;
  readonly detailType?: string;
  readonly topicSequenceNumber?: number;
  readonly publishedAt?: string;
  readonly parkedAt?: string;
  /** When it was moved to the dead-letter queue, where the redrive handler did that. */
  readonly deadSince?: string;
  readonly receiveCount: number;
  readonly reason?: string;
  readonly attempts?: string;
  readonly text?: string;
}

function list({ id, body, sentAt, receiveCount, attributes }: ReceivedMessage, showText: boolean): ListedMessage {
  const event = readQueuedEvent(body);
  const { ParkedAt: parkedAt } = attributes;
  const { topicSequenceNumber, text } = typeof event === 'string' ? {} : messageFacts(event);
  return {
    messageId: id,
    ...(typeof event === 'string'
      ? { problem: event }
      : { detailType: event.detailType, topicSequenceNumber, publishedAt: isoTime(event.time) }),
    parkedAt: isoTime(parkedAt === undefined ? sentAt : Number(parkedAt)),
    ...(parkedAt !== undefined && { deadSince: isoTime(sentAt) }),
    receiveCount,
    reason: attributes.Reason ?? commandReason(attributes),
    attempts: attributes.Attempts ?? commandAttempts(attributes),
    ...(showText && { text }),
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
  const { messageId, problem, detailType, topicSequenceNumber, publishedAt, parkedAt, deadSince } = message;
  const facts = [
    problem === undefined ? printable(detailType ?? '') : `message ${messageId}, no event: ${problem}`,
    topicSequenceNumber !== undefined && `number ${topicSequenceNumber.toString()}`,
    publishedAt !== undefined && `published ${publishedAt}`,
    parkedAt !== undefined && `parked ${parkedAt}`,
    deadSince !== undefined && `dead since ${deadSince}`,
    `received ${counted(message.receiveCount, 'time')}`,
    message.attempts !== undefined && `attempts: ${printable(message.attempts)}`,
    `reason: ${printable(message.reason ?? 'none given')}`,
  ];
  const text = message.text === undefined ? '' : `\n  text: ${printable(message.text)}`;
  return facts.filter((fact) => fact !== false).join(', ') + text;
}

function summarise(shown: number, state: QueueState | undefined): string {
  if (!state) return `${counted(shown, 'message')} shown. How many there are, SQS did not say.`;
  const inFlight =
    state.inFlight > 0 ? `, and about ${state.inFlight.toString()} that somebody has received and may put back` : '';
  return `${counted(shown, 'message')} shown, of about ${state.visible.toString()} that could be${inFlight}.`;
}
