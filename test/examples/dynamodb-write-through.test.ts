import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { type AttributeValue, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { instructions, LocalDynamoDbWriteThrough } from '../../tools/run-example/dynamodb-write-through/run';
import {
  CACHE,
  DynamoDbWriteThroughStack,
  TOPIC,
} from '../../examples/dynamodb-write-through/dynamodb-write-through-stack';
import { IRELAND } from '../constructs/in-stack';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { checkDeployedPage } from './deployed-page';
import { distribution } from './distribution';
import { Subscriber } from '../../tools/local-momento/subscriber';
import { until } from '../../tools/common/until';
import { commandsOf, filledIn, secretAsCreated } from './readme';
import { checkSnapshot } from './template-snapshot';
import { blocksOf, paste, Typed } from './typed';
import { withUnbuiltHandlers } from './unbuilt-handlers';

const EXAMPLE = join(__dirname, '../../examples/dynamodb-write-through');

interface Weather {
  readonly Location: string;
  readonly MaxTemp: number;
  readonly MinTemp: number;
  readonly ChancesOfPrecipitation: number;
  readonly TTL: number;
}

interface Change {
  readonly change: string;
  readonly keys: { readonly Location: string };
  readonly item?: Weather;
  readonly sequenceNumber: string;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const weather = (changes: Partial<Weather> = {}): Weather => ({
  Location: 'Oslo',
  MaxTemp: 3,
  MinTemp: -7.5,
  ChancesOfPrecipitation: 80,
  TTL: inSeconds(600),
  ...changes,
});

describe('the template of the example dynamodb-write-through', () => {
  const stack = () =>
    withUnbuiltHandlers(() => {
      // The page's function is not bundled, which takes seconds and does not change the template.
      const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
      return new DynamoDbWriteThroughStack(app, 'DynamoDbWriteThrough', IRELAND);
    });

  test('is what it was', () => {
    checkSnapshot('dynamodb-write-through', stack());
  });

  test('gives cfn-lint nothing to find, and cdk-nag what can be explained', () => {
    lint(stack());
    // IAM4: the functions of the page write their logs as AWS's own policy allows. That of ToMomento is a queue of commands', so
    // cdk-nag knows what it is.
    assert.deepEqual(findings(stack()), [
      'AwsSolutions-IAM4 /DynamoDbWriteThrough/Page/Server/ServiceRole/Resource',
      'AwsSolutions-IAM4 /DynamoDbWriteThrough/PageApi/ServiceRole/Resource',
      'AwsSolutions-SQS3 /DynamoDbWriteThrough/Cached/DeadLetterQueue/Resource',
    ]);
  });
});

describe('the example dynamodb-write-through, deployed', () => {
  let example: LocalDynamoDbWriteThrough;
  let subscribers: Subscriber[] = [];
  before(async () => {
    example = await LocalDynamoDbWriteThrough.start();
  });
  after(() => example.stop());
  afterEach(() => {
    for (const subscriber of subscribers) subscriber.stop();
    subscribers = [];
  });

  const put = async (item: Record<string, string | number>): Promise<void> => {
    const attributes = Object.entries(item).map(([name, value]): [string, AttributeValue] => [
      name,
      typeof value === 'number' ? { N: value.toString() } : { S: value },
    ]);
    const { dynamoDb, tableName } = example;
    await dynamoDb.send(new PutItemCommand({ TableName: tableName, Item: Object.fromEntries(attributes) }));
  };
  const remove = (location: string) =>
    example.dynamoDb.send(new DeleteItemCommand({ TableName: example.tableName, Key: { Location: { S: location } } }));
  /** As an application reads it: over Momento's API. */
  const read = async (location: string): Promise<string | undefined> => {
    const { endpoint, apiKey } = example.momento;
    const key = encodeURIComponent(location);
    const response = await fetch(`${endpoint}/cache/${CACHE}?key=${key}`, { headers: { authorization: apiKey } });
    const body = await response.text();
    assert.ok(response.status === 200 || response.status === 404, `${response.status.toString()} ${body}`);
    return response.status === 200 ? body : undefined;
  };
  const isCached = (item: Weather) =>
    until(`${item.Location} in the cache`, async () => {
      const found = await read(item.Location);
      return found !== undefined && isDeepEqual(JSON.parse(found), item) ? true : undefined;
    });
  const isGone = (location: string) =>
    until(`${location} to be gone`, async () => ((await read(location)) === undefined ? true : undefined));
  const subscribe = async (): Promise<Subscriber> => {
    const { endpoint, apiKey } = example.momento;
    const subscriber = new Subscriber(endpoint, apiKey, CACHE, TOPIC);
    subscribers.push(subscriber);
    await until('a subscriber', async () =>
      (await example.momento.waitingSubscribers(CACHE, TOPIC)) > 0 ? true : undefined,
    );
    return subscriber;
  };

  /** The changes that a subscriber was told of, of one place, in the order of the stream. */
  const changesOf = (subscriber: Subscriber, location: string, count: number): Promise<Change[]> =>
    until(`${count.toString()} changes of ${location}`, () => {
      const changes = subscriber.received
        .map(({ text }) => JSON.parse(text) as Change)
        .filter(({ keys }) => keys.Location === location);
      const sequence = ({ sequenceNumber }: Change) => BigInt(sequenceNumber);
      const inOrder = changes.sort((one, other) => (sequence(one) < sequence(other) ? -1 : 1));
      return Promise.resolve(changes.length >= count ? inOrder : undefined);
    });

  /** Types commands in the example's folder, where the variables are set that its README asks for. npx takes seconds on a busy machine. */
  const type = (commands = ''): Promise<string> => {
    const { aws, momento, tableName } = example;
    const environment = {
      ...{ TABLE: tableName, AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: aws.region },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ MOMENTO_ENDPOINT: momento.endpoint, MOMENTO_API_KEY: momento.apiKey },
    };
    return new Typed(commands, { directory: EXAMPLE, environment }).output(120_000);
  };

  // First, because a new subscriber gets what the topic still has.
  test('has a page, which may connect to Momento and the function behind it only', async () => {
    await checkDeployedPage('dynamodb-write-through', example.aws, example.outputs, ['momento', 'api']);
  });

  test('prints commands that do what it says of them, each block pasted as it is', async () => {
    const [changes, subscription, ...more] = blocksOf(instructions(example));
    assert.deepEqual(more, []);
    const waiting = new Typed(subscription ?? '');
    await until('the subscriber', async () =>
      (await example.momento.waitingSubscribers(CACHE, TOPIC)) > 0 ? true : undefined,
    );
    const printed = await paste(changes);
    assert.match(printed, /"Location":"Oslo","MaxTemp":3,/);
    assert.match(printed, /"MaxTemp":4.25/);
    assert.match(printed.trim().split('\n').at(-1) ?? '', /Key Not Found/);
    assert.match(await waiting.output(), /Oslo/);
  });

  test('has commands in its README that do what they say, each block typed as it is', async () => {
    const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
    const [, section = ''] = readme.split('## From a terminal');
    const [, ...blocks] = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
    const [write, readBoth, deleteBoth, ...more] = blocks;
    assert.deepEqual(more, []);
    assert.equal(await type(write), '');
    await until('Oslo and Bergen in the cache', async () =>
      (await read('Oslo')) !== undefined && (await read('Bergen'))?.includes('9.5') ? true : undefined,
    );
    const [oslo, bergen] = (await type(readBoth)).trim().split('\n');
    assert.match(oslo ?? '', /"Location":"Oslo","MaxTemp":3,"MinTemp":-7.5,"TTL":/);
    assert.match(bergen ?? '', /"Location":"Bergen","MaxTemp":9.5,"MinTemp":5,"TTL":/);
    assert.equal(await type(deleteBoth), '');
    await isGone('Oslo');
    await isGone('Bergen');
  });

  test('has a README whose command stores the key where the stack looks for it', async () => {
    const [createSecret, ...more] = commandsOf('dynamodb-write-through').inSentences;
    assert.deepEqual(more, []);
    const created = await secretAsCreated(example.aws, filledIn(createSecret, { '<key>': 'a-key' }), 'momento-api-key');
    assert.equal(created, 'a-key');
  });

  test('has clients that say what is wrong', async () => {
    for (const client of ['./weather.sh', 'npx tsx weather.ts']) {
      await assert.rejects(type(`${client} write Oslo`), /Ended with 2: .*usage: weather/s);
      await assert.rejects(type(`${client} update Atlantis MaxTemp 4`), /Ended with 1: .*conditional/is);
    }
  });

  test('has an item in the cache when it is put, its new values when it is updated, and not when it is deleted', async () => {
    const oslo = weather();
    await put({ ...oslo });
    await isCached(oslo);
    const [item] = await example.momento.items(CACHE);
    assert.ok(item && item.ttlSeconds > 590 && item.ttlSeconds <= 600, 'its time is that of its TTL');
    await example.dynamoDb.send(
      new UpdateItemCommand({
        TableName: example.tableName,
        Key: { Location: { S: 'Oslo' } },
        UpdateExpression: 'SET MaxTemp = :max',
        ExpressionAttributeValues: { ':max': { N: '4.25' } },
      }),
    );
    await isCached({ ...oslo, MaxTemp: 4.25 });
    await remove('Oslo');
    await isGone('Oslo');
  });

  test('stores the item as plain JSON, each byte of it', async () => {
    const Location = 'Tromsø "N" \\ 🎉';
    await put({ Location, MaxTemp: 3, Note: 'one\ntwo' });
    const stored = await until('the item', () => read(Location));
    assert.equal(stored, `{"Location":${JSON.stringify(Location)},"MaxTemp":3,"Note":"one\\ntwo"}`);
  });

  test('publishes each change, so that a subscriber knows what happened to what and in which order', async () => {
    const subscriber = await subscribe();
    const bergen = weather({ Location: 'Bergen' });
    await put({ ...bergen });
    await until('Bergen in the cache', () => read('Bergen'));
    await remove('Bergen');
    const changes = await changesOf(subscriber, 'Bergen', 2);
    assert.deepEqual(
      changes.map(({ change, keys, item }) => ({ change, keys, ...(item && { item }) })),
      [
        { change: 'INSERT', keys: { Location: 'Bergen' }, item: bergen },
        { change: 'REMOVE', keys: { Location: 'Bergen' } },
      ],
    );
  });

  test('does not cache an item whose time is over, and forgets the one it had', async () => {
    await put({ ...weather({ Location: 'Alta' }) });
    await until('Alta in the cache', () => read('Alta'));
    await put({ ...weather({ Location: 'Alta', TTL: inSeconds(-1) }) });
    await isGone('Alta');
  });

  test('sends a poison record to the dead-letter queue, whole, forgets its cache item, and lets later ones flow', async () => {
    await put({ ...weather({ Location: 'Bodø' }) });
    await until('Bodø in the cache', () => read('Bodø'));
    await put({ ...weather({ Location: 'Bodø' }), TTL: 'tomorrow' });
    const later = Array.from({ length: 20 }, (_, number) => weather({ Location: `Later ${number.toString()}` }));
    for (const item of later) await put({ ...item });
    for (const item of later) await isCached(item);
    await isGone('Bodø');
    const [letter, ...more] = await example.aws.receive(example.deadLetterQueueUrl, 2, 1000);
    assert.deepEqual(more, []);
    assert.equal(
      letter?.MessageAttributes?.Reason?.StringValue,
      'no lifetime of a cache item: the attribute `TTL` is not a number of seconds',
    );
    const record = JSON.parse(letter.Body ?? '') as {
      readonly eventName: string;
      readonly dynamodb: { readonly NewImage: Record<string, unknown> };
    };
    assert.equal(record.eventName, 'MODIFY');
    assert.deepEqual(record.dynamodb.NewImage.TTL, { S: 'tomorrow' });
  });

  test('brings 50 changes of 10 items to the cache and to a subscriber, and the cache ends as the table does', async () => {
    const subscriber = await subscribe();
    const locations = Array.from({ length: 10 }, (_, number) => `City ${number.toString()}`);
    const rounds = [1, 2, 3, 4, 5];
    for (const round of rounds) {
      const items = locations.map((Location) => weather({ Location, MaxTemp: round }));
      await Promise.all(items.map((item) => put({ ...item })));
      // One round after the other: of two changes within moments of each other the earlier may arrive last.
      await Promise.all(items.map(isCached));
    }
    for (const location of locations) {
      const changes = await changesOf(subscriber, location, rounds.length);
      assert.deepEqual(
        changes.map(({ item }) => item?.MaxTemp),
        rounds,
      );
    }
    assert.deepEqual(await example.aws.receive(example.deadLetterQueueUrl, 1, 200), []);
  });

  test('tells how long it takes from the write until the item can be read', async () => {
    const latencies: number[] = [];
    for (let number = 0; number < 50; number += 1) {
      const item = weather({ Location: `Timed ${number.toString()}` });
      await put({ ...item });
      const written = performance.now();
      while ((await read(item.Location)) === undefined) assert.ok(performance.now() - written < 30_000);
      latencies.push(performance.now() - written);
    }
    console.log(`write to readable in the cache, 50 items, ms: ${distribution(latencies)}`);
  });
});

function isDeepEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
