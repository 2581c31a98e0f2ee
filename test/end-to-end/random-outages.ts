import { createHash } from 'node:crypto';
import type { Call, Fault } from '../local';
import type { SeededChance } from './seeded-chance';
import { sign, type TopicMessage } from './webhook-sender';

type Weighted = readonly (readonly [number, Fault])[];

/** What can befall the calls of one operation for one message, how likely, and how many calls in a row at most. */
interface Outage {
  readonly faults: Weighted;
  readonly inARow: number;
}

// Each operation's weights leave a rest: the calls that nothing befalls. What takes a second of waiting is rare, so that
// thousands of messages take minutes.
const BRIEF: Weighted = [
  [0.02, { kind: 'error' }],
  [0.02, { kind: 'reset' }],
  [0.02, { kind: 'lost-answer' }],
  [0.005, { kind: 'hang' }],
  [0.02, { kind: 'kill-before' }],
  [0.02, { kind: 'kill-after' }],
];
const OUTAGES: Readonly<Record<string, Outage>> = {
  // The webhook's handler asks the bus six times at most; the rest meets the redrive handler.
  PutEvents: {
    faults: [
      [0.08, { kind: 'throttle' }],
      [0.08, { kind: 'error' }],
      [0.06, { kind: 'reset' }],
      [0.08, { kind: 'failed-entry', code: 'InternalFailure' }],
      [0.04, { kind: 'failed-entry', code: 'AccessDeniedException' }],
      [0.05, { kind: 'lost-answer' }],
      [0.01, { kind: 'hang' }],
      [0.01, { kind: 'late-answer', milliseconds: 1200 }],
      [0.04, { kind: 'kill-before' }],
      [0.05, { kind: 'kill-after' }],
    ],
    inARow: 8,
  },
  SendMessage: {
    faults: [
      [0.1, { kind: 'error' }],
      [0.1, { kind: 'reset' }],
      [0.1, { kind: 'lost-answer' }],
      [0.01, { kind: 'hang' }],
      [0.05, { kind: 'kill-before' }],
      [0.1, { kind: 'kill-after' }],
    ],
    inARow: 8,
  },
  PutItem: { faults: BRIEF, inARow: 2 },
  UpdateItem: { faults: BRIEF, inARow: 2 },
  GetSecretValue: { faults: BRIEF, inARow: 1 },
  ChangeMessageVisibility: { faults: BRIEF, inARow: 1 },
};

/** What befell the calls that were made for one message, oldest first. */
export type History = readonly { readonly operation: string; readonly fault: Fault['kind'] | undefined }[];

/**
 * Chooses the faults of calls at random, by the message that a call is for and how many were made for it before: repeatable,
 * though many messages are under way at once. (A call for several messages counts as one for the first.)
 */
export class RandomOutages {
  private readonly histories = new Map<string, { operation: string; fault: Fault['kind'] | undefined }[]>();
  private readonly messagesByClaim = new Map<string, string>();

  public constructor(private readonly chance: SeededChance) {}

  /** Says that this body is about to be sent, so that the claim on it is known by its id. */
  public expect(body: string, secret: string): void {
    const id = createHash('sha256').update(sign(secret, body)).digest('hex');
    this.messagesByClaim.set(id, nameOf(body));
  }

  /** What befalls a call. */
  public choose({ operation = '', input }: Omit<Call, 'fault'>): Fault | undefined {
    const messages = this.messagesOf(input);
    const [first = 'none'] = messages;
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
    const outage = OUTAGES[operation];
    if (!outage) return undefined;
    // Calls that are for no message, such as reading the secret, are each by themselves.
    const question = message === 'none' ? [operation, message, earlier] : [operation, message];
    const fault = this.chance.oneOf(outage.faults, ...question, 'kind');
    if (message === 'none') return fault;
    return earlier < this.chance.upTo(outage.inARow, ...question, 'times') ? fault : undefined;
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
    if (claim !== undefined) return [this.messagesByClaim.get(claim) ?? 'none'];
    return (Entries ?? []).flatMap(({ Detail }) => (Detail === undefined ? [] : [nameOf(Detail)]));
  }
}

/** Not the body, which has the time of the run in it. */
function nameOf(body: string): string {
  return (JSON.parse(body) as TopicMessage).topic_sequence_number.toString();
}
