import type { BatchResultErrorEntry, Message, SQSClient } from '@aws-sdk/client-sqs';
import { callAws } from './aws-call';
import { clientSettings, environmentRegion, regionOfQueue } from './aws-client';
import { Failure, UsageError } from './failure';
import { stopIfInterrupted } from './interruption';
import { httpUrl } from './http-url';
import { printable } from './printable';

const SERVICE = 'SQS';
/** What SQS gives and takes in one call. */
const MAX_BATCH = 10;
/** Long polling asks all of the servers that hold a queue, short polling only some, and then finds nothing at times. */
const WAIT_SECONDS = 1;
/** Longer than deleting takes. */
const TAKE_VISIBILITY_TIMEOUT = 30;

/** A message that was received and is invisible to others for a while. */
export interface ReceivedMessage {
  readonly id: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** When it was put in the queue, in milliseconds since the Unix epoch. */
  readonly sentAt: number;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
  /** Its message attributes that are text or numbers. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How full a queue is, about. */
export interface QueueState {
  readonly visible: number;
  /** Received by somebody, and not deleted yet. */
  readonly inFlight: number;
  /** How often a message is received before the queue moves it to its dead-letter queue, if it does. */
  readonly maxReceiveCount?: number;
  /** When this was so, by the clock that gives messages their time, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What to receive, and until when. */
export interface ReceiveOptions {
  /** At most so many of the wanted messages. */
  readonly limit: number;
  /** For how many seconds nobody else receives them, unless they are released before. */
  readonly visibilityTimeout: number;
  /** Which messages are yielded; the others are only kept from coming up again. Default: all. */
  readonly isWanted?: (message: ReceivedMessage) => boolean;
  /** How many receives in a row may yield nothing before it ends. Default: one ends it. */
  readonly patience?: () => number;
  /** No receive begins later, in milliseconds since the Unix epoch. Default: never. */
  readonly until?: number;
}

/** A queue in SQS. */
export class Queue {
  /**
   * @param region where it is, if its URL does not say
   * @throws UsageError if nothing says so, or the two disagree
   */
  public static async open(text: string, region: string | undefined): Promise<Queue> {
    const url = httpUrl(text);
    if (!url) throw new UsageError('--queue-url must be an HTTP URL.');
    const inRegion = regionFor(url, region);
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    const endpoint = process.env.AWS_ENDPOINT_URL_SQS ?? process.env.AWS_ENDPOINT_URL;
    const client = new SQSClient({
      ...(await clientSettings(inRegion)),
      // Otherwise the SDK takes the URL's host for the endpoint, whatever AWS_ENDPOINT_URL says.
      useQueueUrlAsEndpoint: false,
      // The way to them is part of what was asked for.
      ...(endpoint === undefined && /^(vpce-|sqs-fips\.)/.test(url.hostname) && { endpoint: url.origin }),
    });
    return new Queue(client, text, inRegion);
  }

  private readonly held = new Map<string, ReceivedMessage>();
  private readonly seen = new Set<string>();

  private constructor(
    private readonly client: SQSClient,
    private readonly url: string,
    /** Where it is. */
    public readonly region: string,
  ) {}

