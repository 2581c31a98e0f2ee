import { createHash } from 'node:crypto';
import type { Call, Fault } from '../../tools';
import type { SeededRandom } from './seeded-random';
import { sign } from '../../tools/common/webhook-sender';

/** Something that can happen to the calls of an operation for one message. */
interface Outage {
  readonly fault: Fault;
  /** The part of all messages that it hits. */
  readonly likelihood: number;
  /** How many calls for the message it hits at most, one after another. */
  readonly inARow: number;
}

/** What no service answers to a call that it has carried out, though its status is 200. */
const STRAY: readonly Fault[] = [
  { kind: 'stray-answer', body: '' },
  { kind: 'stray-answer', body: '{}' },
  // Of another message, and of an event without an id.
  {
    kind: 'stray-answer',
    body: '{"MessageId":"1","MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e","FailedEntryCount":0,"Entries":[{}]}',
  },
  { kind: 'stray-answer', body: '<html>Sign in</html>' },
];
const stray = (likelihood: number, inARow: number): Outage[] =>
  STRAY.map((fault) => ({ fault, likelihood: likelihood / STRAY.length, inARow }));

// What takes a second of waiting is rare, so that thousands of messages take minutes.
const BRIEF: readonly Outage[] = [
  { fault: { kind: 'error' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'reset' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'lost-answer' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'hang' }, likelihood: 0.005, inARow: 1 },
  { fault: { kind: 'throttle' }, likelihood: 0.01, inARow: 2 },
  { fault: { kind: 'late-answer', milliseconds: 1000 }, likelihood: 0.005, inARow: 1 },
  { fault: { kind: 'slow-answer', milliseconds: 200 }, likelihood: 0.005, inARow: 1 },
  { fault: { kind: 'endless-answer' }, likelihood: 0.005, inARow: 1 },
  ...stray(0.02, 2),
  { fault: { kind: 'kill-before' }, likelihood: 0.02, inARow: 1 },
  { fault: { kind: 'kill-after' }, likelihood: 0.02, inARow: 1 },
];
const OUTAGES: Readonly<Record<string, readonly Outage[]>> = {
  // The webhook's handler asks six times at most, three times where nothing answers, and once where it is refused. What
  // is left of an outage then meets the redrive handler, which waits twice as long each time: two or so are enough.
  PutEvents: [
    { fault: { kind: 'throttle' }, likelihood: 0.08, inARow: 8 },
    { fault: { kind: 'error' }, likelihood: 0.08, inARow: 8 },
    { fault: { kind: 'reset' }, likelihood: 0.06, inARow: 8 },
    { fault: { kind: 'failed-entry', code: 'InternalFailure' }, likelihood: 0.08, inARow: 8 },
    { fault: { kind: 'failed-entry', code: 'AccessDeniedException' }, likelihood: 0.04, inARow: 3 },
    // At the second one it is a dead letter.
    { fault: { kind: 'failed-entry', code: 'MalformedDetail' }, likelihood: 0.03, inARow: 3 },
    ...stray(0.06, 8),
    { fault: { kind: 'endless-answer' }, likelihood: 0.005, inARow: 5 },
    { fault: { kind: 'slow-answer', milliseconds: 200 }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'lost-answer' }, likelihood: 0.05, inARow: 8 },
    { fault: { kind: 'hang' }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'late-answer', milliseconds: 1200 }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'kill-before' }, likelihood: 0.04, inARow: 3 },
    { fault: { kind: 'kill-after' }, likelihood: 0.05, inARow: 3 },
  ],
  SendMessage: [
    { fault: { kind: 'error' }, likelihood: 0.1, inARow: 8 },
    { fault: { kind: 'reset' }, likelihood: 0.1, inARow: 8 },
    { fault: { kind: 'lost-answer' }, likelihood: 0.1, inARow: 8 },
    ...stray(0.1, 8),
    { fault: { kind: 'endless-answer' }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'slow-answer', milliseconds: 200 }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'hang' }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'kill-before' }, likelihood: 0.05, inARow: 1 },
    { fault: { kind: 'kill-after' }, likelihood: 0.1, inARow: 1 },
  ],
  PutItem: BRIEF,
  UpdateItem: BRIEF,
  GetSecretValue: BRIEF,
  ChangeMessageVisibility: BRIEF,
  // The operator's command line.
  DeleteMessageBatch: BRIEF,
  ReceiveMessage: BRIEF,
};

