import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  type MomentoEndpoint,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

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
}

/**
 * A table of the weather, whose items are in the Momento cache `weather` too, each under `weather-{Location}`, and whose
 * changes are published to the topic `weather`.
 */
export class DynamoDbWriteThroughStack extends Stack {
  public constructor(scope: Construct, id: string, props: DynamoDbWriteThroughStackProps = {}) {
    super(scope, id, props);
    const { architecture = lambda.Architecture.ARM_64 } = props;
    const table = new dynamodb.Table(this, 'Weather', {
      partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'TTL',
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const momento = new EventBridgeToMomento(this, 'ToMomento', {
      apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', props.apiKeySecretName ?? 'momento-api-key'),
      endpoint: props.endpoint,
      // So that a cached item is the JSON itself, and not a JSON string in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
    });
    new DynamoDbToMomento(this, 'Cached', {
      table,
      momento,
      cacheName: 'weather',
      cacheItem: { key: 'weather-{Location}', ttl: CacheItemTtl.expiryIn('TTL') },
      topic: { name: 'weather' },
      architecture,
    });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}
