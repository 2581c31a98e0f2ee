import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  ApiKeyRotation,
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  MomentoTopicToEventBridge,
  MomentoTopicToEventBridgeAlarms,
  MomentoWebhookToEventBridge,
  MomentoWebhookToEventBridgeAlarms,
  ReplayProtection,
} from 'cdk-momento-eventbridge';
import { AwsSolutionsChecks } from 'cdk-nag';

const app = new App({ autoSynth: false });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

const inIreland = (id: string) => new Stack(app, id, { env: { account: '111111111111', region: 'eu-west-1' } });
const apiKey = (stack: Stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento');

const webhook = inIreland('Webhook');
new MomentoWebhookToEventBridgeAlarms(webhook, 'Alarms', {
  monitored: new MomentoWebhookToEventBridge(webhook, 'In', { replayProtection: ReplayProtection.table() }),
});

new MomentoWebhookToEventBridge(inIreland('Tracing'), 'In', { tracing: Tracing.ACTIVE });

const topics = inIreland('Topics');
new MomentoTopicToEventBridgeAlarms(topics, 'Alarms', {
  monitored: new MomentoTopicToEventBridge(topics, 'In', {
    topics: [{ cacheName: 'chat', topicName: 'room-281' }],
    apiKey: apiKey(topics),
  }),
});

const apiDestinations = inIreland('ApiDestinations');
new EventBridgeToMomento(apiDestinations, 'Out', {
  apiKey: apiKey(apiDestinations),
  delivery: Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret() }),
});

const lambda = inIreland('Lambda');
new EventBridgeToMomento(lambda, 'Out', { apiKey: apiKey(lambda), delivery: Delivery.lambdaFunction() });

const table = inIreland('Table');
new DynamoDbToMomento(table, 'Cached', {
  table: new dynamodb.Table(table, 'Weather', {
    partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    stream: dynamodb.StreamViewType.NEW_IMAGE,
  }),
  momento: new EventBridgeToMomento(table, 'Out', { apiKey: apiKey(table), delivery: Delivery.lambdaFunction() }),
  cacheName: 'weather',
  cacheItem: { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) },
});

// The CDK throws if there is any finding. The test reads them all from its report.
try {
  app.synth();
} catch (error) {
  if (!(error instanceof Error && error.message.startsWith('Validation failed'))) throw error;
}
