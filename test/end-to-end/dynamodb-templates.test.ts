import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type AttributeValue, DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CacheItemTtl, Delivery, DynamoDbToMomento, EventBridgeToMomento } from 'cdk-momento-eventbridge';
import { LocalAws, LocalMomento, type StackOutputs } from '../../tools';
import { until } from '../../tools/common/until';
import { LOCAL_ARCHITECTURE as architecture, LocalEndpoint } from '../../tools/run-example/local-endpoint';

const BY_KEY = 'by-key';
const BY_VALUE = 'by-value';
/** A change has to go through a stream, a pipe, a bus, a queue and two functions. */
const PATIENCE = { timeoutMs: 60_000 };

/** A table with a sort key, cached once under a key of two attributes, and once as values of a template. */
function synthesize(momentoEndpoint: string): string {
  const assembly = mkdtempSync(join(tmpdir(), 'dynamodb-templates-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'DynamoDbTemplates');
  const table = new dynamodb.Table(stack, 'Table', {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const momento = new EventBridgeToMomento(stack, 'ToMomento', {
    apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'momento-api-key'),
    endpoint: new LocalEndpoint(momentoEndpoint),
    delivery: Delivery.lambdaFunction({ architecture }),
  });
  const ttl = CacheItemTtl.duration(Duration.hours(1));
  const cacheItems = {
    [BY_KEY]: { key: '{pk}#{sk}', ttl },
    [BY_VALUE]: { key: '{pk}', value: '{{"name":"{name}","n":{n},"tags":{tags}}}', ttl },
  };
  for (const [cacheName, cacheItem] of Object.entries(cacheItems)) {
    new DynamoDbToMomento(stack, cacheName, { table, momento, architecture, cacheName, cacheItem });
  }
  new CfnOutput(stack, 'TableName', { value: table.tableName });
  return app.synth().directory;
}

describe('the templates of DynamoDbToMomento, from a table’s stream to the cache', () => {
  let momento: LocalMomento;
  let aws: LocalAws;
  let dynamoDb: DynamoDBClient;
  let outputs: StackOutputs;
  before(async () => {
    momento = await LocalMomento.start({ caches: [BY_KEY, BY_VALUE] });
    aws = await LocalAws.start({ enforceIam: true });
    dynamoDb = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const apiKey = new CreateSecretCommand({ Name: 'momento-api-key', SecretString: momento.apiKey });
    await aws.clients.secrets.send(apiKey);
    outputs = await aws.deploy(synthesize(momento.endpoint));
  });
  after(async () => {
    dynamoDb.destroy();
    await momento.stop();
    await aws.stop();
  });

  const put = (pk: string, sk: string, item: Record<string, AttributeValue>) =>
    dynamoDb.send(
      new PutItemCommand({ TableName: outputs.get('TableName'), Item: { pk: { S: pk }, sk: { S: sk }, ...item } }),
    );
  const remove = (pk: string, sk: string) =>
    dynamoDb.send(
      new DeleteItemCommand({ TableName: outputs.get('TableName'), Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
  const cached = (cache: string, key: string): Promise<Record<string, unknown>> =>
    until(
      `the item ${key}`,
      async () => {
        const value = await momento.item(cache, key);
        return value && (JSON.parse(value.toString()) as Record<string, unknown>);
      },
      PATIENCE,
    );

  test('items whose keys differ have cache items of their own, of which deleting one leaves the other', async () => {
    const attributes = { name: { S: '' }, n: { N: '1' }, tags: { L: [] } };
    await put('a#b', 'c', { ...attributes, who: { S: 'first' } });
    await put('a', 'b#c', { ...attributes, who: { S: 'second' } });
    assert.equal((await cached(BY_KEY, 'a%23b#c')).who, 'first');
    assert.equal((await cached(BY_KEY, 'a#b%23c')).who, 'second');
    await remove('a#b', 'c');
    await until(
      'the first item to be gone',
      async () => ((await momento.item(BY_KEY, 'a%23b#c')) === undefined ? true : undefined),
      PATIENCE,
    );
    assert.equal((await cached(BY_KEY, 'a#b%23c')).who, 'second');
  });

  test('a value template that is JSON makes JSON of an item, whatever its attributes hold', async () => {
    const name = 'say "hi" \\ one\ntwo 🎉';
    await put('user', 'profile', { name: { S: name }, n: { N: '1.50' }, tags: { L: [{ S: 'a"b' }, { BOOL: true }] } });
    assert.deepEqual(await cached(BY_VALUE, 'user'), { name, n: 1.5, tags: ['a"b', true] });
  });
});
