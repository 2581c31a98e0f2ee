import { setTimeout as delay } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readStack } from './cloud-assembly';
import { deleteStack, deployStack, type StackOutputs } from './deploy-stack';
import { EmulatorProcess } from './emulator-process';
import { FaultProxy } from './fault-proxy';

/** How to start a local AWS. */
export interface LocalAwsOptions {
  /** Policies are enforced, and functions run as their roles. Default: everything is allowed. */
  readonly enforceIam?: boolean;
  /** The calls that functions make pass a proxy that can make them fail. Default: they go straight to the services. */
  readonly behindFaultProxy?: boolean;
}

/** Clients of the local AWS's services, with the rights of the account's root. */
export interface Clients {
  readonly cloudFormation: CloudFormationClient;
  readonly events: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sqs: SQSClient;
}

// The clients serve tests only, and those of the next years will not move them off a Node.js that users still have.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// The lines that AWS itself writes around those of the function.
const PLATFORM_LINE = /^(START|END|REPORT) RequestId: /;

/** An AWS account and a region. */
export interface AccountAndRegion {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

const HOME: AccountAndRegion = { account: '000000000000', region: 'us-east-1' };

/** An AWS account and region on this machine, empty at first, gone after `stop()`. See README.md. */
export class LocalAws implements AccountAndRegion {
  /** Starts one, on free ports. Several can run side by side. */
  public static async start(options: LocalAwsOptions = {}): Promise<LocalAws> {
    const faultProxy = options.behindFaultProxy ? await FaultProxy.start() : undefined;
    const emulator = await EmulatorProcess.start({
      enforceIam: options.enforceIam ?? false,
      functionEndpoint: faultProxy?.endpoint,
    });
    faultProxy?.forwardTo(emulator.endpoint);
    return new LocalAws(emulator, faultProxy, HOME);
  }

  public readonly account: string;
  public readonly region: string;
  /** Where every service answers. */
  public readonly endpoint: string;
  public readonly clients: Clients;
  private readonly elsewhere: LocalAws[] = [];

  private constructor(
    private readonly emulator: EmulatorProcess,
    private readonly faultProxy: FaultProxy | undefined,
    { account, region }: AccountAndRegion,
  ) {
    this.account = account;
    this.region = region;
    this.endpoint = emulator.endpoint;
    const settings = {
      endpoint: this.endpoint,
      region: this.region,
      credentials: { accessKeyId: this.accessKeyId, secretAccessKey: 'test' },
    };
    this.clients = {
      cloudFormation: new CloudFormationClient(settings),
      events: new EventBridgeClient(settings),
      lambda: new LambdaClient(settings),
      logs: new CloudWatchLogsClient(settings),
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      secrets: new SecretsManagerClient(settings),
      sqs: new SQSClient(settings),
    };
  }

  /** The same emulator in another account or region. It ends with this one. */
  public in(other: AccountAndRegion): LocalAws {
    const elsewhere = new LocalAws(this.emulator, this.faultProxy, other);
    this.elsewhere.push(elsewhere);
    return elsewhere;
  }

  /** What the calls of functions pass: counts them, makes them fail. */
  public get faults(): FaultProxy {
    if (!this.faultProxy) throw new Error('Start the local AWS with behindFaultProxy to inject faults');
    return this.faultProxy;
  }

  /** Variables with which any AWS SDK or CLI in another process uses this AWS. */
  public get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: this.region,
      AWS_DEFAULT_REGION: this.region,
    };
  }

  /** The emulator's own last log lines, for finding out why something failed. */
  public get log(): readonly string[] {
    return this.emulator.log;
  }

  /** The id of the process group that everything runs in. */
  public get processGroupId(): number {
    return this.emulator.groupId;
  }

  /** Deploys or updates a stack of a cloud assembly (`cdk.out`), by default its only one. */
  public async deploy(assembly: string, stackName?: string): Promise<StackOutputs> {
    return deployStack(readStack(assembly, stackName, this), this.clients, this.account);
  }

  /** Deletes a stack, with what its template does not retain. */
  public async delete(stackName: string): Promise<void> {
    await deleteStack(stackName, this.clients);
  }

  /**
   * Where to post what is meant for a function URL, given as the stack's output has it. (Its host name exists in AWS's DNS
   * only.)
   */
  public functionUrl(url: string): string {
    const match = /^https:\/\/([^.]+)\.lambda-url\.[^/]+(\/.*)?$/.exec(url);
    if (!match) throw new Error(`Not a function URL: ${url}`);
    return `${this.endpoint}/_aws/lambda-url/${match[1] ?? ''}${match[2] ?? '/'}`;
  }

  /**
   * Where to post what is meant for an HTTP API of API Gateway, given as the stack's output has it: for the stage `$default`.
   */
  public httpApiUrl(url: string): string {
    const match = /^https?:\/\/([^.]+)\.execute-api\.[^/]+(\/.*)?$/.exec(url);
    if (!match) throw new Error(`Not the URL of an HTTP API: ${url}`);
    return `${this.endpoint}/_aws/execute-api/${match[1] ?? ''}/$default${match[2] ?? '/'}`;
  }

  /**
   * Every line that a function has printed so far, oldest first. What it printed before answering an invocation is there
   * when the answer is.
   */
  public async logs(functionName: string): Promise<string[]> {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    const { LoggingConfig: logging } = await this.clients.lambda.send(command);
    const logGroupName = logging?.LogGroup ?? `/aws/lambda/${functionName}`;
    const events: FilteredLogEvent[] = [];
    for await (const page of paginateFilterLogEvents({ client: this.clients.logs }, { logGroupName })) {
      events.push(...(page.events ?? []));
    }
    return events.map(({ message = '' }) => message).filter((line) => !PLATFORM_LINE.test(line));
  }

  /**
   * Takes messages out of a queue until there are `count` of them.
   *
   * @returns fewer when `timeoutMs` has passed.
   */
  public async receive(queueUrl: string, count = 1, timeoutMs = 5000): Promise<Message[]> {
    const received: Message[] = [];
    for (const deadline = Date.now() + timeoutMs; received.length < count && Date.now() < deadline;) {
      const { Messages: messages = [] } = await this.clients.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(10, count - received.length),
          MessageAttributeNames: ['All'],
        }),
      );
      received.push(...messages);
      if (messages.length === 0) {
        await delay(10);
        continue;
      }
      const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: index.toString(), ReceiptHandle }));
      await this.clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    }
    return received;
  }

  /** The bodies of all messages of a queue, those too that somebody has received and not deleted. Takes none. */
  public async bodiesIn(queueUrl: string): Promise<string[]> {
    const answer = await fetch(`${this.endpoint}/_ministack/sqs/messages?QueueUrl=${encodeURIComponent(queueUrl)}`);
    const { messages } = (await answer.json()) as {
      messages: Record<string, Record<string, Record<string, { Body: string }[]>>>;
    };
    const queues = Object.values(messages).flatMap((regions) => Object.values(regions));
    return queues.flatMap((queue) => Object.values(queue).flat()).map(({ Body }) => Body);
  }

  /** Ends everything that was started, the functions' processes too, and waits for it. */
  public async stop(): Promise<void> {
    for (const { clients } of [this, ...this.elsewhere]) {
      for (const client of Object.values(clients) as { destroy(): void }[]) client.destroy();
    }
    await this.emulator.stop();
    this.faultProxy?.stop();
  }

  /** ministack takes an access key of 12 digits for an account's. */
  private get accessKeyId(): string {
    return this.account === HOME.account ? 'test' : this.account;
  }
}