  /** How full it is. */
  public async state(): Promise<QueueState> {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'RedrivePolicy'],
    });
    let answered: string | undefined;
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        answered = (result.response as { headers?: Record<string, string> }).headers?.date;
        return result;
      },
      { step: 'deserialize' },
    );
    const { Attributes: attributes = {} } = await this.call('sqs:GetQueueAttributes', () => this.client.send(command));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = attributes;
    if (visible === undefined) throw new Failure('SQS did not say how many messages there are.');
    const policy = /"maxReceiveCount"\s*:\s*"?(\d+)/.exec(attributes.RedrivePolicy ?? '')?.[1];
    return {
      visible: Number(visible),
      inFlight: Number(inFlight ?? 0),
      ...(policy !== undefined && { maxReceiveCount: Number(policy) }),
      at: timeOf(answered),
    };
  }

  /** Receives messages that were not received before, up to 10 at a time. */
  public async *receive(options: ReceiveOptions): AsyncGenerator<ReceivedMessage[]> {
    const { limit, visibilityTimeout, isWanted = () => true, patience = () => 1, until = Infinity } = options;
    let left = limit;
    let fruitless = 0;
    while (left > 0 && Date.now() < until) {
      stopIfInterrupted();
      const messages = await this.receiveOnce(Math.min(MAX_BATCH, left), visibilityTimeout);
      for (const message of messages) this.held.set(message.id, message);
      const unseen = messages.filter(({ id }) => !this.seen.has(id));
      for (const { id } of unseen) this.seen.add(id);
      const wanted = unseen.filter(isWanted);
      left -= wanted.length;
      fruitless = wanted.length === 0 ? fruitless + 1 : 0;
      if (wanted.length > 0) yield wanted;
      else if (fruitless >= patience()) return;
    }
  }

  /** Receives up to 10 messages, waiting for a second at most, and deletes them. What that fails for comes up again. */
  public async take(): Promise<ReceivedMessage[]> {
    const messages = await this.receiveOnce(MAX_BATCH, TAKE_VISIBILITY_TIMEOUT);
    await this.delete(messages);
    return messages;
  }

  /** Deletes messages. Returns why, for each that SQS does not say it has deleted. */
  public async delete(messages: readonly ReceivedMessage[]): Promise<Map<string, string>> {
    if (messages.length === 0) return new Map();
    for (const { id } of messages) this.held.delete(id);
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = messages.map(({ receiptHandle }, index) => ({
      Id: index.toString(),
      ReceiptHandle: receiptHandle,
    }));
    try {
      const { Successful = [], Failed = [] } = await this.call('sqs:DeleteMessage', () =>
        this.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries })),
      );
      const deleted = new Set(Successful.map(({ Id }) => Id));
      const reasons = new Map(Failed.map((failed) => [failed.Id, explain(failed)]));
      return new Map(
        messages.flatMap(({ id }, index) => {
          const reason = reasons.get(index.toString());
          if (reason === undefined && deleted.has(index.toString())) return [];
          return [[id, reason ?? 'SQS did not confirm that it is deleted']];
        }),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return new Map(messages.map(({ id }) => [id, error.message]));
    }
  }

  /** Makes visible to others again what was received and not deleted. What that fails for comes back by itself. */
  public async release(): Promise<void> {
    const held = [...this.held.values()];
    this.held.clear();
    const { ChangeMessageVisibilityBatchCommand } = await import('@aws-sdk/client-sqs');
    for (let start = 0; start < held.length; start += MAX_BATCH) {
      const Entries = held.slice(start, start + MAX_BATCH).map(({ receiptHandle }, index) => ({
        Id: index.toString(),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: 0,
      }));
      await this.client
        .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries }))
        .catch(() => undefined);
    }
  }

  private async receiveOnce(count: number, visibilityTimeout: number): Promise<ReceivedMessage[]> {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: count,
      VisibilityTimeout: visibilityTimeout,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
    });
    const { Messages = [] } = await this.call('sqs:ReceiveMessage', () => this.client.send(command));
    return Messages.map(received);
  }

  private call<T>(action: string, call: () => Promise<T>): Promise<T> {
    return callAws(SERVICE, action, async () => {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name))) throw error;
        throw new Failure(`There is no queue ${printable(this.url)} that these AWS credentials can see.`);
      }
    });
  }
}

/**
 * The region of a queue, which is never guessed. A profile has one for other work: only what is set for this command counts, and
 * not against the URL.
 */
function regionFor(url: URL, option: string | undefined): string {
  const ofUrl = regionOfQueue(url);
  if (option !== undefined && ofUrl !== undefined && option !== ofUrl) {
    throw new UsageError(`--region is ${printable(option)}, but the queue is in ${ofUrl}.`);
  }
  const isOfAws = /\.(amazonaws(\.[a-z]+)+|api\.aws)$/.test(url.hostname);
  const region = ofUrl ?? option ?? (isOfAws ? undefined : environmentRegion());
  if (region === undefined) throw new UsageError('--region is missing: the URL of the queue does not name its region.');
  return region;
}

/** How far this machine's clock may be off before the service's own, which has whole seconds only, is the better one. */
const CLOCK_TOLERANCE_MS = 2_000;

function timeOf(date: string | undefined): number {
  const [here, there] = [Date.now(), Date.parse(date ?? '')];
  return Math.abs(here - there) > CLOCK_TOLERANCE_MS ? there : here;
}

function received({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): ReceivedMessage {
  if (!MessageId || !ReceiptHandle || Body === undefined) throw new Failure('SQS answered with an incomplete message.');
  const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return {
    id: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    sentAt: Number(Attributes?.SentTimestamp),
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    attributes: Object.fromEntries(attributes),
  };
}

function explain({ Code = 'an error', Message }: BatchResultErrorEntry): string {
  return `SQS answered ${printable(Code)}${Message === undefined ? '' : ` (${printable(Message)})`}`;
}
