import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';

/** Clients of the services that a run needs. What a service answers to a call is put in a sentence: an AwsFailure. */
export interface Clients {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sqs: SQSClient;
}

/** The code of a function has 2 MB. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** Opens all of them. */
export async function openClients(region: string): Promise<Clients> {
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  const settings = await clientSettings(region);
  const requestHandler = { ...settings.requestHandler, requestTimeout: UPLOAD_TIMEOUT_MS };
  const clients: Clients = {
    cloudFormation: new CloudFormationClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
    lambda: new LambdaClient(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client({ ...settings, requestHandler, forcePathStyle: true }),
    secrets: new SecretsManagerClient(settings),
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
  };
  const first = { step: 'initialize', priority: 'high' } as const;
  clients.cloudFormation.middlewareStack.add(explaining('CloudFormation', 'cloudformation'), first);
  clients.cloudWatch.middlewareStack.add(explaining('CloudWatch', 'cloudwatch'), first);
  clients.dynamoDb.middlewareStack.add(explaining('DynamoDB', 'dynamodb'), first);
  clients.events.middlewareStack.add(explaining('EventBridge', 'events'), first);
  clients.lambda.middlewareStack.add(explaining('Lambda', 'lambda'), first);
  clients.logs.middlewareStack.add(explaining('CloudWatch Logs', 'logs'), first);
  clients.s3.middlewareStack.add(explaining('S3', 's3'), first);
  clients.secrets.middlewareStack.add(explaining('Secrets Manager', 'secretsmanager'), first);
  clients.sqs.middlewareStack.add(explaining('SQS', 'sqs'), first);
  return clients;
}

/** A middleware of the SDK that puts the failure of a call in a sentence. */
function explaining(service: string, prefix: string) {
  return <Arguments, Result>(next: (args: Arguments) => Promise<Result>, { commandName = '' }: CallContext) =>
    (args: Arguments): Promise<Result> =>
      callAws(service, `${prefix}:${commandName.replace(/Command$/, '')}`, () => next(args));
}

/** What the SDK says of a call to its middleware. */
interface CallContext {
  readonly commandName?: string;
}
