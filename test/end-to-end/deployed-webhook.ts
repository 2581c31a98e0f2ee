import {
  GetFunctionConfigurationCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { LocalAws, type StackOutputs } from '../../tools';
import { until } from '../../tools/common/until';
import { WebhookSender } from '../../tools/common/webhook-sender';

/** One of the two functions of the construct. */
interface DeployedFunction {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The construct on a local AWS, with IAM enforced and a proxy that can make the calls of its functions fail.
 *
 * Every message on the bus is carried to a queue. Taken from a queue, a message is not there any more.
 */
export class DeployedWebhook {
  /** Deploys a stack of `stacks.ts`. */
  public static async deploy(assembly: string): Promise<DeployedWebhook> {
    const aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    try {
      const outputs = await aws.deploy(assembly);
      const webhook = await functionWith('MOMENTO_SECRET_ID', aws);
      return new DeployedWebhook(aws, outputs, webhook, await functionWith('DEAD_LETTER_QUEUE_URL', aws));
    } catch (error) {
      await aws.stop();
      throw error;
    }
  }

  public readonly sender: WebhookSender;

  private constructor(
    public readonly aws: LocalAws,
    public readonly outputs: StackOutputs,
    private webhook: DeployedFunction,
    private redrive: DeployedFunction,
  ) {
    this.sender = new WebhookSender(aws.functionUrl(outputs.get('MomentoUrl')), 'none yet');
  }

  /** Deploys again, with other props. */
  public async update(assembly: string): Promise<void> {
    await this.aws.deploy(assembly);
    this.webhook = await functionWith('MOMENTO_SECRET_ID', this.aws);
    this.redrive = await functionWith('DEAD_LETTER_QUEUE_URL', this.aws);
  }

  /** Makes this the current version of the signing secret, and the one before the previous version. */
  public async putSecret(secret: string): Promise<void> {
    await this.putSecretDocument(secret);
    this.sender.secret = secret;
  }

  /** As `putSecret`, where the sender's own secret is only a part of it. */
  public async putSecretDocument(document: string): Promise<void> {
    const put = new PutSecretValueCommand({
      SecretId: this.outputs.get('MomentoSigningSecretArn'),
      SecretString: document,
    });
    await this.aws.clients.secrets.send(put);
  }

  /** Takes events from the queue that the rule carries them to, until there are `count` of them. */
  public async takeFromBus(count: number, timeoutMs?: number): Promise<Record<string, unknown>[]> {
    return parsed(await this.aws.receive(this.outputs.get('MessagesUrl'), count, timeoutMs));
  }

  /** Takes events from the fallback queue, until there are `count` of them. */
  public async takeParked(count: number, timeoutMs?: number): Promise<Record<string, unknown>[]> {
    return parsed(await this.aws.receive(this.fallbackQueueUrl, count, timeoutMs));
  }

  /** Takes events from the dead-letter queue, until there are `count` of them. */
  public async takeDead(count: number, timeoutMs?: number): Promise<Record<string, unknown>[]> {
    return parsed(await this.aws.receive(this.deadLetterQueueUrl, count, timeoutMs));
  }

  /** How many messages the fallback queue holds, those that the redrive handler has in hand among them. */
  public async parkedCount(): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const get = new GetQueueAttributesCommand({ QueueUrl: this.fallbackQueueUrl, AttributeNames: [...names] });
    const { Attributes: counts } = await this.aws.clients.sqs.send(get);
    return names.reduce((sum, name) => sum + Number(counts?.[name]), 0);
  }

  /** Puts something in the fallback queue, as it is. */
  public async park(body: string): Promise<void> {
    await this.aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: this.fallbackQueueUrl, MessageBody: body }));
  }

  /** Waits until the redrive handler has emptied the fallback queue. */
  public async untilRedriven(timeoutMs = 20_000): Promise<void> {
    const isEmpty = async () => (await this.parkedCount()) === 0 || undefined;
    await until('the fallback queue to be empty', isEmpty, { timeoutMs, everyMs: 50 });
  }

  /** Keeps the redrive handler from being fed, so that what is parked can be looked at. */
  public async pauseRedrive(): Promise<void> {
    await this.feedRedrive(false);
  }

  /** Ends `pauseRedrive`. */
  public async resumeRedrive(): Promise<void> {
    await this.feedRedrive(true);
  }

  /** After how many seconds what a redrive handler took, before it was killed, is due again. */
  public async hideTakenFor(seconds: number): Promise<void> {
    const Attributes = { VisibilityTimeout: seconds.toString() };
    await this.aws.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: this.fallbackQueueUrl, Attributes }));
  }

  /** What the webhook's handler has logged so far, its metrics among it. */
  public async logs(): Promise<string[]> {
    return this.aws.logs(this.webhook.name);
  }

  /** What the redrive handler has logged so far, its metrics among it. */
  public async redriveLogs(): Promise<string[]> {
    return this.aws.logs(this.redrive.name);
  }

  /** The details of the events that neither the bus nor the fallback queue took, as the handler logged them. */
  public async lostDetails(): Promise<string[]> {
    const lines = (await this.logs()).map((line) => JSON.parse(line) as Record<string, unknown>);
    const lost = lines.filter(({ level, event }) => level === 'ERROR' && typeof event === 'string');
    return lost.map(({ event }) => (JSON.parse(String(event)) as { detail: string }).detail);
  }

  /** Gives the webhook's handler other variables, which starts it again, for as long as `action` takes. */
  public async withEnvironment(changes: Record<string, string>, action: () => Promise<void>): Promise<void> {
    await this.withVariables(this.webhook, changes, action);
  }

  /** The same for the redrive handler. */
  public async withRedriveEnvironment(changes: Record<string, string>, action: () => Promise<void>): Promise<void> {
    await this.withVariables(this.redrive, changes, action);
  }

  /** Ends the processes of the webhook's handler, so that the next request meets a cold start. */
  public async goCold(): Promise<void> {
    await this.withEnvironment({ TEST_GENERATION: 'other' }, () => Promise.resolve());
  }

  /** The queue of what is parked. */
  public get fallbackQueueUrl(): string {
    return this.redrive.environment.FALLBACK_QUEUE_URL ?? '';
  }

  /** The queue of what was given up. */
  public get deadLetterQueueUrl(): string {
    return this.redrive.environment.DEAD_LETTER_QUEUE_URL ?? '';
  }

  private async feedRedrive(Enabled: boolean): Promise<void> {
    const { lambda } = this.aws.clients;
    const list = new ListEventSourceMappingsCommand({ FunctionName: this.redrive.name });
    const { EventSourceMappings: mappings = [] } = await lambda.send(list);
    for (const { UUID } of mappings) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  }

  private async withVariables(
    { name, environment }: DeployedFunction,
    changes: Record<string, string>,
    action: () => Promise<void>,
  ): Promise<void> {
    const set = async (Variables: Record<string, string>) => {
      const update = new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } });
      await this.aws.clients.lambda.send(update);
    };
    await set({ ...environment, ...changes });
    try {
      await action();
    } finally {
      await set({ ...environment });
    }
  }
}

async function functionWith(variable: string, { clients: { lambda } }: LocalAws): Promise<DeployedFunction> {
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand());
  for (const { FunctionName: name = '' } of functions) {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const environment = Environment?.Variables ?? {};
    if (variable in environment) return { name, environment };
  }
  throw new Error(`No function has the variable ${variable}`);
}

function parsed(messages: Awaited<ReturnType<LocalAws['receive']>>): Record<string, unknown>[] {
  return messages.map(({ Body: body = '', MessageAttributes: attributes = {} }) => ({
    ...(body.startsWith('{') && (JSON.parse(body) as Record<string, unknown>)),
    body,
    reason: attributes.Reason?.StringValue,
    attempts: attributes.Attempts?.StringValue,
  }));
}