/** What is called a message where there is none. */
const NO_MESSAGE = 'none';

/** The calls that were made for one message, oldest first. */
export type History = readonly Call[];

/**
 * Chooses the faults of calls at random, by the message that a call is for and how many were made for it before: repeatable,
 * though many messages are under way at once. (A call for several messages counts as one for the first.)
 */
export class RandomOutages {
  private readonly histories = new Map<string, Call[]>();
  private readonly messagesByClaim = new Map<string, string>();

  public constructor(private readonly random: SeededRandom) {}

  /** Says that this body is about to be sent, so that the claim on it is known by its id. */
  public expect(body: string, secret: string): void {
    const id = createHash('sha256').update(sign(secret, body)).digest('hex');
    this.messagesByClaim.set(id, nameOf(body));
  }

  /** What happens to a call. */
  public choose(call: Call): Fault | undefined {
    const { operation = '', input } = call;
    const messages = messagesOf(input, this.messagesByClaim);
    const [first = NO_MESSAGE] = messages;
    const earlier = this.historyOf(first).filter((other) => other.operation === operation).length;
    for (const message of messages.length > 0 ? messages : [first]) {
      const history = this.histories.get(message) ?? [];
      history.push(call);
      this.histories.set(message, history);
    }
    return this.faultOf(operation, first, earlier);
  }

  /** What happened to the calls for the message with this body. */
  public of(body: string): History {
    return this.historyOf(nameOf(body));
  }

  private historyOf(message: string): History {
    return this.histories.get(message) ?? [];
  }

  private faultOf(operation: string, message: string, earlier: number): Fault | undefined {
    // Calls that are for no message, such as reading the secret, are each by themselves.
    const question = message === NO_MESSAGE ? [operation, message, earlier] : [operation, message];
    let drawn = this.random.of(...question, 'which');
    const outage = OUTAGES[operation]?.find(({ likelihood }) => (drawn -= likelihood) < 0);
    if (!outage) return undefined;
    const isOver = message !== NO_MESSAGE && earlier >= this.random.upTo(outage.inARow, ...question, 'how long');
    return isOver ? undefined : outage.fault;
  }
}

/** The messages that a call is for, by what identifies them in what was asked for. */
function messagesOf(input: unknown, messagesByClaim: ReadonlyMap<string, string>): string[] {
  const { Entries, MessageBody, Item, Key } = input as {
    Entries?: { Detail?: string }[];
    MessageBody?: string;
    Item?: { id: { S: string } };
    Key?: { id: { S: string } };
  };
  if (MessageBody !== undefined) return [nameOf(detailOf(MessageBody))];
  const claim = (Item ?? Key)?.id.S;
  if (claim !== undefined) return [messagesByClaim.get(claim) ?? NO_MESSAGE];
  return (Entries ?? []).flatMap(({ Detail }) => (Detail === undefined ? [] : [nameOf(Detail)]));
}

/** The detail of a parked event; of what is not one, the text itself. */
export function detailOf(parked: string): string {
  const event = parked.startsWith('{') ? (JSON.parse(parked) as { detail?: unknown }) : {};
  return typeof event.detail === 'string' ? event.detail : parked;
}

/** Not the body, which has the time of the run in it. */
function nameOf(body: string): string {
  return /"topic_sequence_number":(\d+)/.exec(body)?.[1] ?? NO_MESSAGE;
}
