import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  CacheItemTtl,
  DynamoDbToMomento,
  type DynamoDbToMomentoProps,
  EventBridgeToMomento,
  type EventBridgeToMomentoProps,
  MomentoCommand,
  StreamStart,
} from '../../../constructs';
import { apiKey, IRELAND } from '../to-momento/to-momento';
import { codeInBucket } from '../from-momento/webhook';

type Props = Partial<DynamoDbToMomentoProps>;
type Properties = Record<string, unknown>;
interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const KEY = { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) };

/** The construct in a stack of its own, with a table of weather. */
class Cached {
  public readonly stack = new Stack(new App(), 'Stack', IRELAND);
  public readonly momento: EventBridgeToMomento;
  public readonly construct: DynamoDbToMomento;

  public constructor(
    props: Props | ((stack: Stack) => Props) = {},
    momentoProps: Partial<EventBridgeToMomentoProps> = {},
  ) {
    const given = typeof props === 'function' ? props(this.stack) : props;
    this.momento = new EventBridgeToMomento(this.stack, 'Out', { apiKey: apiKey(this.stack), ...momentoProps });
    this.construct = new DynamoDbToMomento(this.stack, 'Cached', {
      table: given.table ?? weather(this.stack),
      momento: this.momento,
      cacheName: 'weather',
      cacheItem: KEY,
      handlerCode: codeInBucket(this.stack),
      ...given,
    });
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  public only(type: string): Properties {
    const found = Object.values(this.template.findResources(type)) as { Properties: Properties }[];
    assert.equal(found.length, 1);
    return found[0]?.Properties ?? {};
  }

  public id(construct: { readonly node: { readonly defaultChild?: unknown } }): string {
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  public arn(construct: { readonly node: { readonly defaultChild?: unknown } }): unknown {
    return { 'Fn::GetAtt': [this.id(construct), 'Arn'] };
  }

  public stream(): Properties {
    const { SourceParameters } = this.only('AWS::Pipes::Pipe') as { SourceParameters: Record<string, Properties> };
    return SourceParameters.DynamoDBStreamParameters ?? {};
  }

  public environment(): Properties {
    const functions = this.template.findResources('AWS::Lambda::Function');
    const { Properties } = functions[this.id(this.construct.handler)] as {
      Properties: { Environment: { Variables: Properties } };
    };
    const { DEAD_LETTER_QUEUE_URL, LOG_LEVEL, ...mapping } = Properties.Environment.Variables;
    assert.ok(DEAD_LETTER_QUEUE_URL);
    assert.equal(LOG_LEVEL, 'info');
    return mapping;
  }

  public statements(role: iam.IRole): Statement[] {
    const policies = Object.values(
      this.template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: this.id(role) }] } }),
    ) as { Properties: { PolicyDocument: { Statement: Statement[] } } }[];
    return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  }
}

function weather(stack: Stack, props: Partial<dynamodb.TableProps> = {}): dynamodb.Table {
  return new dynamodb.Table(stack, 'Weather', {
    partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    ...props,
  });
}

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
    assert.deepEqual(new Cached().environment(), { ...item, TTL_SECONDS: '3600' });
    assert.deepEqual(
      new Cached({
        cacheItem: { key: '{Location}', value: '{Min} to {Max}', ttl: CacheItemTtl.secondsIn('Seconds') },
        topic: { name: 'weather-{Location}', includeItem: false },
      }).environment(),
      {
        CACHE_NAME: 'weather',
        KEY_TEMPLATE: '{Location}',
        VALUE_TEMPLATE: '{Min} to {Max}',
        TTL_ATTRIBUTE: 'Seconds',
        TOPIC_TEMPLATE: 'weather-{Location}',
        MESSAGE_HAS_ITEM: 'false',
      },
    );
    assert.deepEqual(new Cached({ cacheItem: { ...KEY, ttl: CacheItemTtl.expiryIn('TTL') } }).environment(), {
      ...item,
      EXPIRY_ATTRIBUTE: 'TTL',
    });
    assert.deepEqual(new Cached({ cacheItem: undefined, topic: { name: 'changes' } }).environment(), {
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
        Condition: { StringEquals: { 'events:detail-type': ['cacheSet', 'cacheDelete', 'topicPublish'] } },
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

  test('watches its dead letters and its pipe', () => {
    const cached = new Cached((stack) => ({ alarmActions: [new SnsAction(new Topic(stack, 'Alerts'))] }));
    const { pipe, deadLetterQueue } = cached.construct;
    cached.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/EventBridge/Pipes',
      MetricName: 'ExecutionFailed',
      Dimensions: [{ Name: 'PipeName', Value: { Ref: cached.stack.resolve(pipe.logicalId) as string } }],
      Threshold: 1,
      AlarmActions: [Match.anyValue()],
    });
    cached.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [cached.id(deadLetterQueue), 'QueueName'] } }],
      AlarmActions: [Match.anyValue()],
    });
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

  test('lets somebody consume the dead letters', () => {
    const cached = new Cached();
    const role = new iam.Role(cached.stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    cached.construct.grantConsumeDeadLetters(role);
    assert.deepEqual(cached.statements(role)[0]?.Resource, cached.arn(cached.construct.deadLetterQueue));
  });
});

