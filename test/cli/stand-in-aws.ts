import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A message in the queue. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Received by somebody, and neither deleted nor released. */
  hidden: boolean;
}

/** An entry of PutEvents. */
export interface PutEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Resources?: readonly string[];
}

/** A call that arrived. */
export interface Call {
  readonly operation: string;
  /** The region that it was signed for. */
  readonly region: string | undefined;
  readonly input: Record<string, unknown>;
}

/** What a call is answered instead of what it would be: a result, an error, nothing, ever, or something without an end. */
export type Answer = { readonly result: unknown } | { readonly error: string } | 'silence' | 'endless';

/** Decides what a call is answered; `undefined` for what it would be. */
export type Answerer = (call: Call) => Answer | undefined;

/**
 * Stands in for the SQS and the EventBridge that the command line calls: one queue, and as many buses as are asked for. Answers and
 * fails exactly as a test says.
 */
export class StandInAws {
  public static async start(): Promise<StandInAws> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StandInAws(server);
  }

  public readonly calls: Call[] = [];
  /** Everything that was put on a bus. */
  public readonly onTheBus: PutEntry[] = [];
  public queue: QueuedMessage[] = [];
  /** How many messages SQS says there are; default: as many as there are. */
  public stated: number | undefined;
  public answer: Answerer = () => undefined;
  /** Happens once the events of a call are on the bus, before it is answered. */
  public afterPut: (entries: readonly PutEntry[]) => void = () => undefined;
  private sent = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
        const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
        const input = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        const call = { operation, region, input };
        this.calls.push(call);
        const answer = this.answer(call) ?? { result: this.serve(call) };
        if (answer === 'silence') return;
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        if (answer === 'endless') void pipeline(Readable.from(endlessText()), response).catch(() => undefined);
        else if ('error' in answer)
          response.writeHead(400).end(JSON.stringify({ __type: answer.error, message: 'scripted' }));
        else response.end(JSON.stringify(answer.result));
      });
    });
  }

  public get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
  }

  /** The URL of the queue, which names its region. */
  public readonly queueUrl = 'https://sqs.eu-west-1.amazonaws.com/000000000000/queue';

  public send(body: unknown, attributes: Readonly<Record<string, string>> = {}, sentAt = Date.now()): void {
    this.sent += 1;
    const id = `message-${this.sent.toString()}`;
    this.queue.push({
      id,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      sentAt,
      attributes,
      hidden: false,
    });
  }

  /** How often an operation was called. */
  public count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private serve({ operation, input }: Call): unknown {
    switch (operation) {
      case 'GetQueueAttributes': {
        const visible = this.stated ?? this.queue.filter(({ hidden }) => !hidden).length;
        return { Attributes: { ApproximateNumberOfMessages: visible.toString() } };
      }
      case 'ReceiveMessage': {
        const most = input.MaxNumberOfMessages as number;
        const messages = this.queue.filter(({ hidden }) => !hidden).slice(0, most);
        for (const message of messages) message.hidden = true;
        return { Messages: messages.map(wire) };
      }
      case 'DeleteMessageBatch': {
        const entries = input.Entries as { Id: string; ReceiptHandle: string }[];
        this.queue = this.queue.filter(({ id }) => !entries.some(({ ReceiptHandle }) => ReceiptHandle === id));
        return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
      }
      case 'ChangeMessageVisibilityBatch': {
        const entries = input.Entries as { Id: string; ReceiptHandle: string }[];
        for (const message of this.queue) {
          if (entries.some(({ ReceiptHandle }) => ReceiptHandle === message.id)) message.hidden = false;
        }
        return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
      }
      case 'DescribeEventBus': {
        const name = String(input.Name);
        const Arn = name.startsWith('arn:') ? name : `arn:aws:events:eu-west-1:000000000000:event-bus/${name}`;
        return { Name: name, Arn };
      }
      case 'PutEvents': {
        const entries = input.Entries as PutEntry[];
        this.onTheBus.push(...entries);
        this.afterPut(entries);
        return { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: `event-${index.toString()}` })) };
      }
      default:
        throw new Error(`Nobody calls ${operation}`);
    }
  }
}

function wire({ id, body, sentAt, attributes }: QueuedMessage): unknown {
  return {
    MessageId: id,
    ReceiptHandle: id,
    Body: body,
    MD5OfBody: createHash('md5').update(body).digest('hex'),
    Attributes: { SentTimestamp: sentAt.toString(), ApproximateReceiveCount: '1' },
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  };
}

function* endlessText(): Generator<string, never> {
  yield '{"';
  for (;;) yield 'x'.repeat(64 * 1024);
}
