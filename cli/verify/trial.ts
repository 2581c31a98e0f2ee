import { setTimeout as delay } from 'node:timers/promises';
import { askMomento, type MomentoAccount } from './momento-account';
import { type HttpAnswer } from '../http-exchange';
import { postWebhook } from '../post-webhook';
import { sign } from '../signature';
import { stopIfInterrupted } from '../interruption';
import type { TopicMessage } from '../topic-message';
import type { WebhookAnswer } from '../webhook-answer';
import type { Clients } from './clients';
import type { Deployment } from './deployment';
import { type EchoRequest, readEchoLine } from './echo';
import type { RunResource } from './run-bucket';
import type { StackVariant } from './verify-stack';

/** An event as a rule hands it to a queue. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A message of a queue, with its attributes. */
export interface TakenMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** How to wait for something. */
export interface Patience {
  readonly timeoutMs: number;
  /** From one look to the next, on AWS: for what costs something each time. Default: a second. */
  readonly pauseMs?: number;
}

/** Services answer within milliseconds, and hand on within seconds. */
const PAUSE_MS = 1_000;
const LOCAL_PAUSE_MS = 20;
/** What takes longer than this has not worked. An event is on its way for less than a second, a log line for some. */
export const ARRIVAL: Patience = { timeoutMs: 60_000 };
/** How long to look for what must not come. */
const ABSENCE: Patience = { timeoutMs: 15_000 };
const LOCAL_ABSENCE: Patience = { timeoutMs: 500 };

type MomentoRequest = Parameters<typeof askMomento> extends [MomentoAccount, ...infer Rest] ? Rest : never;

/** As many as PutEvents takes. */
const ENTRIES_A_CALL = 10;

/** What the checks of a run have: the deployed stack, and what came of it. */
export interface TrialSettings {
  readonly clients: Clients;
  readonly isLocal: boolean;
  readonly signingSecret: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly deployment: Pick<Deployment, 'deploy' | 'resources' | 'allResources'>;
  /** Momento itself, where the run may use it. */
  readonly momento?: MomentoAccount;
}

/** What the checks of a run work with. */
export class Trial {
  public readonly clients: Clients;
  public readonly isLocal: boolean;

  private variant: StackVariant = {};
  private readonly taken = new Map<string, TakenMessage[]>();
  private count = 0;

  public constructor(private readonly settings: TrialSettings) {
    this.clients = settings.clients;
    this.isLocal = settings.isLocal;
  }

  /** An output of the stack. */
  public output(name: string): string {
    const value = this.settings.outputs.get(name);
    if (value === undefined) throw new Error(`The stack has no output ${name}`);
    return value;
  }

  /**
   * Changes how the stack differs from what it was at first.
   *
   * @throws StackFailure if it cannot be: CloudFormation has then rolled it back
   */
  public async deploy(change: StackVariant): Promise<void> {
    const variant = { ...this.variant, ...change };
    await this.settings.deployment.deploy(variant);
    this.variant = variant;
  }

  /** The resources of the stack. */
  public async resources(): Promise<RunResource[]> {
    return this.settings.deployment.resources();
  }

  /** The resources that the stack has or had. */
  public async allResources(): Promise<RunResource[]> {
    return this.settings.deployment.allResources();
  }

  /** A name that nothing else of this run has, and that no other one begins with. */
  public nextName(): string {
    this.count += 1;
    return `verify-${this.count.toString().padStart(4, '0')}`;
  }

  /** A message of a topic that no other message has. */
  public message(changes: Partial<TopicMessage> = {}): TopicMessage {
    const now = Date.now();
    return {
      cache: 'verify',
      topic: this.nextName(),
      event_timestamp: now,
      publish_timestamp: now,
      topic_sequence_number: 1,
      token_id: '',
      text: 'hello',
      ...changes,
    };
  }

  /** Posts a message as Momento does, signed with the signing secret or another. */
  public async post(message: TopicMessage, secret = this.settings.signingSecret): Promise<WebhookAnswer> {
    return this.postTo('Url', message, secret);
  }

  /** Posts a message to the URL that is an output of the stack. */
  public async postTo(
    output: string,
    message: TopicMessage,
    secret = this.settings.signingSecret,
  ): Promise<WebhookAnswer> {
    const body = Buffer.from(JSON.stringify(message));
    return postWebhook(this.output(output), body, sign('HMAC_SHA3_256', secret, body));
  }

  /** The cache of Momento's that the run may use; nothing where it has none. */
  public get momentoCache(): string | undefined {
    return this.settings.momento?.cache;
  }

  /** Sends a request to Momento itself, from here. */
  public async askMomento(...[method, path, options]: MomentoRequest): Promise<HttpAnswer> {
    const { momento } = this.settings;
    if (!momento) throw new Error('The run has no key for Momento');
    return askMomento(momento, method, path, options);
  }

