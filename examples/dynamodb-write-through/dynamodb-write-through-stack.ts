import { join } from 'node:path';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  MomentoEndpoint,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';
import { StaticPage } from './static-page';

/** The cache. It and the topic have the names that they have in Momento's own demo of a write-through cache. */
export const CACHE = 'momento-eventbridge-cache';
/** The topic. */
export const TOPIC = 'momento-eventbridge-topic';

export interface DynamoDbWriteThroughStackProps extends StackProps {
  /**
   * The name of the secret whose string is the Momento API key.
   *
   * @default momento-api-key
   */
  readonly apiKeySecretName?: string;
  /**
   * Where Momento's HTTP API is called.
   *
   * @default - Momento's cell in the stack's region
   */
  readonly endpoint?: MomentoEndpoint;
  /**
   * What the handlers run on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
  /**
   * Further variables for the page's function: a local run says here where its stand-ins are.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A table of the weather, whose items are in a Momento cache too, each under its `Location`, and whose changes are published to a topic.
 * A page writes to the table and shows what the cache and the topic have.
 */
export class DynamoDbWriteThroughStack extends Stack {
  public constructor(scope: Construct, id: string, props: DynamoDbWriteThroughStackProps = {}) {
    super(scope, id, props);
    const { architecture = lambda.Architecture.ARM_64, endpoint = MomentoEndpoint.forRegion(this.region) } = props;
    const apiKey = secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', props.apiKeySecretName ?? 'momento-api-key');
    const table = new dynamodb.Table(this, 'Weather', {
      partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'TTL',
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const momento = new EventBridgeToMomento(this, 'ToMomento', {
      apiKey,
      endpoint,
      // So that a cached item is the JSON itself, and not a JSON string in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
    });
    new DynamoDbToMomento(this, 'Cached', {
      table,
      momento,
      cacheName: CACHE,
      cacheItem: { key: '{Location}', ttl: CacheItemTtl.expiryIn('TTL') },
      topic: { name: TOPIC },
      architecture,
    });
    new CfnOutput(this, 'TableName', { value: table.tableName });

    const momentoUrl = endpoint.bind(this);
    const api = this.pageApi(table, apiKey, { MOMENTO_ENDPOINT: momentoUrl, ...props.environment });
    const config = { momento: momentoUrl, cache: CACHE, topic: TOPIC, api };
    const page = new StaticPage(this, 'Page', {
      folder: join(__dirname, 'page'),
      config,
      connectTo: [momentoUrl, api],
    });
    new CfnOutput(this, 'PageUrl', { value: page.url });
    new CfnOutput(this, 'PageConfig', { description: 'What the page knows', value: this.toJsonString(config) });
  }

  /** The URL of the function that gives the page tokens and writes to the table for it. */
  private pageApi(
    table: dynamodb.ITable,
    apiKey: secretsmanager.ISecret,
    environment: Readonly<Record<string, string>>,
  ): string {
    const api = new NodejsFunction(this, 'PageApi', {
      description: 'Gives the page tokens, and writes to the table for it',
      entry: join(__dirname, 'page-api.ts'),
      projectRoot: __dirname,
      // Only says which package manager is used.
      depsLockFilePath: join(__dirname, 'package.json'),
      bundling: { minify: true },
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.seconds(10),
      logGroup: new logs.LogGroup(this, 'PageApiLog', { retention: logs.RetentionDays.ONE_MONTH }),
      environment: {
        TABLE_NAME: table.tableName,
        CACHE,
        TOPIC,
        API_KEY_SECRET: apiKey.secretName,
        ...environment,
      },
    });
    table.grant(api, 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan');
    apiKey.grantRead(api);
    const { PUT, DELETE, POST, GET } = lambda.HttpMethod;
    return api.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.NONE,
      cors: {
        allowedOrigins: ['*'],
        allowedMethods: [GET, PUT, DELETE, POST],
        allowedHeaders: ['content-type'],
        maxAge: Duration.hours(1),
      },
    }).url;
  }
}
