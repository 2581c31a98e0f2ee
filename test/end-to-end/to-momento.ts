import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Delivery,
  EventBridgeToMomento,
  type EventBridgeToMomentoProps,
  MomentoEndpoint,
} from 'cdk-momento-eventbridge';
import { LocalAws, LocalMomento, type MomentoRequest, type StackOutputs } from '../../tools';
import { TcpLink } from '../../tools/common/tcp-link';
import { until } from '../../tools/common/until';

/** An event on its way to the bus. */
export interface Command {
  readonly detailType: string;
  readonly detail: Record<string, unknown>;
}

/** Which of the two ways a command takes. */
export type Way = 'API destination' | 'Lambda';
export const WAYS: readonly Way[] = ['API destination', 'Lambda'];

/** How often a command is tried in all. */
export const ATTEMPTS = 3;

const API_KEY = 'eyJhcGlfa2V5Ijoi.test';
// The handlers run as processes of this machine.
export const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
/** A try by Lambda may take 5 s, and the wait before the third is 4 s. */
const PATIENCE = { timeoutMs: 60_000 };

interface DeployOptions {
  readonly overLink?: boolean;
  readonly extend?: (construct: EventBridgeToMomento) => void;
}

/** The way to Momento on a local AWS with IAM enforced, and a local Momento at its end. */
export class ToMomento {
  /**
   * Deploys it. Momento has these caches and no other, and is called directly, or over a link that can forget connections.
   * `extend` adds to the construct.
   */
  public static async deploy(
    way: Way,
    caches: readonly string[],
    { overLink = false, extend }: DeployOptions = {},
  ): Promise<ToMomento> {
    const [aws, momento] = await Promise.all([
      LocalAws.start({ enforceIam: true, behindFaultProxy: true }),
      LocalMomento.start({ caches, apiKey: API_KEY }),
    ]);
    const link = overLink ? await TcpLink.start(momento.endpoint) : undefined;
    try {
      await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: API_KEY }));
      const outputs = await aws.deploy(synthesize(way, (link ?? momento).endpoint, undefined, extend));
      return new ToMomento(way, aws, momento, link, outputs);
    } catch (error) {
      link?.stop();
      await Promise.all([momento.stop(), aws.stop()]);
      throw error;
    }
  }

  private readonly taken: DeadLetter[] = [];

  private constructor(
    public readonly way: Way,
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
    public readonly link: TcpLink | undefined,
    private outputs: StackOutputs,
  ) {}

  /** Deploys again, with other props. */
  public async update(props: (stack: Stack) => Partial<EventBridgeToMomentoProps>): Promise<void> {
    this.outputs = await this.aws.deploy(synthesize(this.way, (this.link ?? this.momento).endpoint, props));
  }

  /** Where commands wait, if they wait for a function. */
  public get commandQueueUrl(): string {
    return this.outputs.get('ToMomentoCommandQueueUrl');
  }

  /** Makes this the current version of the secret. */
  public async rotate(apiKey: string): Promise<string> {
    const put = new PutSecretValueCommand({ SecretId: 'momento', SecretString: apiKey });
    return (await this.aws.clients.secrets.send(put)).VersionId ?? '';
  }

  /** Puts something in the queue of commands, as it is. */
  public async sendToCommandQueue(body: string): Promise<void> {
    await this.aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: this.commandQueueUrl, MessageBody: body }));
  }

  /** Keeps the function from being fed, until the next update. */
  public async pauseDelivery(): Promise<void> {
    const { lambda } = this.aws.clients;
    const { EventSourceMappings: mappings = [] } = await lambda.send(new ListEventSourceMappingsCommand());
    for (const { UUID } of mappings) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }

  public async put(...commands: Command[]): Promise<void> {
    for (let i = 0; i < commands.length; i += 10) {
      const entries = commands.slice(i, i + 10).map(({ detailType, detail }) => ({
        Source: 'orders',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      }));
      const { FailedEntryCount } = await this.aws.clients.events.send(new PutEventsCommand({ Entries: entries }));
      if (FailedEntryCount) throw new Error(`${FailedEntryCount.toString()} events were not taken`);
    }
  }

  /** Puts one command, and returns the one request that it becomes, answered. Forgets the requests. */
  public async deliver(command: Command): Promise<MomentoRequest> {
    await this.put(command);
    const [request] = await this.answered(() => true, 1);
    assert.equal((await this.momento.requests()).length, 1);
    await this.momento.clearRequests();
    assert.ok(request);
    return request;
  }

  /** Waits until so many of the requests that fit have been answered, and returns all that fit. */
  public async answered(fits: (request: MomentoRequest) => boolean, count: number): Promise<MomentoRequest[]> {
    const ask = async () => {
      const fitting = (await this.momento.requests()).filter(fits);
      return fitting.filter(({ status }) => status !== undefined).length >= count ? fitting : undefined;
    };
    return until(`${count.toString()} answered requests`, ask, PATIENCE);
  }

  /** Waits for the dead letter of a command, and takes it. */
  public async deadLetter(command: Command): Promise<DeadLetter> {
    const text = JSON.stringify(command);
    const take = async () => {
      this.taken.push(...(await this.deadLetters(10, 100)));
      const index = this.taken.findIndex((letter) => JSON.stringify(letter.command) === text);
      return index < 0 ? undefined : this.taken.splice(index, 1)[0];
    };
    return until('a dead letter', take, PATIENCE);
  }

  /** Takes dead letters out of their queue until there are `count` of them. */
  public async deadLetters(count: number, timeoutMs?: number): Promise<DeadLetter[]> {
    const messages = await this.aws.receive(this.outputs.get('DeadLettersUrl'), count, timeoutMs);
    return messages.map((message) => new DeadLetter(message));
  }

  public async stop(): Promise<void> {
    this.link?.stop();
    await Promise.all([this.momento.stop(), this.aws.stop()]);
  }
}

