import { readFileSync } from 'node:fs';
import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PipesClient } from '@aws-sdk/client-pipes';
import {
  GetScheduleCommand,
  type ScheduleState,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Stack, App, Duration } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  ApiKeyRotation,
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
  MomentoWebhookToEventBridgeAlarms,
} from 'cdk-momento-eventbridge';
import { LocalAws, type StackOutputs } from '../../tools';
import { until } from '../../tools/common/until';
import { LOCAL_ARCHITECTURE, LocalEndpoint } from '../../tools/run-example/local-endpoint';

export const STACK = 'Examined';
export const SIGNING_SECRET = 'p3VbHd7cKs9AWm4z';
/** Nothing listens there: a doctor looks at what is deployed, not at Momento. */
const MOMENTO = new LocalEndpoint('http://127.0.0.1:9');
const architecture = LOCAL_ARCHITECTURE;

/** A stack with every construct, deployed and running on a local AWS, whose resources a test can tamper with. */
export class ExaminedStack {
  /** Deploys it. */
  public static async deploy(assembly: string): Promise<ExaminedStack> {
    const aws = await LocalAws.start({ behindFaultProxy: true });
    try {
      await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: 'an-api-key' }));
      synthesize(assembly);
      const outputs = await aws.deploy(assembly);
      const list = new ListStackResourcesCommand({ StackName: STACK });
      const { StackResourceSummaries: summaries = [] } = await aws.clients.cloudFormation.send(list);
      const resources = summaries.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => ({
        logicalId: LogicalResourceId,
        physicalId: PhysicalResourceId,
      }));
      const stack = new ExaminedStack(aws, outputs, resources);
      await stack.putSigningSecret(SIGNING_SECRET);
      await stack.subscribe();
      return stack;
    } catch (error) {
      await aws.stop();
      throw error;
    }
  }

  public readonly cloudWatch: CloudWatchClient;
  public readonly dynamoDb: DynamoDBClient;
  public readonly pipes: PipesClient;
  private readonly scheduler: SchedulerClient;

  private constructor(
    public readonly aws: LocalAws,
    private readonly outputs: StackOutputs,
    private readonly resources: readonly { readonly logicalId: string; readonly physicalId: string }[],
  ) {
    const settings = {
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    this.cloudWatch = new CloudWatchClient(settings);
    this.dynamoDb = new DynamoDBClient(settings);
    this.pipes = new PipesClient(settings);
    this.scheduler = new SchedulerClient(settings);
  }

  /** Where the webhook is reached. */
  public get url(): string {
    return this.aws.functionUrl(this.outputs.get('WebhookUrl'));
  }

  /** What CloudFormation calls a resource, by its path of construct ids without slashes. */
  public id(path: string): string {
    const found = this.resources.find(({ logicalId }) => logicalId.replace(/[0-9A-F]{8}$/, '') === path);
    if (!found) throw new Error(`No resource ${path}, only ${this.resources.map((one) => one.logicalId).join(', ')}`);
    return found.physicalId;
  }

  public get signingSecretArn(): string {
    return this.outputs.get('WebhookSigningSecretArn');
  }

  public async putSigningSecret(SecretString: string): Promise<void> {
    const SecretId = this.signingSecretArn;
    await this.aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }

  /** Gives a function other variables. Returns what undoes that. */
  public async setVariables(path: string, changes: Record<string, string>): Promise<() => Promise<void>> {
    const FunctionName = this.id(path);
    const { lambda } = this.aws.clients;
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const before = Environment?.Variables ?? {};
    const set = async (Variables: Record<string, string>): Promise<void> => {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    };
    await set({ ...before, ...changes });
    return () => set(before);
  }

  /** Gives a function the code of a handler. */
  public async setCode(path: string, handler: string): Promise<void> {
    const ZipFile = readFileSync(`assets/${handler}-${architecture.name}.zip`);
    await this.aws.clients.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: this.id(path), ZipFile }));
  }

  /** Has the schedule invoke or not, and so rarely that it does not during a test. */
  public async setSchedule(State: ScheduleState): Promise<void> {
    const get = new GetScheduleCommand({ Name: this.id('TopicsSchedule') });
    const { Name, Target, FlexibleTimeWindow } = await this.scheduler.send(get);
    const ScheduleExpression = 'rate(30 days)';
    await this.scheduler.send(
      new UpdateScheduleCommand({ Name, Target, FlexibleTimeWindow, ScheduleExpression, State }),
    );
  }

  /** Has an invocation take the topics, as the schedule does, and holds them in its place: it would end in 15 minutes. */
  private async subscribe(): Promise<void> {
    await this.setSchedule('ENABLED');
    const { Target } = await this.scheduler.send(new GetScheduleCommand({ Name: this.id('TopicsSchedule') }));
    const invoke = { FunctionName: this.id('TopicsHandler'), InvocationType: 'Event' as const };
    await this.aws.clients.lambda.send(new InvokeCommand({ ...invoke, Payload: Buffer.from(Target?.Input ?? '') }));
    const topic = await until('the topic to be taken', () => this.checkpoint(TOPIC_ID), { timeoutMs: 30_000 });
    const lease = (await this.checkpoint('lease')) ?? {};
    const fence = { N: (Number(lease.fence?.N) + 1).toString() };
    const expires = { N: (Date.now() + 24 * 3_600_000).toString() };
    const TableName = this.id('TopicsCheckpointTable');
    // A newer fence: the invocation can write nothing any more.
    await this.dynamoDb.send(new PutItemCommand({ TableName, Item: { ...lease, fence, expires } }));
    await this.dynamoDb.send(new PutItemCommand({ TableName, Item: { ...topic, fence } }));
  }

  private async checkpoint(id: string): Promise<Record<string, AttributeValue> | undefined> {
    const TableName = this.id('TopicsCheckpointTable');
    const get = new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true });
    return (await this.dynamoDb.send(get)).Item;
  }

  public async stop(): Promise<void> {
    await this.aws.stop();
  }
}

