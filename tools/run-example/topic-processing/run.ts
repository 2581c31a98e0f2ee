/** Runs the example on a local AWS and a local Momento: by hand with `npm run example -- topic-processing`, and in its test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App, Duration } from 'aws-cdk-lib';
import { MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
import { LocalAws, LocalMomento, type StackOutputs } from '../..';
import { LocalEndpoint, LOCAL_ARCHITECTURE } from '../local-endpoint';
import { buildRustFunctions } from '../rust-functions';
import { runByHand } from '../run-by-hand';
import { nameSubscribeFunction, startSubscription } from '../subscription';
import {
  TopicProcessingStack,
  type TopicProcessingStackProps,
} from '../../../examples/topic-processing/topic-processing-stack';

/** The cache that all topics belong to. */
export const CACHE = 'orders';

/** The deployed example. */
export class LocalTopicProcessing {
  /** @param source how the messages get to the bus */
  public static async start(source?: TopicProcessingStackProps['source']): Promise<LocalTopicProcessing> {
    const functions = buildRustFunctions('topic-processing', ['topic-processing']);
    const momento = await LocalMomento.start({ caches: [CACHE], acceptEmptyKey: true });
    const aws = await LocalAws.start({ enforceIam: true });
    const local = new LocalTopicProcessing(aws, momento);
    try {
      await local.deploy(functions, source);
    } catch (error) {
      await local.stop();
      throw error;
    }
    return local;
  }

  /** With the rights of the account's root. */
  public readonly dynamoDb: DynamoDBClient;
  private outputs?: StackOutputs;

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
  ) {
    this.dynamoDb = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  /** An output of the stack. */
  public output(name: string): string {
    if (!this.outputs) throw new Error('The stack is not deployed yet');
    return this.outputs.get(name);
  }

  public async stop(): Promise<void> {
    this.dynamoDb.destroy();
    await this.momento.stop();
    await this.aws.stop();
  }

  private async deploy(functions: string, source: TopicProcessingStackProps['source']): Promise<void> {
    const { secrets } = this.aws.clients;
    await secrets.send(new CreateSecretCommand({ Name: 'momento-api-key', SecretString: this.momento.apiKey }));
    const assembly = mkdtempSync(join(tmpdir(), 'topic-processing-'));
    process.once('exit', () => {
      rmSync(assembly, { recursive: true });
    });
    const app = new App({ outdir: assembly });
    const { fromMomento } = new TopicProcessingStack(app, 'TopicProcessing', {
      source,
      cache: CACHE,
      functions,
      architecture: LOCAL_ARCHITECTURE,
      endpoint: new LocalEndpoint(this.momento.endpoint),
      // Momento's limits are not those of this machine.
      rateLimits: { topicPublish: 1000 },
      followUpDelay: Duration.seconds(1),
    });
    if (fromMomento instanceof MomentoTopicToEventBridge) {
      nameSubscribeFunction(fromMomento);
      this.outputs = await this.aws.deploy(app.synth().directory);
      await startSubscription(this.aws, this.momento, this.outputs, fromMomento.topics);
    } else {
      this.outputs = await this.aws.deploy(app.synth().directory);
      await this.addWebhook(this.outputs);
    }
  }

  /** What is done once by hand in a real account: the webhook is created, and its signing secret put where it is read. */
  private async addWebhook(outputs: StackOutputs): Promise<void> {
    const signingSecret = 'local-signing-secret';
    const secretId = outputs.get('FromMomentoSigningSecretArn');
    await this.aws.clients.secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: signingSecret }));
    const url = this.aws.functionUrl(outputs.get('FromMomentoUrl'));
    await this.momento.addWebhook({ cache: CACHE, topicPrefix: 'topic', url, signingSecret });
  }
}

/** What to type while it runs. */
export function instructions(example: LocalTopicProcessing): string {
  const { aws, momento } = example;
  const topic = (name: string) => `${momento.endpoint}/topics/${CACHE}/${name}`;
  const sdk = `MOMENTO_LOCAL=${new URL(momento.endpoint).host} npx tsx examples/momento-clients`;
  const dynamoDb = (operation: string, input: object) =>
    `curl -s --aws-sigv4 aws:amz:${aws.region}:dynamodb --user test:test -H 'content-type: application/x-amz-json-1.0' \\
    -H 'x-amz-target: DynamoDB_20120810.${operation}' ${aws.endpoint} -d '${JSON.stringify(input)}'`;
  const total = { Topic: { S: `${CACHE}#topic1` }, Message: { S: 'total' } };
  return `It runs until you press Ctrl-C. Subscribe to topic2 in one terminal; the request waits for the next message:

  curl -H 'authorization: ${momento.apiKey}' '${topic('topic2')}?sequence_number=0&sequence_page=0'

and publish to topic1 in another:

  curl -H 'authorization: ${momento.apiKey}' -H 'content-type: text/plain' -d 'hello' ${topic('topic1')}

The same with Momento's SDK, in the root of the repository. The subscriber prints messages until you press Ctrl-C; topic3 has the number
of words, and topic4 a follow-up a second later:

  ${sdk}/subscribe.ts ${CACHE} topic4

  ${sdk}/publish.ts ${CACHE} topic1 'hello again'

What is saved, and how many messages topic1 had:

  ${dynamoDb('Scan', { TableName: example.output('SavedTable') })}

  ${dynamoDb('GetItem', { TableName: example.output('CountsTable'), Key: total })}`;
}

runByHand(module, LocalTopicProcessing, instructions);