describe('DynamoDbToMomento refuses at synth', () => {
  const item = (changes: Partial<typeof KEY> & { value?: string }) => ({ cacheItem: { ...KEY, ...changes } });

  test('a table without a stream, or with one that has no new images', () => {
    refuses((stack) => ({ table: weather(stack, { stream: undefined }) }), /Stack\/Cached: table has no stream/);
    const keysOnly = (stack: Stack) => weather(stack, { stream: dynamodb.StreamViewType.KEYS_ONLY });
    refuses((stack) => ({ table: keysOnly(stack) }), /KEYS_ONLY, without new images/);
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
    refuses(of('us-east-1', '111111111111'), /table is in us-east-1, but this construct in eu-west-1/);
    refuses(of('eu-west-1', '222222222222'), /table is in account 222222222222/);
  });

  test('a template that cannot be read, and says what to write', () => {
    for (const text of ['weather-{Location', 'weather-Location}', '{}', '{a{b}}', '{{}', '{a}}']) {
      refuses(item({ key: text }), /cacheItem\.key is .*in which a brace has no counterpart/);
      refuses(item({ value: text }), /cacheItem\.value is .*in which a brace has no counterpart/);
      refuses({ topic: { name: text } }, /topic\.name is .*in which a brace has no counterpart/);
    }
    refuses(item({ key: '' }), /cacheItem\.key is empty/);
    refuses(item({ value: '' }), /cacheItem\.value is empty/);
    assert.ok(new Cached(item({ key: '{{{Location}}}', value: '{{"max":{MaxTemp}}}' })));
  });

  test('a key that is the same for all items, or made of what a deletion does not tell', () => {
    refuses(item({ key: 'weather' }), /one key for all items/);
    refuses(item({ key: 'weather-{City}' }), /cacheItem\.key names City, which is not in the table's key \(Location\)/);
    refuses({ topic: { name: '{MaxTemp}' } }, /topic\.name names MaxTemp, which is not in the table's key/);
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
      const words = /is .*, in which two attributes have no separator between them/;
      refuses((stack) => ({ table: table(stack), ...item({ key: text }) }), words);
      refuses((stack) => ({ table: table(stack), cacheItem: undefined, topic: { name: text } }), words);
    }
    for (const key of ['{pk}#{sk}', '{pk} and {sk}', '{pk}{{{sk}', '1{pk}2']) {
      assert.ok(new Cached((stack) => ({ table: table(stack), ...item({ key }) })));
    }
  });

  test('a mapping that does nothing', () => {
    refuses({ cacheItem: undefined }, /neither cacheItem nor topic is given/);
    refuses({ cacheName: '' }, /cacheName is empty/);
  });

  test('a lifetime that Momento does not have', () => {
    refuses(item({ ttl: CacheItemTtl.duration(Duration.millis(500)) }), /ttl in seconds is 0.5/);
    refuses(item({ ttl: CacheItemTtl.duration(Duration.seconds(0)) }), /ttl in seconds is 0/);
    refuses(item({ ttl: CacheItemTtl.duration(Duration.hours(25)) }), /ttl in seconds is 90000.*to 86400/);
    refuses(item({ ttl: CacheItemTtl.secondsIn('') }), /ttl names no attribute/);
  });

  test('commands that would be left alone on the bus', () => {
    const commands = [MomentoCommand.CACHE_SET, MomentoCommand.TOPIC_PUBLISH];
    refuses({}, /cacheItem needs the command cacheDelete/, { commands });
    refuses({ topic: { name: 't' } }, /topic needs the command topicPublish/, {
      commands: [MomentoCommand.CACHE_SET, MomentoCommand.CACHE_DELETE],
    });
    refuses({}, /source is DynamoDbToMomento, and momento takes commands from orders only/, { sources: ['orders'] });
    assert.ok(new Cached({ source: 'orders' }, { sources: ['orders'] }));
    refuses({ source: 'aws.weather' }, /source is aws\.weather/);
    refuses({ source: '' }, /source is empty/);
  });

  test('numbers out of range', () => {
    refuses({ maxRecordAge: Duration.seconds(59) }, /maxRecordAge in seconds is 59/);
    refuses({ maxRecordAge: Duration.days(2) }, /maxRecordAge in seconds is 172800/);
    refuses({ retryAttempts: -1 }, /retryAttempts is -1/);
    refuses({ parallelizationFactor: 11 }, /parallelizationFactor is 11/);
    refuses({ startingPosition: 'NOW' as unknown as StreamStart }, /startingPosition is NOW/);
    refuses({ filters: [] }, /filters has 0 patterns/);
    const filter = lambda.FilterCriteria.filter({ eventName: lambda.FilterRule.exists() });
    refuses({ filters: [filter, filter, filter, filter, filter, filter] }, /filters has 6 patterns/);
  });

  test('a FIFO queue', () => {
    refuses((stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Fifo', { fifo: true }) }), /FIFO/);
  });

  test('nothing that is known only at deployment', () => {
    const token = Token.asString({ Ref: 'Template' });
    assert.ok(new Cached({ cacheName: token, ...item({ key: token, value: token }), topic: { name: token } }));
  });
});