/** The key of the topic in the table of checkpoints. */
export const TOPIC_ID = '["chat","room-281"]';

function synthesize(outdir: string): void {
  const app = new App({ outdir });
  const stack = new Stack(app, STACK);
  const apiKey = secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento');
  // Without a value, for a test to point a function at.
  new secretsmanager.CfnSecret(stack, 'Empty');
  const eventBus = new events.EventBus(stack, 'Bus');

  const webhook = new MomentoWebhookToEventBridge(stack, 'Webhook', { architecture, eventBus });
  webhook.onMessage('All', { target: new targets.SqsQueue(new sqs.Queue(stack, 'Messages')) });
  new MomentoWebhookToEventBridgeAlarms(stack, 'Alarms', { monitored: webhook });
  new MomentoTopicToEventBridge(stack, 'Topics', {
    architecture,
    apiKey,
    endpoint: MOMENTO,
    eventBus,
    topics: [{ cacheName: 'chat', topicName: 'room-281' }],
  });
  new EventBridgeToMomento(stack, 'ByFunction', {
    apiKey,
    endpoint: MOMENTO,
    sources: ['orders'],
    delivery: Delivery.lambdaFunction({ architecture }),
  });
  const momento = new EventBridgeToMomento(stack, 'ByDestination', {
    apiKey,
    endpoint: MOMENTO,
    sources: ['weather'],
    delivery: Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret({ architecture }) }),
  });
  const table = new dynamodb.Table(stack, 'Table', {
    partitionKey: { name: 'station', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.NEW_IMAGE,
  });
  new DynamoDbToMomento(stack, 'Changes', {
    architecture,
    momento,
    table,
    source: 'weather',
    cacheName: 'weather',
    cacheItem: { key: '{station}', ttl: CacheItemTtl.duration(Duration.hours(1)) },
  });
  app.synth();
}
