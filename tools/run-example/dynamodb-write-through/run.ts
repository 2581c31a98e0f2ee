/** Runs the example on a local AWS and a local Momento: by hand with `npm run example -- dynamodb-write-through`, and in its test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { App } from 'aws-cdk-lib';
import { LocalAws, LocalMomento, type StackOutputs } from '../..';
import { LocalEndpoint, LOCAL_ARCHITECTURE } from '../local-endpoint';
import { runByHand } from '../run-by-hand';
import { DynamoDbWriteThroughStack } from '../../../examples/dynamodb-write-through/dynamodb-write-through-stack';

/** The cache, and the topic in it. */
export const CACHE = 'weather';
export const TOPIC = 'weather';

/** The deployed example. */
export class LocalDynamoDbWriteThrough {
  public static async start(): Promise<LocalDynamoDbWriteThrough> {
    const momento = await LocalMomento.start({ caches: [CACHE] });
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const SecretString = momento.apiKey;
      await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento-api-key', SecretString }));
      return new LocalDynamoDbWriteThrough(aws, momento, await aws.deploy(synthesize(momento)));
    } catch (error) {
      await momento.stop();
      await aws.stop();
      throw error;
    }
  }

  /** For the account's own calls, not those of a function. */
  public readonly dynamoDb: DynamoDBClient;

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
    private readonly outputs: StackOutputs,
  ) {
    this.dynamoDb = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  public get tableName(): string {
    return this.outputs.get('TableName');
  }

  public get deadLetterQueueUrl(): string {
    return this.outputs.get('CachedDeadLetterQueueUrl');
  }

  public async stop(): Promise<void> {
    this.dynamoDb.destroy();
    await this.momento.stop();
    await this.aws.stop();
  }
}

function synthesize(momento: LocalMomento): string {
  const assembly = mkdtempSync(join(tmpdir(), 'dynamodb-write-through-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  new DynamoDbWriteThroughStack(app, 'DynamoDbWriteThrough', {
    architecture: LOCAL_ARCHITECTURE,
    endpoint: new LocalEndpoint(momento.endpoint),
  });
  return app.synth().directory;
}

/** What to type while it runs. */
export function instructions({ aws, momento, tableName }: LocalDynamoDbWriteThrough): string {
  const dynamoDb = (operation: string, request: string) =>
    `curl --aws-sigv4 aws:amz:${aws.region}:dynamodb --user test:test -H 'content-type: application/x-amz-json-1.0' \\
    -H 'x-amz-target: DynamoDB_20120810.${operation}' ${aws.endpoint} -d '${request}'`;
  const read = `curl -s -H 'authorization: ${momento.apiKey}' '${momento.endpoint}/cache/${CACHE}?key=weather-Oslo'`;
  const key = '{"Location":{"S":"Oslo"}}';
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const item =
    '{"Location":{"S":"Oslo"},"MaxTemp":{"N":"3"},"MinTemp":{"N":"-7.5"},"ChancesOfPrecipitation":{"N":"80"},' +
    `"TTL":{"N":"${inAnHour.toString()}"}}`;
  return `It runs until you press Ctrl-C. Subscribe to the changes in one terminal; the request waits for the next one:

  curl -H 'authorization: ${momento.apiKey}' '${momento.endpoint}/topics/${CACHE}/${TOPIC}?sequence_number=0&sequence_page=0'

In another, write the weather of Oslo, wait for it in the cache, delete it, and wait until it is gone there:

  ${dynamoDb('PutItem', `{"TableName":"${tableName}","Item":${item}}`)}
  until ${read} | grep Oslo; do sleep 0.2; done
  ${dynamoDb('DeleteItem', `{"TableName":"${tableName}","Key":${key}}`)}
  while ${read} | grep Oslo; do sleep 0.2; done
  ${read} -i`;
}

runByHand(module, LocalDynamoDbWriteThrough, instructions);
