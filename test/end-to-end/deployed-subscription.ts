import { GetFunctionConfigurationCommand, InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { setTimeout as delay } from 'node:timers/promises';
import type { MomentoTopicToEventBridgeProps } from 'cdk-momento-eventbridge';
import { type Call, LocalAws, LocalMomento, type StackOutputs } from '../../tools';
import { TcpLink } from '../../tools/common/tcp-link';
import { until } from '../../tools/common/until';
import { readStack } from '../../tools/local-aws/cloud-assembly';
import { synthesizeSubscription } from './stacks';

/** A message on the bus, as the rule carried it to a queue. */
export interface CarriedEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** When it was in the queue, in milliseconds since the Unix epoch. */
  readonly arrivedAt: number;
}

/** What to deploy. */
export interface Subscription extends Omit<MomentoTopicToEventBridgeProps, 'apiKey' | 'endpoint'> {
  /** Of the subscribe handler, besides the construct's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the handler reaches Momento over a link that can forget connections. */
  readonly overLink?: boolean;
}

/** What the handler asks of its table. */
interface CheckpointUpdate {
  readonly Key?: { readonly id?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly N?: string }>>;
}

const CACHE = 'chat';

/**
 * `MomentoTopicToEventBridge` on a local AWS, with IAM enforced and a proxy that can make the calls of its functions fail,
 * subscribed to topics of the cache `chat` of a local Momento. Messages and gaps are carried from the bus to a queue.
 */
export class DeployedSubscription {
  /** Deploys it, with a key that is valid. It runs when it is invoked, or after a minute. */
  public static async deploy({ overLink = false, ...subscription }: Subscription): Promise<DeployedSubscription> {
    const momento = await LocalMomento.start({ caches: [CACHE] });
    const aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    const link = overLink ? await TcpLink.start(momento.endpoint) : undefined;
    try {
      const assembly = synthesizeSubscription((link ?? momento).endpoint, subscription);
      const outputs = await aws.deploy(assembly);
      const deployed = new DeployedSubscription(aws, momento, link, outputs, scheduleInput(assembly, aws));
      await deployed.useNewKey();
      return deployed;
    } catch (error) {
      link?.stop();
      await Promise.all([aws.stop(), momento.stop()]);
      throw error;
    }
  }