  /** Waits for the event of a topic to be on the bus. Nothing if it does not come. */
  public async eventOf(topic: string, patience: Patience = ARRIVAL): Promise<BusEvent | undefined> {
    return this.eventThat((event) => event.detail.topic === topic, patience);
  }

  /** Waits long enough to say that an event, other than one that is known, is not on the bus. Returns it if it is. */
  public async noOtherEventOf(topic: string, known?: BusEvent): Promise<BusEvent | undefined> {
    return this.eventThat(({ id, detail }) => detail.topic === topic && id !== known?.id, this.absence);
  }

  /** Waits for an event that fits to be on the bus. Nothing if it does not come. */
  public async eventThat(
    fits: (event: BusEvent) => boolean,
    patience: Patience = ARRIVAL,
  ): Promise<BusEvent | undefined> {
    const found = await this.messageIn(this.output('SeenUrl'), ({ body }) => fits(parse(body)), patience);
    return found && parse(found.body);
  }

  /** The events that fit, of those that somebody has waited for, or that came before them. */
  public eventsSoFar(fits: (event: BusEvent) => boolean): BusEvent[] {
    return (this.taken.get(this.output('SeenUrl')) ?? []).map(({ body }) => parse(body)).filter(fits);
  }

  private get absence(): Patience {
    return this.isLocal ? LOCAL_ABSENCE : ABSENCE;
  }

  /** Waits for a message of a queue. It is taken out of the queue. */
  public async messageIn(
    url: string,
    isWanted: (message: TakenMessage) => boolean,
    patience: Patience = ARRIVAL,
  ): Promise<TakenMessage | undefined> {
    const taken = this.taken.get(url) ?? [];
    this.taken.set(url, taken);
    return this.until(async () => {
      const found = taken.find(isWanted);
      if (found) return found;
      taken.push(...(await this.take(url)));
      return taken.find(isWanted);
    }, patience);
  }

  private async take(QueueUrl: string): Promise<TakenMessage[]> {
    const { DeleteMessageCommand, ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      // Short polling asks some of a queue's servers only. The local AWS has one.
      WaitTimeSeconds: this.isLocal ? 0 : 1,
    });
    const { Messages = [] } = await this.clients.sqs.send(command);
    for (const { ReceiptHandle } of Messages) {
      await this.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
      body: Body,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      ),
    }));
  }

  /** Puts a command on the bus of the stack. */
  public async putCommand(source: string, detailType: string, detail: object): Promise<void> {
    await this.putCommands(source, detailType, [detail]);
  }

  /** Puts commands on the bus of the stack, as many at once as a call takes. */
  public async putCommands(source: string, detailType: string, details: readonly object[]): Promise<void> {
    const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    const EventBusName = this.output('BusName');
    const entries = details.map((detail) => {
      return { Source: source, DetailType: detailType, Detail: JSON.stringify(detail), EventBusName };
    });
    for (let first = 0; first < entries.length; first += ENTRIES_A_CALL) {
      const Entries = entries.slice(first, first + ENTRIES_A_CALL);
      await this.clients.events.send(new PutEventsCommand({ Entries }));
    }
  }

  /** Waits for requests that the echo got: so many that fit, or fewer if no more come. */
  public async echoed(
    fits: (request: EchoRequest) => boolean,
    { count = 1, ...patience }: Partial<Patience> & { readonly count?: number } = {},
  ): Promise<EchoRequest[]> {
    let requests: EchoRequest[] = [];
    await this.until(
      async () => {
        const lines = await this.logLines(this.output('EchoLogName'));
        requests = lines
          .map(readEchoLine)
          .filter((request) => request !== undefined)
          .filter(fits);
        return requests.length >= count ? true : undefined;
      },
      { ...ARRIVAL, ...patience },
    );
    return requests;
  }

  /** The lines of a log, oldest first. */
  public async logLines(logGroupName: string): Promise<string[]> {
    const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
    const lines: string[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client: this.clients.logs }, { logGroupName })) {
      lines.push(...events.map(({ message = '' }) => message.trim()));
    }
    return lines;
  }

  /** Waits long enough to say that the echo gets no request that fits. Returns those that it gets. */
  public async notEchoed(fits: (request: EchoRequest) => boolean): Promise<EchoRequest[]> {
    return this.echoed(fits, this.absence);
  }

  /** Asks until there is an answer other than `undefined`, which is returned when the time is over. */
  public async until<T>(
    ask: () => Promise<T | undefined>,
    { timeoutMs, pauseMs = PAUSE_MS }: Patience,
  ): Promise<T | undefined> {
    for (const deadline = Date.now() + timeoutMs; ;) {
      stopIfInterrupted();
      const answer = await ask();
      if (answer !== undefined || Date.now() > deadline) return answer;
      await delay(this.isLocal ? LOCAL_PAUSE_MS : pauseMs);
    }
  }
}

function parse(body: string): BusEvent {
  return JSON.parse(body) as BusEvent;
}