export class DeadLetter {
  public readonly event: Record<string, unknown>;

  public constructor(private readonly message: Message) {
    const { body } = this;
    this.event = body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : {};
  }

  public get body(): string {
    return this.message.Body ?? '';
  }

  public get command(): Command {
    return { detailType: String(this.event['detail-type']), detail: this.event.detail as Record<string, unknown> };
  }

  public attribute(name: string): string | undefined {
    return this.message.MessageAttributes?.[name]?.StringValue;
  }

  public get attributes(): Record<string, string | undefined> {
    const all = Object.entries(this.message.MessageAttributes ?? {});
    return Object.fromEntries(all.map(([name, { StringValue }]) => [name, StringValue]));
  }
}

function synthesize(
  way: Way,
  momentoUrl: string,
  props: (stack: Stack) => Partial<EventBridgeToMomentoProps> = () => ({}),
  extend: (construct: EventBridgeToMomento) => void = () => undefined,
): string {
  const assembly = mkdtempSync(join(tmpdir(), 'to-momento-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'ToMomento');
  const toMomento = new EventBridgeToMomento(stack, 'ToMomento', {
    apiKey: secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento'),
    // A URL that the construct knows has to have TLS, as EventBridge asks of one: this is known at the very end.
    endpoint: MomentoEndpoint.custom(Lazy.string({ produce: () => momentoUrl })),
    delivery: way === 'Lambda' ? Delivery.lambdaFunction({ architecture }) : Delivery.apiDestinations(),
    // Thousands of commands are not to wait for Momento's soft limits, which the local one does not have.
    rateLimits: { cacheSet: 10_000, cacheDelete: 10_000, topicPublish: 10_000 },
    maxEventAge: Duration.hours(1),
    retryAttempts: ATTEMPTS - 1,
    ...props(stack),
  });
  extend(toMomento);
  new CfnOutput(stack, 'DeadLettersUrl', { value: toMomento.deadLetterQueue.queueUrl });
  return app.synth().directory;
}
