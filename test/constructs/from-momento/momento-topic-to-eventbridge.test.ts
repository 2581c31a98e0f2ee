import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type App, Duration, Fn, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { MomentoEndpoint } from '../../../constructs/common/momento-endpoint';
import type { MomentoToEventBridge } from '../../../constructs/from-momento/momento-to-eventbridge';
import {
  MomentoTopicToEventBridge,
  type OnMissedMessagesOptions,
} from '../../../constructs/from-momento/momento-topic-to-eventbridge';
import {
  type MomentoTopic,
  SubscriptionStart,
} from '../../../constructs/from-momento/momento-topic-to-eventbridge-props';
import { LogLevel } from '../../../constructs/handlers/log-level';
import { IRELAND } from '../in-stack';
import { type Props, ROOM, Topics } from './topics';
import { allow, Webhook } from './webhook';

const DEFAULT_BUS_ARN = {
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:111111111111:event-bus/default']],
};
const API_KEY_ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf';
const ofBothSources = { Condition: { StringEquals: { 'events:source': ['Momento', 'Momento.Subscription'] } } };

const environment = (topics: Topics) => topics.environment(topics.construct.handler);

interface Target {
  readonly Arn: unknown;
  readonly Input: unknown;
  readonly RetryPolicy: unknown;
  readonly RoleArn: unknown;
}

const target = (topics: Topics) => topics.only('AWS::Scheduler::Schedule').Target as Target;
const input = (topics: Topics) => JSON.parse(target(topics).Input as string) as unknown;

function many(count: number, length = 0): MomentoTopic[] {
  return Array.from({ length: count }, (_, i) => ({
    cacheName: 'c'.repeat(length || 1),
    topicName: `t${i.toString()}`,
  }));
}

describe('the subscribe handler', () => {
  test('runs with 128 MiB for 15 minutes on arm64, and logs to its log group', () => {
    const topics = new Topics();
    const { handler, logGroup } = topics.construct;
    const { Architectures, Code, MemorySize, Timeout, LoggingConfig, ReservedConcurrentExecutions } =
      topics.properties(handler);
    assert.deepEqual(
      { Architectures, Code, MemorySize, Timeout, LoggingConfig, ReservedConcurrentExecutions },
      {
        Architectures: ['arm64'],
        Code: { S3Bucket: 'code-bucket', S3Key: 'subscribe.zip', S3ObjectVersion: 'version' },
        MemorySize: 128,
        Timeout: 900,
        LoggingConfig: { LogGroup: { Ref: topics.id(logGroup) } },
        ReservedConcurrentExecutions: undefined,
      },
    );
  });

  test('is not run again by Lambda when it fails or waits: the schedule invokes it a minute later', () => {
    const topics = new Topics();
    assert.deepEqual(topics.only('AWS::Lambda::EventInvokeConfig'), {
      FunctionName: { Ref: topics.id(topics.construct.handler) },
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
      Qualifier: '$LATEST',
    });
  });

  test('finds the bus, the queue, the endpoint, the API key and the table in its environment', () => {
    const topics = new Topics();
    const { fallbackQueue, checkpointTable } = topics.construct;
    assert.deepEqual(environment(topics), {
      EVENT_BUS_NAME: DEFAULT_BUS_ARN,
      FALLBACK_QUEUE_URL: { Ref: topics.id(fallbackQueue) },
      MOMENTO_ENDPOINT: 'https://cache.cell-1-eu-west-1-1.prod.a.momentohq.com',
      MOMENTO_API_KEY_SECRET_ID: API_KEY_ARN,
      CHECKPOINT_TABLE_NAME: { Ref: topics.id(checkpointTable) },
      LOG_LEVEL: 'info',
    });
  });

  test('takes its settings from the props', () => {
    const topics = new Topics({
      apiKeyField: 'apiKey',
      architecture: lambda.Architecture.X86_64,
      endpoint: MomentoEndpoint.custom('https://momento.example:8443/'),
      logLevel: LogLevel.WARN,
      memorySize: 256,
    });
    const { MOMENTO_API_KEY_FIELD, MOMENTO_ENDPOINT, LOG_LEVEL } = environment(topics);
    assert.deepEqual(
      [MOMENTO_API_KEY_FIELD, MOMENTO_ENDPOINT, LOG_LEVEL],
      ['apiKey', 'https://momento.example:8443', 'warn'],
    );
    const { Architectures, MemorySize } = topics.properties(topics.construct.handler);
    assert.deepEqual([Architectures, MemorySize], [['x86_64'], 256]);
  });

  test('has the same environment whatever the number of topics, so that it fits into 4 KB', () => {
    assert.deepEqual(environment(new Topics({ topics: many(100, 200) })), environment(new Topics()));
  });

  test('may make the calls that it makes, each on the one resource, and nothing else', () => {
    const topics = new Topics((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { eventBus, fallbackQueue, checkpointTable, handler, logGroup } = topics.construct;
    assert.deepEqual(topics.allowed(handler), [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], topics.arn(logGroup)),
      { ...allow('events:PutEvents', topics.arn(eventBus)), ...ofBothSources },
      allow('secretsmanager:GetSecretValue', API_KEY_ARN),
      allow('sqs:SendMessage', topics.arn(fallbackQueue)),
      allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], topics.arn(checkpointTable)),
    ]);
  });

  test('may use the key of a table that is encrypted with a key of its own', () => {
    const topics = new Topics((stack) => ({
      checkpointTable: new dynamodb.Table(stack, 'Table', {
        partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
        encryptionKey: new kms.Key(stack, 'TableKey'),
      }),
    }));
    const { checkpointTable, handler } = topics.construct;
    assert.deepEqual(topics.allowed(handler).slice(-2), [
      allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], topics.arn(checkpointTable)),
      {
        ...allow(
          ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
          topics.arn(checkpointTable.encryptionKey as kms.Key),
        ),
        Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } },
      },
    ]);
  });
});

