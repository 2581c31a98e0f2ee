import { createHash } from 'node:crypto';
import type { Call, Fault } from '../../tools';
import type { SeededRandom } from './seeded-random';
import type { TopicMessage } from '../../cli/topic-message';
import { sign } from '../../tools/common/webhook-sender';

/** Something that can befall the calls of an operation for one message. */
interface Outage {
  readonly fault: Fault;
  /** The part of all messages that it befalls. */
  readonly likelihood: number;
  /** How many calls for the message it befalls at most, one after another. */
  readonly inARow: number;
}

// What takes a second of waiting is rare, so that thousands of messages take minutes.
const BRIEF: readonly Outage[] = [
  { fault: { kind: 'error' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'reset' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'lost-answer' }, likelihood: 0.02, inARow: 2 },
  { fault: { kind: 'hang' }, likelihood: 0.005, inARow: 1 },
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
    { fault: { kind: 'hang' }, likelihood: 0.01, inARow: 5 },
    { fault: { kind: 'kill-before' }, likelihood: 0.05, inARow: 1 },
    { fault: { kind: 'kill-after' }, likelihood: 0.1, inARow: 1 },
  ],
  PutItem: BRIEF,
  UpdateItem: BRIEF,
  GetSecretValue: BRIEF,
  ChangeMessageVisibility: BRIEF,
};

/** What is called a message where there is none. */
const NO_MESSAGE = 'none';

/** What befell the calls that were made for one message, oldest first. */
export type History = readonly { readonly operation: string; readonly fault: Fault['kind'] | undefined }[];

/**
 * Chooses the faults of calls at random, by the message that a call is for and how many were made for it before: repeatable,
 * though many messages are under way at once. (A call for several messages counts as one for the first.)
 */
export class RandomOutages {
  private readonly histories = new Map<string, { operation: string; fault: Fault['kind'] | undefined }[]>();
  private readonly messagesByClaim = new Map<string, string>();

  public constructor(private readonly random: SeededRandom) {}

  /** Says that this body is about to be sent, so that the claim on it is known by its id. */
  public expect(body: string, secret: string): void {
    const id = createHash('sha256').update(sign(secret, body)).digest('hex');
    this.messagesByClaim.set(id, nameOf(body));
  }

  /** What befalls a call. */
  public choose({ operation = '', input }: Omit<Call, 'fault'>): Fault | undefined {
    const messages = this.messagesOf(input);
    const [first = NO_MESSAGE] = messages;
    const earlier = this.historyOf(first).filter((call) => call.operation === operation).length;
    const fault = this.faultOf(operation, first, earlier);
    for (const message of messages.length > 0 ? messages : [first]) {
      const history = this.histories.get(message) ?? [];
      history.push({ operation, fault: fault?.kind });
      this.histories.set(message, history);
    }
    return fault;
  }

  /** What befell the calls for the message with this body. */
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

  /** The messages that a call is for, by what identifies them in what was asked for. */
  private messagesOf(input: unknown): string[] {
    const { Entries, MessageBody, Item, Key } = input as {
      Entries?: { Detail?: string }[];
      MessageBody?: string;
      Item?: { id: { S: string } };
      Key?: { id: { S: string } };
    };
    if (MessageBody !== undefined) return [nameOf((JSON.parse(MessageBody) as { detail: string }).detail)];
    const claim = (Item ?? Key)?.id.S;
    if (claim !== undefined) return [this.messagesByClaim.get(claim) ?? NO_MESSAGE];
    return (Entries ?? []).flatMap(({ Detail }) => (Detail === undefined ? [] : [nameOf(Detail)]));
  }
}

/** Not the body, which has the time of the run in it. */
function nameOf(body: string): string {
  return (JSON.parse(body) as TopicMessage).topic_sequence_number.toString();
}