  private key: string | undefined;
  private keysMade = 0;
  private invoking: { readonly stop: AbortController; readonly stopped: Promise<void> } | undefined;

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
    /** How the handler reaches Momento, if not directly. */
    public readonly link: TcpLink | undefined,
    public readonly outputs: StackOutputs,
    private readonly input: string,
  ) {}

  /** Gives the handler a new key, and revokes the one before. */
  public async useNewKey(): Promise<void> {
    const old = this.key;
    this.keysMade += 1;
    this.key = `subscriber-${this.keysMade.toString()}`;
    await this.momento.addApiKey(this.key);
    const SecretId = this.outputs.get('ApiKeyArn');
    await this.aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: this.key }));
    if (old !== undefined) await this.momento.revokeApiKey(old);
  }

  /** Has Momento post the messages of a topic to the webhook, too. */
  public async addWebhook(topic: string): Promise<void> {
    const signingSecret = 'p3VbHd7cKs9AWm4z';
    const SecretId = this.outputs.get('WebhookSigningSecretArn');
    await this.aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: signingSecret }));
    const url = this.aws.functionUrl(this.outputs.get('WebhookUrl'));
    await this.momento.addWebhook({ cache: CACHE, topic, url, signingSecret });
  }

  /** Invokes the handler as the schedule does. */
  public async invokeOnce(): Promise<void> {
    const FunctionName = await this.subscribeFunction();
    const Payload = Buffer.from(this.input);
    await this.aws.clients.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }

  /** Invokes the handler as the schedule does, and more often, until `stop()`. */
  public invokeEvery(milliseconds: number): void {
    const stop = new AbortController();
    const invoke = async () => {
      while (!stop.signal.aborted) {
        await this.invokeOnce();
        await delay(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    };
    this.invoking = { stop, stopped: invoke() };
  }

  /** Waits until it holds a stream of the topic. */
  public async untilSubscribed(topic: string, timeoutMs = 20_000): Promise<void> {
    const isOpen = async () => (await this.momento.openStreams(CACHE, topic)) > 0 || undefined;
    await until(`a subscription of ${topic}`, isOpen, { timeoutMs });
  }

  /** Waits until the table has the start of the topic: what is published from then on is not missed. */
  public async untilBegun(topic: string): Promise<void> {
    await this.untilCheckpoint(topic);
  }

  /** Waits until the table knows that an event is on the bus: the next holder does not put it there again. */
  public async untilSettled({ detail }: CarriedEvent): Promise<void> {
    await this.untilCheckpoint(String(detail.topic), Number(detail.topic_sequence_number) + 1);
  }

  private async untilCheckpoint(topic: string, least?: number): Promise<void> {
    const id = JSON.stringify([CACHE, topic]);
    const isIt = ({ input, fault, unheard }: Call) => {
      const { Key, ExpressionAttributeValues: values } = input as CheckpointUpdate;
      if (Key?.id?.S !== id || fault !== undefined || unheard) return false;
      // A checkpoint without a page has no number of Momento's.
      return least === undefined
        ? values?.[':number'] !== undefined
        : values?.[':page'] !== undefined && Number(values[':number']?.N) >= least;
    };
    const isWritten = () => Promise.resolve(this.aws.faults.calls('dynamodb', 'UpdateItem').some(isIt) || undefined);
    await until(`a checkpoint of ${topic} from ${(least ?? 'its start').toString()} on`, isWritten, {
      timeoutMs: 60_000,
    });
  }

  /** Publishes over HTTP, as somebody else, by default with a key that may do everything. */
  public async publish(
    topic: string,
    message: string | Uint8Array<ArrayBuffer>,
    key = this.momento.apiKey,
  ): Promise<void> {
    const contentType = typeof message === 'string' ? 'text/plain' : 'application/octet-stream';
    const headers = { authorization: key, 'content-type': contentType };
    const url = `${this.momento.endpoint}/topics/${CACHE}/${encodeURIComponent(topic)}`;
    const answer = await fetch(url, { method: 'POST', headers, body: message });
    if (!answer.ok) throw new Error(`Momento answered ${answer.status.toString()}: ${await answer.text()}`);
  }

  /** Takes events from the queue that the rules carry them to, until there are `count` of them or `timeoutMs` is over. */
  public async take(count: number, timeoutMs = 10_000): Promise<CarriedEvent[]> {
    return this.takeFrom('EventsUrl', count, timeoutMs);
  }

  /** The same for what the webhook of the same topics put on a bus of its own. */
  public async takeByWebhook(count: number, timeoutMs = 10_000): Promise<CarriedEvent[]> {
    return this.takeFrom('WebhookEventsUrl', count, timeoutMs);
  }

  /** How many messages the fallback queue holds, those that the redrive handler has in hand among them. */
  public async parkedCount(): Promise<number> {
    return this.countIn('FallbackQueueUrl');
  }

  /** After how many seconds what a redrive handler took, before it was killed, is due again. */
  public async hideParkedFor(seconds: number): Promise<void> {
    const Attributes = { VisibilityTimeout: seconds.toString() };
    const QueueUrl = this.outputs.get('FallbackQueueUrl');
    await this.aws.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }

  /** How many messages the dead-letter queue holds. */
  public async deadCount(): Promise<number> {
    return this.countIn('DeadLetterQueueUrl');
  }

  /** What the subscribe handler has logged so far, its metrics among it. */
  public async logs(): Promise<Record<string, unknown>[]> {
    const lines = await this.aws.logs(await this.subscribeFunction());
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The sum of a metric so far, of all topics or of one. */
  public async metric(name: string, topic?: string): Promise<number> {
    const lines = (await this.logs()).filter(
      (line) => name in line && '_aws' in line && (topic === undefined || line.Topic === `${CACHE}#${topic}`),
    );
    const numbers = lines.map((line) => [line[name]].flat() as number[]);
    return numbers.flat().reduce((sum, number) => sum + number, 0);
  }

  public async stop(): Promise<void> {
    this.invoking?.stop.abort();
    await this.invoking?.stopped;
    this.link?.stop();
    await Promise.all([this.aws.stop(), this.momento.stop()]);
  }

  private async takeFrom(output: string, count: number, timeoutMs: number): Promise<CarriedEvent[]> {
    const QueueUrl = this.outputs.get(output);
    const taken: CarriedEvent[] = [];
    for (const deadline = Date.now() + timeoutMs; taken.length < count && Date.now() < deadline;) {
      const receive = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(10, count - taken.length),
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages: messages = [] } = await this.aws.clients.sqs.send(receive);
      if (messages.length === 0) {
        await delay(10);
        continue;
      }
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: index.toString(), ReceiptHandle }));
      await this.aws.clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      taken.push(
        ...messages.map(({ Body = '', Attributes }) => {
          const event = JSON.parse(Body) as { source: string; 'detail-type': string; detail: CarriedEvent['detail'] };
          const { source, 'detail-type': detailType, detail } = event;
          return { source, detailType, detail, arrivedAt: Number(Attributes?.SentTimestamp) };
        }),
      );
    }
    return taken;
  }

  private async countIn(output: string): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const get = new GetQueueAttributesCommand({ QueueUrl: this.outputs.get(output), AttributeNames: [...names] });
    const { Attributes: counts } = await this.aws.clients.sqs.send(get);
    return names.reduce((sum, name) => sum + Number(counts?.[name]), 0);
  }

  private functionName: string | undefined;

  private async subscribeFunction(): Promise<string> {
    this.functionName ??= await functionWith('CHECKPOINT_TABLE_NAME', this.aws);
    return this.functionName;
  }
}

/** The schedule's input, as it is in the template. */
function scheduleInput(assembly: string, aws: LocalAws): string {
  const resources = readStack(assembly, undefined, aws).template.Resources as Record<
    string,
    { readonly Type: string; readonly Properties: { readonly Target: { readonly Input: string } } }
  >;
  const schedule = Object.values(resources).find(({ Type }) => Type === 'AWS::Scheduler::Schedule');
  if (!schedule) throw new Error('The template has no schedule');
  return schedule.Properties.Target.Input;
}

async function functionWith(variable: string, { clients: { lambda } }: LocalAws): Promise<string> {
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand());
  for (const { FunctionName: name = '' } of functions) {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    if (variable in (Environment?.Variables ?? {})) return name;
  }
  throw new Error(`No function has the variable ${variable}`);
}