describe('the redrive handler', () => {
  test('may put messages and gaps on the bus, which are both parked', () => {
    const topics = new Topics((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { eventBus, redriveHandler, fallbackQueue } = topics.construct;
    const [, putEvents] = topics.allowed(redriveHandler);
    assert.deepEqual(putEvents, { ...allow('events:PutEvents', topics.arn(eventBus)), ...ofBothSources });
    assert.deepEqual(topics.environment(redriveHandler).FALLBACK_QUEUE_URL, { Ref: topics.id(fallbackQueue) });
  });
});

describe('the schedule', () => {
  test('invokes the handler once a minute, and does not repeat an invocation', () => {
    const topics = new Topics();
    const { handler, scheduleRole } = topics.construct;
    const { ScheduleExpression, State, FlexibleTimeWindow } = topics.only('AWS::Scheduler::Schedule');
    assert.deepEqual(
      { ScheduleExpression, State, FlexibleTimeWindow },
      { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED', FlexibleTimeWindow: { Mode: 'OFF' } },
    );
    const { Arn, RoleArn, RetryPolicy } = target(topics);
    assert.deepEqual([Arn, RoleArn], [topics.arn(handler), topics.arn(scheduleRole)]);
    assert.deepEqual(RetryPolicy, { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
  });

  test('passes on the topics, and where to start', () => {
    const topics = [ROOM, { cacheName: 'chat', topicName: 'a "quoted" name' }];
    assert.deepEqual(input(new Topics({ topics })), {
      topics: [
        { cache: 'chat', topic: 'room-281' },
        { cache: 'chat', topic: 'a "quoted" name' },
      ],
      startAt: 'NEWEST',
    });
    const { startAt } = input(new Topics({ startAt: SubscriptionStart.AVAILABLE })) as { startAt: string };
    assert.equal(startAt, 'AVAILABLE');
  });

  test('passes on names that are known only at deployment', () => {
    const topics = new Topics({ topics: [{ cacheName: Fn.importValue('cache'), topicName: 'room-281' }] });
    assert.deepEqual(target(topics).Input, {
      'Fn::Join': [
        '',
        ['{"topics":[{"cache":"', { 'Fn::ImportValue': 'cache' }, '","topic":"room-281"}],"startAt":"NEWEST"}'],
      ],
    });
  });

  test('has a role that schedules of this account may assume, and that may invoke the handler and nothing else', () => {
    const topics = new Topics();
    const { handler, scheduleRole } = topics.construct;
    assert.deepEqual(topics.statements(scheduleRole), [allow('lambda:InvokeFunction', topics.arn(handler))]);
    assert.deepEqual(topics.properties(scheduleRole).AssumeRolePolicyDocument, {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
          Effect: 'Allow',
          Principal: { Service: 'scheduler.amazonaws.com' },
        },
      ],
      Version: '2012-10-17',
    });
  });

  test('is created after the policy of its role, so that the first invocation does not fail', () => {
    const { template } = new Topics();
    const [schedule] = Object.values(template.findResources('AWS::Scheduler::Schedule')) as { DependsOn: string[] }[];
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) =>
      id.includes('ScheduleRole'),
    );
    assert.ok(schedule?.DependsOn.includes(policy ?? ''));
  });
});

describe('the schedule and the rules', () => {
  const dependencies = (topics: Topics) =>
    (Object.values(topics.template.findResources('AWS::Scheduler::Schedule'))[0] as { DependsOn: string[] }).DependsOn;

  test('are made in this order: no topic is subscribed to before the rules for its messages exist', () => {
    const topics = new Topics();
    const rules = [topics.construct.onMessage('Chat', ROOM), topics.construct.onMissedMessages('Gaps')];
    for (const rule of rules) assert.ok(dependencies(topics).includes(topics.id(rule)));
  });

  test('do not wait for each other across stacks', () => {
    const topics = new Topics();
    const app = topics.stack.node.root as unknown as App;
    const crossStackScope = new Stack(app, 'Other', IRELAND);
    topics.construct.onMessage('Chat', { ...ROOM, crossStackScope });
    assert.deepEqual(topics.stack.dependencies, []);
    assert.ok(dependencies(topics).length > 0);
  });
});

describe('the table', () => {
  test('has no capacity to plan, and a key alone', () => {
    assert.deepEqual(new Topics().only('AWS::DynamoDB::Table'), {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
  });

  test('that is given is used, and none is created', () => {
    const topics = new Topics((stack) => ({ checkpointTable: dynamodb.Table.fromTableName(stack, 'Given', 'mine') }));
    topics.template.resourceCountIs('AWS::DynamoDB::Table', 0);
    assert.equal(environment(topics).CHECKPOINT_TABLE_NAME, 'mine');
  });
});

describe('the endpoint', () => {
  test('is looked up at deployment when the stack does not know its region', () => {
    const topics = new Topics({}, { env: { account: '111111111111' } });
    const [[mapping] = []] = Object.entries(topics.template.findMappings('*'));
    const cell = { 'Fn::FindInMap': [mapping, { Ref: 'AWS::Region' }, 'cell'] };
    assert.deepEqual(environment(topics).MOMENTO_ENDPOINT, {
      'Fn::Join': ['', ['https://cache.', cell, '.prod.a.momentohq.com']],
    });
  });
});

describe('onMissedMessages', () => {
  const onMissedMessages = (options?: OnMissedMessagesOptions) => {
    const topics = new Topics();
    topics.construct.onMissedMessages('Missed', options);
    return topics.only('AWS::Events::Rule').EventPattern;
  };

  test('makes a rule for every gap', () => {
    assert.deepEqual(onMissedMessages(), {
      source: ['Momento.Subscription'],
      'detail-type': ['Topic Messages Missed'],
    });
  });

  test('makes a rule for the gaps of one topic, and of those some', () => {
    assert.deepEqual(onMissedMessages({ ...ROOM, eventPattern: { detail: { missed: [{ numeric: ['>', 10] }] } } }), {
      source: ['Momento.Subscription'],
      'detail-type': ['Topic Messages Missed'],
      detail: { cache: ['chat'], topic: ['room-281'], missed: [{ numeric: ['>', 10] }] },
    });
  });

  test('has the pattern of the static method', () => {
    const { source, detailType, detail } = MomentoTopicToEventBridge.missedMessagesPattern(ROOM);
    assert.deepEqual(onMissedMessages(ROOM), { source, 'detail-type': detailType, detail });
  });

  test('refuses a pattern of the caller that would widen the choice', () => {
    assert.throws(() => onMissedMessages({ eventPattern: { source: ['Momento'] } }), {
      message:
        'eventPattern must not set source, which onMissedMessages sets: the rule would accept the values of either. Leave ' +
        'it out of eventPattern, or create a Rule of your own with missedMessagesPattern().',
    });
  });
});

describe('what works with either source', () => {
  const sources: Record<string, () => Topics | Webhook> = {
    MomentoTopicToEventBridge: () => new Topics(),
    MomentoWebhookToEventBridge: () => new Webhook(),
  };
  for (const [name, make] of Object.entries(sources)) {
    test(`makes the same rule: ${name}`, () => {
      const made = make();
      const source: MomentoToEventBridge = made.construct;
      source.onMessage('Chat', ROOM);
      assert.deepEqual(made.only('AWS::Events::Rule'), {
        EventBusName: 'default',
        EventPattern: {
          source: ['Momento'],
          'detail-type': ['chat#room-281'],
          detail: { cache: ['chat'], topic: ['room-281'] },
        },
        State: 'ENABLED',
      });
    });
  }

  test('has the same pattern and detail-type', () => {
    assert.deepEqual(MomentoTopicToEventBridge.pattern(ROOM).detailType, ['chat#room-281']);
    assert.equal(MomentoTopicToEventBridge.detailType('chat', 'room-281'), 'chat#room-281');
  });
});

describe('invalid props are rejected', () => {
  test('a name that EventBridge Scheduler would replace, as part of the input', () => {
    for (const topic of [
      { cacheName: 'chat', topicName: 'a<aws.scheduler.execution-id>' },
      { cacheName: '<aws.scheduler.attempt-number>', topicName: 'a' },
    ]) {
      assert.throws(
        () => new Topics({ topics: [topic] }),
        /topics must not have a name with <aws\.scheduler\., which EventBridge Scheduler replaces, got /,
      );
    }
    assert.ok(new Topics({ topics: [{ cacheName: 'chat<aws', topicName: '.scheduler.' }] }));
  });

  const region = "must be in the stack's region eu-west-1, got us-east-1.";
  const tableOf = (stack: Stack, arn: string) => ({
    checkpointTable: dynamodb.Table.fromTableArn(stack, 'Given', arn),
  });
  const refusals: [mistake: string, props: Props, sentence: string][] = [
    [
      'no topics',
      { topics: [] },
      'topics must have 1 to 100 topics, got 0. Pass more to another MomentoTopicToEventBridge.',
    ],
    [
      'too many topics',
      { topics: many(101) },
      'topics must have 1 to 100 topics, got 101. Pass more to another MomentoTopicToEventBridge.',
    ],
    [
      'a topic twice',
      { topics: [ROOM, { cacheName: 'chat', topicName: 'other' }, { ...ROOM }] },
      'topics must have each topic once, got chat#room-281 twice. Leave one out.',
    ],
    [
      'a cache without a name',
      { topics: [{ cacheName: '', topicName: 'room-281' }] },
      'topics must not have an empty cacheName or topicName. Pass the names of a cache and a topic.',
    ],
    [
      'a topic without a name',
      { topics: [{ cacheName: 'chat', topicName: '' }] },
      'topics must not have an empty cacheName or topicName. Pass the names of a cache and a topic.',
    ],
    [
      'more than a schedule can pass on',
      { topics: many(100, 3000) },
      'topics must be at most 262144 bytes as JSON, got 302721. Pass fewer topics, and the others to another ' +
        'MomentoTopicToEventBridge.',
    ],
    ['an unknown start', { startAt: 'YESTERDAY' as never }, 'startAt must be one of NEWEST, AVAILABLE, got YESTERDAY.'],
    [
      'an empty field',
      { apiKeyField: '' },
      'apiKeyField must not be empty. Leave it out if the whole secret is the key.',
    ],
    [
      'an API key of another region',
      (stack) => ({
        apiKey: secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'Given',
          API_KEY_ARN.replace('eu-west-1', 'us-east-1'),
        ),
      }),
      `apiKey ${region} Pass a secret in that region, or a replica of the secret there.`,
    ],
    [
      'a table of another region',
      (stack) => tableOf(stack, 'arn:aws:dynamodb:us-east-1:111111111111:table/mine'),
      `checkpointTable ${region} Pass a table in that region.`,
    ],
    [
      'a table of another account',
      (stack) => tableOf(stack, 'arn:aws:dynamodb:eu-west-1:222222222222:table/mine'),
      "checkpointTable must be in the stack's account 111111111111, got 222222222222. Pass a table in that account.",
    ],
    [
      'a bus of another region',
      (stack) => ({
        eventBus: events.EventBus.fromEventBusArn(stack, 'Given', 'arn:aws:events:us-east-1:111111111111:event-bus/x'),
      }),
      `eventBus ${region} Pass a bus there, and forward events from it with a rule whose target is the other bus.`,
    ],
    [
      'one queue for both',
      (stack) => {
        const queue = new sqs.Queue(stack, 'Given');
        return { fallbackQueue: queue, deadLetterQueue: queue };
      },
      'deadLetterQueue must not be the fallbackQueue: its messages would be retried forever. Pass another queue.',
    ],
    [
      'an endpoint with a path',
      { endpoint: MomentoEndpoint.custom('https://momento.example/a') },
      "endpoint must have no path, got https://momento.example/a: Momento's gRPC API has none. Pass https:// and a host.",
    ],
    [
      'a patience under a minute',
      { redrivePatience: Duration.seconds(59) },
      'redrivePatience must be a whole number of milliseconds from 60000 to 864000000 (10 days), got 59000 ms.',
    ],
  ];
  for (const [mistake, props, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(() => new Topics(props), { message: `Stack/In: ${sentence}` });
    });
  }

  test('a region without a cell, with those that have one', () => {
    assert.throws(() => new Topics({}, { env: { account: '111111111111', region: 'eu-west-3' } }), {
      message: /^Stack\/In: endpoint must be in a region with a Momento cell \(.*\), got eu-west-3\./,
    });
  });

  test('but not topics that differ in the cache alone, or in where a # stands', () => {
    const topics = [
      { cacheName: 'a', topicName: 'b#c' },
      { cacheName: 'a#b', topicName: 'c' },
      { cacheName: 'a', topicName: 'c' },
      { cacheName: 'b', topicName: 'c' },
    ];
    assert.deepEqual(new Topics({ topics }).construct.topics, topics);
  });

  test('but not the most topics there may be', () => {
    assert.equal(new Topics({ topics: many(100) }).construct.topics.length, 100);
  });
});

describe('metrics', () => {
  const { stack, construct } = new Topics();
  const { handler, redriveHandler } = construct;
  const metrics: [metric: cloudwatch.Metric, name: string, statistic: string, by?: lambda.Function][] = [
    [construct.metricAccepted(), 'Accepted', 'Sum'],
    [construct.metricDuplicate(), 'Duplicate', 'Sum'],
    [construct.metricParked(), 'Parked', 'Sum'],
    [construct.metricPublishTime(), 'PublishTime', 'p99'],
    [construct.metricMessagesMissed(), 'MessagesMissed', 'Sum'],
    [construct.metricGaps(), 'Gaps', 'Sum'],
    [construct.metricSubscriptionRefused(), 'SubscriptionRefused', 'Sum'],
    [construct.metricSubscriptionSilent(), 'SubscriptionSilent', 'Sum'],
    [construct.metricApiKeyRefused(), 'ApiKeyRefused', 'Sum'],
    [construct.metricReconnected(), 'Reconnected', 'Sum'],
    [construct.metricHandOver(), 'HandOver', 'Sum'],
    [construct.metricHeartbeat(), 'Heartbeat', 'Sum'],
    [construct.metricSubscriptionsHeld(), 'SubscriptionsHeld', 'Minimum'],
    [construct.metricSubscriptionsNotHeld(), 'SubscriptionsNotHeld', 'Maximum'],
    [construct.metricRedriven(), 'Redriven', 'Sum', redriveHandler],
    [construct.metricPostponed(), 'Postponed', 'Sum', redriveHandler],
    [construct.metricDeadLettered(), 'DeadLettered', 'Sum', redriveHandler],
  ];
  for (const [metric, name, statistic, by = handler] of metrics) {
    test(`${name} is that of the handler that writes it, in its namespace`, () => {
      assert.deepEqual(
        [metric.namespace, metric.metricName, metric.statistic],
        ['MomentoEventBridge', name, statistic],
      );
      assert.deepEqual(stack.resolve(metric.dimensions), stack.resolve({ FunctionName: by.functionName }));
    });
  }

  const ofTopic = [
    construct.metricGaps({ topic: ROOM }),
    construct.metricSubscriptionRefused({ topic: ROOM }),
    construct.metricSubscriptionSilent({ topic: ROOM }),
  ];
  for (const metric of ofTopic) {
    test(`${metric.metricName} can be read for one topic`, () => {
      assert.deepEqual(
        stack.resolve(metric.dimensions),
        stack.resolve({ FunctionName: handler.functionName, Topic: 'chat#room-281' }),
      );
    });
  }

  for (const topicName of ['ルーム', 'room\n281', 'r'.repeat(251)]) {
    test(`are rejected for one topic that CloudWatch cannot name: ${JSON.stringify(topicName.slice(0, 10))}`, () => {
      const topic = { cacheName: 'chat', topicName };
      const unnamed = new Topics({ topics: [topic] }).construct;
      unnamed.metricGaps();
      assert.throws(() => unnamed.metricGaps({ topic }), /needs a cacheName and a topicName of printable ASCII/);
    });
  }

  test('can be read for the longest name that CloudWatch takes', () => {
    const topic = { cacheName: 'chat', topicName: 'r'.repeat(250) };
    const { dimensions } = new Topics({ topics: [topic] }).construct.metricGaps({ topic });
    assert.equal((dimensions as { readonly Topic: string }).Topic.length, 255);
  });
});
