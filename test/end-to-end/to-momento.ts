import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Message } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { CfnApiDestination } from 'aws-cdk-lib/aws-events';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EventBridgeToMomento, type EventBridgeToMomentoProps, MomentoEndpoint } from 'cdk-momento-eventbridge';
import { LocalAws, type StackOutputs } from '../local';
import { RecordingServer } from './recording-server';

/** An event on its way to the bus. */
export interface Command {
  readonly detailType: string;
  readonly detail: Record<string, unknown>;
}

const PLACEHOLDER = 'https://momento.example';
/** How often a command is tried in all. */
export const ATTEMPTS = 4;

/** The way back on a local AWS with IAM enforced, and a recording server in Momento's place. */
export class ToMomento {
  public static async deploy(apiKey: string): Promise<ToMomento> {
    const aws = await LocalAws.start({ enforceIam: true });
    const momento = await RecordingServer.start();
    try {
      await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: apiKey }));
      return new ToMomento(aws, momento, await aws.deploy(synthesize(momento.url)));
    } catch (error) {
      momento.stop();
      await aws.stop();
      throw error;
    }
  }

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: RecordingServer,
    private readonly outputs: StackOutputs,
  ) {}

  /** Deploys again, with other props. */
  public async update(props: Partial<EventBridgeToMomentoProps>): Promise<void> {
    await this.aws.deploy(synthesize(this.momento.url, props));
  }

  /** Makes this the current version of the secret. */
  public async rotate(apiKey: string): Promise<string> {
    const put = new PutSecretValueCommand({ SecretId: 'momento', SecretString: apiKey });
    return (await this.aws.clients.secrets.send(put)).VersionId ?? '';
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

  /** Takes dead letters out of their queue until there are `count` of them. */
  public async deadLetters(count: number, timeoutMs?: number): Promise<DeadLetter[]> {
    const messages = await this.aws.receive(this.outputs.get('DeadLettersUrl'), count, timeoutMs);
    return messages.map((message) => new DeadLetter(message));
  }

  public async stop(): Promise<void> {
    this.momento.stop();
    await this.aws.stop();
  }
}

export class DeadLetter {
  public readonly event: Record<string, unknown>;

  public constructor(private readonly message: Message) {
    this.event = JSON.parse(message.Body ?? '') as Record<string, unknown>;
  }

  public get command(): Command {
    return { detailType: String(this.event['detail-type']), detail: this.event.detail as Record<string, unknown> };
  }

  public attribute(name: string): string | undefined {
    return this.message.MessageAttributes?.[name]?.StringValue;
  }
}

function synthesize(momentoUrl: string, props: Partial<EventBridgeToMomentoProps> = {}): string {
  const assembly = mkdtempSync(join(tmpdir(), 'to-momento-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'ToMomento');
  const { deadLetterQueue } = new EventBridgeToMomento(stack, 'ToMomento', {
    apiKey: secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento'),
    endpoint: MomentoEndpoint.custom(PLACEHOLDER),
    maxEventAge: Duration.minutes(1),
    retryAttempts: ATTEMPTS - 1,
    ...props,
  });
  new CfnOutput(stack, 'DeadLettersUrl', { value: deadLetterQueue.queueUrl });
  // The construct takes https only, as EventBridge does: the one thing in which this template is not what AWS would get.
  for (const child of stack.node.findAll()) {
    if (child instanceof CfnApiDestination) {
      child.invocationEndpoint = child.invocationEndpoint.replace(PLACEHOLDER, momentoUrl);
    }
  }
  return app.synth().directory;
}
