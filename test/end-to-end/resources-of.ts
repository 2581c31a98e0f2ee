import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { LocalAws } from '../../tools';

/** The names of all that an account has of the kinds that this project's stacks are made of. Empty for one that is new. */
export async function resourcesOf(aws: LocalAws): Promise<string[]> {
  const { cloudFormation, events, lambda, logs, s3, secrets, sqs } = aws.clients;
  const dynamoDb = new DynamoDBClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand());
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand());
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand());
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ IncludePlannedDeletion: true }));
  const { EventBuses = [] } = await events.send(new ListEventBusesCommand());
  const { Rules = [] } = await events.send(new ListRulesCommand());
  const { Connections = [] } = await events.send(new ListConnectionsCommand());
  const { ApiDestinations = [] } = await events.send(new ListApiDestinationsCommand());
  const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand());
  dynamoDb.destroy();
  const names: Record<string, (string | undefined)[]> = {
    stack: Stacks.filter((stack) => stack.StackStatus !== 'DELETE_COMPLETE').map((stack) => stack.StackName),
    bucket: Buckets.map(({ Name }) => Name),
    queue: QueueUrls,
    function: Functions.map(({ FunctionName }) => FunctionName),
    mapping: EventSourceMappings.map(({ UUID }) => UUID),
    log: logGroups.map(({ logGroupName }) => logGroupName),
    secret: SecretList.map(({ Name }) => Name),
    bus: EventBuses.map(({ Name }) => Name).filter((name) => name !== 'default'),
    rule: Rules.map(({ Name }) => Name),
    connection: Connections.map(({ Name }) => Name),
    destination: ApiDestinations.map(({ Name }) => Name),
    table: TableNames,
    key: await keysOf(aws),
    alarm: namesIn(await query(aws, 'DescribeAlarms'), 'AlarmName'),
    dashboard: namesIn(await query(aws, 'ListDashboards'), 'DashboardName'),
    schedule: await schedulesOf(aws),
  };
  return Object.entries(names).flatMap(([kind, ones]) => ones.map((name) => `${kind} ${name ?? ''}`));
}

/** The keys of KMS that cost something: all but those that are going to be deleted. The project has no client of KMS. */
async function keysOf(aws: LocalAws): Promise<string[]> {
  const ask = async <Answer>(operation: string, request: object): Promise<Answer> => {
    const response = await fetch(aws.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${operation}`,
        ...signedFor(aws, 'kms'),
      },
      body: JSON.stringify(request),
    });
    if (!response.ok)
      throw new Error(`${operation} is answered ${response.status.toString()}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const { Keys } = await ask<{ Keys: { KeyId: string }[] }>('ListKeys', {});
  const keys = await Promise.all(
    Keys.map(({ KeyId }) => ask<{ KeyMetadata: { KeyId: string; KeyState: string } }>('DescribeKey', { KeyId })),
  );
  return keys
    .filter(({ KeyMetadata }) => KeyMetadata.KeyState !== 'PendingDeletion')
    .map(({ KeyMetadata }) => KeyMetadata.KeyId);
}

/** The emulator's own words, of times that the SDK's client of CloudWatch cannot read. */
async function query(aws: LocalAws, Action: string): Promise<string> {
  const body = new URLSearchParams({ Action, Version: '2010-08-01' });
  const response = await fetch(aws.endpoint, { method: 'POST', headers: signedFor(aws, 'monitoring'), body });
  if (!response.ok) throw new Error(`${Action} is answered ${response.status.toString()}: ${await response.text()}`);
  return response.text();
}

function namesIn(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>(.*?)<`, 'g'))].map(([, name = '']) => name);
}

async function schedulesOf(aws: LocalAws): Promise<string[]> {
  const response = await fetch(`${aws.endpoint}/schedules`, { headers: signedFor(aws, 'scheduler') });
  if (!response.ok) throw new Error(`ListSchedules is answered ${response.status.toString()}`);
  const { Schedules } = (await response.json()) as { Schedules: { Name: string }[] };
  return Schedules.map(({ Name }) => Name);
}

function signedFor({ region }: LocalAws, service: string): Record<string, string> {
  const scope = `test/20261127/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}
