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
import { TokenService } from '../token-service';
import { PageServer } from '../page-server';
import {
  CACHE,
  DynamoDbWriteThroughStack,
  TOPIC,
} from '../../../examples/dynamodb-write-through/dynamodb-write-through-stack';

const NAME = 'dynamodb-write-through';
const ROOT = join(__dirname, '../../..');

/** What the page knows. */
interface PageConfig {
  readonly momento: string;
  readonly cache: string;
  readonly topic: string;
  readonly api: string;
}

/** The deployed example, with its page. */
export class LocalDynamoDbWriteThrough {
  public static async start(): Promise<LocalDynamoDbWriteThrough> {
    const momento = await LocalMomento.start({ caches: [CACHE] });
    // Momento's SDK has an empty key for a local Momento.
    const tokens = await TokenService.start(momento, '');
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const SecretString = momento.apiKey;
      await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento-api-key', SecretString }));
      const outputs = await aws.deploy(synthesize(momento, tokens));
      const config = JSON.parse(outputs.get('PageConfig')) as PageConfig;
      const api = aws.functionUrl(config.api);
      const page = await PageServer.start(NAME, { ...config, api }, [config.momento, api]);
      return new LocalDynamoDbWriteThrough(aws, momento, outputs, tokens, page);
    } catch (error) {
      tokens.stop();
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
    public readonly outputs: StackOutputs,
    private readonly tokens: TokenService,
    private readonly page: PageServer,
  ) {
    this.dynamoDb = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  /** Where the page is. */
  public get url(): string {
    return this.page.url;
  }

  public get tableName(): string {
    return this.outputs.get('TableName');
  }

  public get deadLetterQueueUrl(): string {
    return this.outputs.get('CachedDeadLetterQueueUrl');
  }

  public async stop(): Promise<void> {
    this.dynamoDb.destroy();
    this.page.stop();
    this.tokens.stop();
    await this.momento.stop();
    await this.aws.stop();
  }
}

function synthesize(momento: LocalMomento, tokens: TokenService): string {
  const assembly = mkdtempSync(join(tmpdir(), `${NAME}-`));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  new DynamoDbWriteThroughStack(app, 'DynamoDbWriteThrough', {
    architecture: LOCAL_ARCHITECTURE,
    endpoint: new LocalEndpoint(momento.endpoint),
    environment: {
      MOMENTO_LOCAL: tokens.endpoint,
      // The AWS SDK, which Lambda brings along.
      NODE_PATH: join(ROOT, 'node_modules'),
    },
  });
  return app.synth().directory;
}

/** What to do while it runs. */
export function instructions({ aws, momento, tableName, url }: LocalDynamoDbWriteThrough): string {
  return `It runs until you press Ctrl-C. The page is at ${url}: write something there.

Or write in a terminal, with curl. Wait for Oslo in the cache, delete it, and wait until it is gone there:

  cd examples/${NAME}
  export TABLE=${tableName} AWS_ENDPOINT_URL=${aws.endpoint}
  export AWS_REGION=${aws.region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export MOMENTO_ENDPOINT=${momento.endpoint} MOMENTO_API_KEY=${momento.apiKey}
  ./weather.sh write Oslo 3 -7.5 80 600
  until ./weather.sh read Oslo | grep MaxTemp; do sleep 0.2; done
  ./weather.sh update Oslo MaxTemp 4.25
  until ./weather.sh read Oslo | grep 4.25; do sleep 0.2; done
  ./weather.sh delete Oslo
  while ./weather.sh read Oslo | grep MaxTemp; do sleep 0.2; done
  ./weather.sh read Oslo

The page shows each of these changes too. To see the next one in another terminal:

  curl -H 'authorization: ${momento.apiKey}' '${momento.endpoint}/topics/${CACHE}/${TOPIC}?sequence_number=0&sequence_page=0'`;
}

runByHand(module, LocalDynamoDbWriteThrough, instructions);
