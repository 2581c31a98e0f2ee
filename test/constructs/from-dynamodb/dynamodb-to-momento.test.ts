import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  type EventBridgeToMomentoProps,
  MomentoCommand,
  StreamStart,
} from '../../../constructs';
import { codeInBucket } from '../from-momento/webhook';
import { IRELAND } from '../in-stack';
import { apiKey } from '../to-momento/to-momento';
import { Cached, KEY, type Props, weather } from './cached';

const refuses = (
  props: Props | ((stack: Stack) => Props),
  reason: RegExp,
  momento?: Partial<EventBridgeToMomentoProps>,
) => {
  assert.throws(() => new Cached(props, momento), reason);
};

describe('DynamoDbToMomento', () => {
  test('has one pipe, from the stream through the handler to the bus, that takes the detail-type from the command', () => {
    const cached = new Cached();
    const { table, handler, deadLetterQueue } = cached.construct;
    cached.template.hasResourceProperties('AWS::Pipes::Pipe', {
      Source: { 'Fn::GetAtt': [cached.id(table), 'StreamArn'] },
      Enrichment: cached.arn(handler),
      Target: cached.stack.resolve(cached.momento.eventBus.eventBusArn) as unknown,
      TargetParameters: {
        EventBridgeEventBusParameters: { Source: 'DynamoDbToMomento', DetailType: '$.command' },
        InputTemplate: Match.absent(),
      },
      EnrichmentParameters: Match.absent(),
      SourceParameters: {
        FilterCriteria: Match.absent(),
        DynamoDBStreamParameters: {
          StartingPosition: 'LATEST',
          BatchSize: 10,
          MaximumRecordAgeInSeconds: 3600,
          MaximumRetryAttempts: -1,
          ParallelizationFactor: 1,
          OnPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          DeadLetterConfig: { Arn: cached.arn(deadLetterQueue) },
        },
      },
    });
  });

  test('hands over no more changes at once than make ten commands, which is all that the bus takes', () => {
    const topic = { name: 'changes' };
    assert.equal(new Cached({ topic }).stream().BatchSize, 5);
    assert.equal(new Cached({ topic, cacheItem: undefined }).stream().BatchSize, 10);
  });

  test('tells the handler what an item is in Momento', () => {
    const item = { CACHE_NAME: 'weather', KEY_TEMPLATE: 'weather-{Location}' };
    assert.deepEqual(new Cached().mapping(), { ...item, TTL_SECONDS: '3600' });
    assert.deepEqual(
      new Cached({
        cacheItem: { key: '{Location}', value: '{Min} to {Max}', ttl: CacheItemTtl.secondsIn('Seconds') },
        topic: { name: 'weather-{Location}', includeItem: false },
      }).mapping(),
      {
        CACHE_NAME: 'weather',
        KEY_TEMPLATE: '{Location}',
        VALUE_TEMPLATE: '{Min} to {Max}',
        TTL_ATTRIBUTE: 'Seconds',
        TOPIC_TEMPLATE: 'weather-{Location}',
        MESSAGE_HAS_ITEM: 'false',
      },
    );
    assert.deepEqual(new Cached({ cacheItem: { ...KEY, ttl: CacheItemTtl.expiryIn('TTL') } }).mapping(), {
      ...item,
      EXPIRY_ATTRIBUTE: 'TTL',
    });
    assert.deepEqual(new Cached({ cacheItem: undefined, topic: { name: 'changes' } }).mapping(), {
      CACHE_NAME: 'weather',
      TOPIC_TEMPLATE: 'changes',
      MESSAGE_HAS_ITEM: 'true',
    });
  });

  test('passes on filters, start and retries', () => {
    const cached = new Cached({
      filters: [lambda.FilterCriteria.filter({ eventName: lambda.FilterRule.isEqual('INSERT') as unknown })],
      source: 'weather',
      startingPosition: StreamStart.TRIM_HORIZON,
      maxRecordAge: Duration.minutes(1),
      retryAttempts: 3,
      parallelizationFactor: 10,
    });
    cached.template.hasResourceProperties('AWS::Pipes::Pipe', {
      SourceParameters: {
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
        DynamoDBStreamParameters: {
          StartingPosition: 'TRIM_HORIZON',
          MaximumRecordAgeInSeconds: 60,
          MaximumRetryAttempts: 3,
          ParallelizationFactor: 10,
        },
      },
      TargetParameters: { EventBridgeEventBusParameters: { Source: 'weather' } },
    });
  });

  test('lets the pipe do what it has to, and nothing else, before it is made', () => {
    const cached = new Cached();
    const { table, handler, deadLetterQueue, pipeRole } = cached.construct;
    const allow = { Effect: 'Allow' };
    assert.deepEqual(cached.statements(pipeRole), [
      {
        ...allow,
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
        Resource: { 'Fn::GetAtt': [cached.id(table), 'StreamArn'] },
      },
      { ...allow, Action: 'lambda:InvokeFunction', Resource: cached.arn(handler) },
      { ...allow, Action: 'sqs:SendMessage', Resource: cached.arn(deadLetterQueue) },
      {
        ...allow,
        Action: 'events:PutEvents',
        Resource: cached.stack.resolve(cached.momento.eventBus.eventBusArn) as unknown,
        Condition: {
          StringEquals: {
            'events:source': 'DynamoDbToMomento',
            'events:detail-type': ['cacheSet', 'cacheDelete', 'topicPublish'],
          },
        },
      },
    ]);
    cached.template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            ...allow,
            Action: 'sts:AssumeRole',
            Principal: { Service: 'pipes.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
          },
        ],
      },
    });
    const [pipe] = Object.values(cached.template.findResources('AWS::Pipes::Pipe')) as { DependsOn: string[] }[];
    assert.ok(pipe?.DependsOn.some((id) => id.includes('PipeRoleDefaultPolicy')));
  });

  test('starts the pipe when the rules and the queues take its commands, and not before', () => {
    const handlerCode = codeInBucket(new Stack());
    for (const delivery of [Delivery.apiDestinations(), Delivery.lambdaFunction({ handlerCode })]) {
      const cached = new Cached({}, { delivery });
      const { DependsOn } = Object.values(cached.template.findResources('AWS::Pipes::Pipe'))[0] as {
        readonly DependsOn: readonly string[];
      };
      const ids = (type: string) => Object.keys(cached.template.findResources(type));
      const { momento } = cached;
      assert.ok(momento.deliveryRules.length > 0);
      for (const rule of [...momento.deliveryRules, ...momento.invalidCommandRules]) {
        assert.ok(DependsOn.includes(cached.id(rule)), rule.node.id);
      }
      for (const policy of ids('AWS::SQS::QueuePolicy').filter((id) => id.startsWith('Out'))) {
        assert.ok(DependsOn.includes(policy), policy);
      }
    }
  });

  test('makes no circle of stacks when the rules are in another one, which uses a bus of the stack of the pipe', () => {
    const app = new App();
    const [stack, other] = [new Stack(app, 'Stack', IRELAND), new Stack(app, 'Other', IRELAND)];
    const momento = new EventBridgeToMomento(other, 'Out', {
      apiKey: apiKey(other),
      eventBus: new events.EventBus(stack, 'Bus'),
    });
    const table = weather(stack);
    const code = codeInBucket(stack);
    new DynamoDbToMomento(stack, 'Cached', { table, momento, cacheName: 'weather', cacheItem: KEY, handlerCode: code });
    assert.ok(app.synth());
  });

  test('lets the handler write its log and send to the dead-letter queue, and nothing else', () => {
    const cached = new Cached();
    const { role } = cached.construct.handler;
    assert.ok(role);
    assert.deepEqual(
      cached.statements(role).map(({ Action }) => Action),
      [['logs:CreateLogStream', 'logs:PutLogEvents'], 'sqs:SendMessage'],
    );
  });

  test('uses the keys of the table and of the queue', () => {
    const cached = new Cached((stack) => ({
      table: weather(stack, { encryptionKey: new kms.Key(stack, 'TableKey') }),
      deadLetterQueue: new sqs.Queue(stack, 'Letters', { encryptionMasterKey: new kms.Key(stack, 'QueueKey') }),
    }));
    const { pipeRole, handler } = cached.construct;
    const kmsActions = (role: iam.IRole) =>
      cached
        .statements(role)
        .map(({ Action }) => [Action].flat() as string[])
        .filter(([action]) => action?.startsWith('kms:'));
    assert.deepEqual(kmsActions(pipeRole), [['kms:Decrypt'], ['kms:GenerateDataKey', 'kms:Decrypt']]);
    assert.ok(handler.role);
    assert.deepEqual(kmsActions(handler.role), [['kms:GenerateDataKey', 'kms:Decrypt']]);
  });

  test('takes a table of the newer kind, and one that was imported with its stream', () => {
    const newer = new Cached((stack) => ({
      table: new dynamodb.TableV2(stack, 'Newer', {
        partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
        dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      }),
    }));
    newer.template.resourceCountIs('AWS::Pipes::Pipe', 1);
    const tableStreamArn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/weather/stream/2026-11-22T00:00:00.000';
    const imported = new Cached((stack) => ({
      table: dynamodb.Table.fromTableAttributes(stack, 'Imported', { tableName: 'weather', tableStreamArn }),
    }));
    imported.template.hasResourceProperties('AWS::Pipes::Pipe', { Source: tableStreamArn });
  });

  test('has the metrics of its handler', () => {
    const { construct, stack } = new Cached();
    const metrics = [construct.metricChanges(), construct.metricCommands(), construct.metricDeadLettered()];
    assert.deepEqual(
      metrics.map(({ namespace, metricName, dimensions }) => [
        namespace,
        metricName,
        stack.resolve(dimensions) as unknown,
      ]),
      ['Changes', 'Commands', 'DeadLettered'].map((name) => [
        'MomentoEventBridge',
        name,
        { FunctionName: stack.resolve(construct.handler.functionName) as unknown },
      ]),
    );
  });

  test('grants the consumption of dead letters', () => {
    const cached = new Cached();
    const role = new iam.Role(cached.stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    cached.construct.grantConsumeDeadLetterQueue(role);
    assert.deepEqual(cached.statements(role)[0]?.Resource, cached.arn(cached.construct.deadLetterQueue));
  });
});

