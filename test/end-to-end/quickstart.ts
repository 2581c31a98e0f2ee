import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { QuickstartStack } from '../../examples/quickstart/quickstart-stack';
import { LocalAws, type StackOutputs } from '../local';
import { WebhookSender } from './webhook-sender';

/** The quickstart on a local AWS, with IAM enforced and a proxy that can make the handler's calls fail. */
export class Quickstart {
  public static async deploy(): Promise<Quickstart> {
    const aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    try {
      const outputs = await aws.deploy(synthesize());
      const { Functions: [handler] = [] } = await aws.clients.lambda.send(new ListFunctionsCommand());
      return new Quickstart(aws, outputs, handler?.FunctionName ?? '');
    } catch (error) {
      await aws.stop();
      throw error;
    }
  }

  public readonly sender: WebhookSender;

  private constructor(
    public readonly aws: LocalAws,
    private readonly outputs: StackOutputs,
    public readonly functionName: string,
  ) {
    this.sender = new WebhookSender(aws.functionUrl(outputs.get('MomentoUrl')), 'none yet');
  }

  /** Makes this the current version of the signing secret, and the one before the previous version. */
  public async putSecret(secret: string): Promise<void> {
    const put = new PutSecretValueCommand({
      SecretId: this.outputs.get('MomentoSigningSecretArn'),
      SecretString: secret,
    });
    await this.aws.clients.secrets.send(put);
    this.sender.secret = secret;
  }

  /** Takes events from the queue that the quickstart's rule carries them to, until there are `count` of them. */
  public async takeFromBus(count: number, timeoutMs?: number): Promise<Record<string, unknown>[]> {
    const messages = await this.aws.receive(this.outputs.get('MessagesUrl'), count, timeoutMs);
    return messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
  }

  /** Takes events from the fallback queue, until there are `count` of them. */
  public async takeParked(count: number, timeoutMs?: number): Promise<Record<string, unknown>[]> {
    const { FALLBACK_QUEUE_URL: url = '' } = await this.environment();
    const messages = await this.aws.receive(url, count, timeoutMs);
    return messages.map(({ Body = '', MessageAttributes }) => ({
      ...(JSON.parse(Body) as Record<string, unknown>),
      reason: MessageAttributes?.Reason?.StringValue,
    }));
  }

  /** What the handler has logged so far, its metrics among it. */
  public async logs(): Promise<string[]> {
    return this.aws.logs(this.functionName);
  }

  /** Gives the handler other variables, which starts it anew, for as long as `action` takes. */
  public async withEnvironment(changes: Record<string, string>, action: () => Promise<void>): Promise<void> {
    const environment = await this.environment();
    await this.setEnvironment({ ...environment, ...changes });
    try {
      await action();
    } finally {
      await this.setEnvironment(environment);
    }
  }

  /** Ends the handler's processes, so that the next request meets a cold start. */
  public async goCold(): Promise<void> {
    await this.withEnvironment({ TEST_GENERATION: 'other' }, () => Promise.resolve());
  }

  private async environment(): Promise<Record<string, string>> {
    const get = new GetFunctionConfigurationCommand({ FunctionName: this.functionName });
    return (await this.aws.clients.lambda.send(get)).Environment?.Variables ?? {};
  }

  private async setEnvironment(variables: Record<string, string>): Promise<void> {
    const { lambda: client } = this.aws.clients;
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: this.functionName,
        Environment: { Variables: variables },
      }),
    );
  }
}

function synthesize(): string {
  const assembly = mkdtempSync(join(tmpdir(), 'quickstart-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  // The handler runs as a process of this machine.
  const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
  new QuickstartStack(app, 'Quickstart', { architecture });
  return app.synth().directory;
}
