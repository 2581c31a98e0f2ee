import type { BatchResultErrorEntry, Message, SQSClient } from '@aws-sdk/client-sqs';
import { callAws } from './aws-call';
import { clientSettings, regionOfQueue } from './aws-client';
import { Failure, UsageError } from './failure';
import { printable } from './printable';

const SERVICE = 'SQS';
/** What SQS gives and takes in one call. */
const MAX_BATCH = 10;
/** Long polling asks all of the servers that hold a queue, short polling only some, and then finds nothing at times. */
const WAIT_SECONDS = 1;

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
}

/** A queue in SQS. */
export class Queue {
  /** @param region where it is, if its URL does not say */
  public static async open(url: string, region: string | undefined): Promise<Queue> {
    if (!URL.canParse(url)) throw new UsageError('--queue-url is not a URL.');
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    const inRegion = region ?? regionOfQueue(url);
    // Otherwise the SDK takes the URL's host for the endpoint, whatever AWS_ENDPOINT_URL says.
    const client = new SQSClient({ ...clientSettings(inRegion), useQueueUrlAsEndpoint: false });
    return new Queue(client, url, inRegion);
  }

  private readonly held = new Map<string, ReceivedMessage>();
  private readonly seen = new Set<string>();

  private constructor(
    private readonly client: SQSClient,
    private readonly url: string,
    /** Its region, where that is known. */
    public readonly region: string | undefined,
  ) {}

  /** How full it is; nothing where that may not be asked. */
  public async state(): Promise<QueueState | undefined> {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'RedrivePolicy'],
    });
    const { Attributes: attributes = {} } = await this.client.send(command).catch(() => ({ Attributes: undefined }));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = attributes;
    if (visible === undefined) return undefined;
    const policy = /"maxReceiveCount"\s*:\s*"?(\d+)/.exec(attributes.RedrivePolicy ?? '')?.[1];
    return {
      visible: Number(visible),
      inFlight: Number(inFlight ?? 0),
      ...(policy !== undefined && { maxReceiveCount: Number(policy) }),
    };
  }

  /**
   * Receives messages that were not received before, up to 10 at a time, until there seem to be no more.
   *
   * @param visibilityTimeout for how many seconds nobody else receives them, unless they are released before
   */
  public async *receive(options: {
    readonly limit: number;
    readonly visibilityTimeout: number;
    readonly until?: number;
  }): AsyncGenerator<ReceivedMessage[]> {
    const { limit, visibilityTimeout, until = Infinity } = options;
    let left = limit;
    while (left > 0 && Date.now() < until) {
      const messages = await this.receiveOnce(Math.min(MAX_BATCH, left), visibilityTimeout);
      for (const message of messages) this.held.set(message.id, message);
      const unseen = messages.filter(({ id }) => !this.seen.has(id));
      for (const { id } of unseen) this.seen.add(id);
      left -= unseen.length;
      if (unseen.length === 0) return;
      yield unseen;
    }
  }

  /** Deletes messages. Returns why, for each that could not be. */
  public async delete(messages: readonly ReceivedMessage[]): Promise<Map<string, string>> {
    if (messages.length === 0) return new Map();
    for (const { id } of messages) this.held.delete(id);
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = messages.map(({ receiptHandle }, index) => ({
      Id: index.toString(),
      ReceiptHandle: receiptHandle,
    }));
    try {
      const { Failed = [] } = await callAws(SERVICE, 'sqs:DeleteMessage', () =>
        this.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries })),
      );
      return new Map(Failed.map((failed) => [messages[Number(failed.Id)]?.id ?? '', explain(failed)]));
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
    const { Messages = [] } = await callAws(SERVICE, 'sqs:ReceiveMessage', async () => {
      try {
        return await this.client.send(command);
      } catch (error) {
        if (!(error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name))) throw error;
        throw new Failure(`There is no queue ${printable(this.url)} that these AWS credentials can see.`);
      }
    });
    return Messages.map(received);
  }
}

function received({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): ReceivedMessage {
  const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return {
    id: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    sentAt: Number(Attributes?.SentTimestamp),
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    attributes: Object.fromEntries(attributes),
  };
}

function explain({ Code = 'an error', Message }: BatchResultErrorEntry): string {
  return `SQS answered ${Code}${Message === undefined ? '' : ` (${printable(Message)})`}`;
}