describe('DynamoDbToMomento rejects at synth', () => {
  const item = (changes: Partial<typeof KEY> & { value?: string }) => ({ cacheItem: { ...KEY, ...changes } });

  test('a table without a stream, or with one that has no new images', () => {
    refuses((stack) => ({ table: weather(stack, { stream: undefined }) }), /Stack\/Cached: table must have a stream\./);
    const keysOnly = (stack: Stack) => weather(stack, { stream: dynamodb.StreamViewType.KEYS_ONLY });
    refuses((stack) => ({ table: keysOnly(stack) }), /table must have a stream with new images, got KEYS_ONLY/);
    refuses((stack) => ({ table: keysOnly(stack), cacheItem: undefined, topic: { name: 't' } }), /KEYS_ONLY/);
    assert.ok(
      new Cached((stack) => ({
        table: keysOnly(stack),
        cacheItem: undefined,
        topic: { name: 't', includeItem: false },
      })),
    );
  });

  test('a table of another region or account', () => {
    const of = (region: string, account: string) => (stack: Stack) => ({
      table: dynamodb.Table.fromTableAttributes(stack, 'Imported', {
        tableName: 'weather',
        tableStreamArn: `arn:aws:dynamodb:${region}:${account}:table/weather/stream/2026-11-22T00:00:00.000`,
      }),
    });
    refuses(of('us-east-1', '111111111111'), /table must be in the stack's region eu-west-1, got us-east-1/);
    refuses(of('eu-west-1', '222222222222'), /table must be in the stack's account 111111111111, got 222222222222/);
  });

  test('a template that cannot be read, and says what to write', () => {
    for (const text of ['weather-{Location', 'weather-Location}', '{}', '{a{b}}', '{{}', '{a}}']) {
      refuses(item({ key: text }), /cacheItem\.key must have matching braces, got/);
      refuses(item({ value: text }), /cacheItem\.value must have matching braces, got/);
      refuses({ topic: { name: text } }, /topic\.name must have matching braces, got/);
    }
    refuses(item({ key: '' }), /cacheItem\.key must not be empty/);
    refuses(item({ value: '' }), /cacheItem\.value must not be empty/);
    assert.ok(new Cached(item({ key: '{{{Location}}}', value: '{{"max":{MaxTemp}}}' })));
  });

  test('a key that is the same for all items, or made of what a deletion does not tell', () => {
    refuses(item({ key: 'weather' }), /one key for all items/);
    refuses(
      item({ key: 'weather-{City}' }),
      /cacheItem\.key must name attributes of the table's key \(Location\), got City/,
    );
    refuses(
      { topic: { name: '{MaxTemp}' } },
      /topic\.name must name attributes of the table's key \(Location\), got MaxTemp/,
    );
    assert.ok(new Cached({ topic: { name: 'changes' } }));
  });

  test('a key or a topic whose attributes have no separator between them', () => {
    const table = (stack: Stack) =>
      new dynamodb.Table(stack, 'Pairs', {
        partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
        sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
        stream: dynamodb.StreamViewType.NEW_IMAGE,
      });
    for (const text of ['{pk}{sk}', '{pk}and{sk}', '{pk}%{sk}', '#{pk}1{sk}#', '{pk}#{sk}{pk}']) {
      const words = /must have a separator between two attributes, got/;
      refuses((stack) => ({ table: table(stack), ...item({ key: text }) }), words);
      refuses((stack) => ({ table: table(stack), cacheItem: undefined, topic: { name: text } }), words);
    }
    for (const key of ['{pk}#{sk}', '{pk} and {sk}', '{pk}{{{sk}', '1{pk}2']) {
      assert.ok(new Cached((stack) => ({ table: table(stack), ...item({ key }) })));
    }
  });

  test('a mapping that does nothing', () => {
    refuses({ cacheItem: undefined }, /cacheItem or topic must be given, got neither/);
    refuses({ cacheName: '' }, /cacheName must not be empty/);
  });

  test('a lifetime that Momento does not have', () => {
    refuses(item({ ttl: CacheItemTtl.duration(Duration.millis(500)) }), /ttl in seconds must be .*, got 0\.5/);
    refuses(item({ ttl: CacheItemTtl.duration(Duration.seconds(0)) }), /ttl in seconds must be .*, got 0\./);
    refuses(item({ ttl: CacheItemTtl.duration(Duration.hours(25)) }), /ttl in seconds must be .*to 86400, got 90000/);
    refuses(item({ ttl: CacheItemTtl.secondsIn('') }), /ttl must name an attribute/);
  });

  test('commands that would be left alone on the bus', () => {
    const commands = [MomentoCommand.CACHE_SET, MomentoCommand.TOPIC_PUBLISH];
    refuses({}, /cacheItem needs a momento with the command cacheDelete/, { commands });
    refuses({ topic: { name: 't' } }, /topic needs a momento with the command topicPublish/, {
      commands: [MomentoCommand.CACHE_SET, MomentoCommand.CACHE_DELETE],
    });
    refuses({}, /source must be one of the sources of momento \(orders\), got DynamoDbToMomento/, {
      sources: ['orders'],
    });
    assert.ok(new Cached({ source: 'orders' }, { sources: ['orders'] }));
    refuses({ source: 'aws.weather' }, /source must .*, got aws\.weather/);
    refuses({ source: '$.command' }, /source must .*, got \$\.command/);
    refuses({ source: 'x'.repeat(257) }, /source must have 1 to 256 characters/);
    new Cached({ source: 'x'.repeat(256) });
    new Cached((stack) => ({ source: new CfnParameter(stack, 'Source').valueAsString }));
    const anySources = Token.asList({ Ref: 'Sources' });
    new Cached({ source: 'weather' }, { sources: anySources });
    refuses({ source: '' }, /source must .*, got an empty string/);
  });

  test('numbers out of range', () => {
    refuses({ maxRecordAge: Duration.seconds(59) }, /maxRecordAge in seconds must be .*, got 59/);
    refuses({ maxRecordAge: Duration.days(2) }, /maxRecordAge in seconds must be .*, got 172800/);
    refuses({ retryAttempts: -1 }, /retryAttempts must be .*, got -1/);
    refuses({ parallelizationFactor: 11 }, /parallelizationFactor must be .*, got 11/);
    refuses(
      { startingPosition: 'NOW' as unknown as StreamStart },
      /startingPosition must be one of LATEST, TRIM_HORIZON, got NOW/,
    );
    refuses({ filters: [] }, /filters must have 1 to 5 patterns, got 0/);
    const filter = lambda.FilterCriteria.filter({ eventName: lambda.FilterRule.exists() });
    refuses({ filters: [filter, filter, filter, filter, filter, filter] }, /filters must have 1 to 5 patterns, got 6/);
  });

  test('a filter that is longer than Pipes allows', () => {
    const filters = (length: number) => ({ filters: [{ pattern: 'x'.repeat(length) }] });
    assert.ok(new Cached(filters(4096)));
    refuses(filters(4097), /filters must be patterns of at most 4096 characters, got one of 4097/);
  });

  test('a FIFO queue', () => {
    refuses((stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Fifo', { fifo: true }) }), /FIFO/);
  });

  test('what a function has no room for, and says what to shorten', () => {
    refuses(
      item({ value: 'x'.repeat(4000) }),
      /environment variables .* at most 4096 bytes, got .* cacheItem\.value has 4002/,
    );
    refuses({ cacheName: '\u{1f389}'.repeat(1000) }, /environment variables .* cacheName has 4002/);
    assert.ok(new Cached(item({ value: 'x'.repeat(3000) })));
  });

  test('nothing that is known only at deployment', () => {
    const token = Token.asString({ Ref: 'Template' });
    assert.ok(new Cached({ cacheName: token, ...item({ key: token, value: token }), topic: { name: token } }));
  });
});
