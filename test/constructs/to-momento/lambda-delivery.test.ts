import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery } from '../../../constructs/to-momento/delivery';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import type { LambdaDeliveryOptions } from '../../../constructs/to-momento/lambda-delivery-options';
import { LogLevel } from '../../../constructs/handlers/log-level';
import { MomentoCommand } from '../../../constructs/common/momento-command';
import { MomentoEndpoint } from '../../../constructs/to-momento/momento-endpoint';
import { ToMomento } from './to-momento';
import { allow, codeInBucket } from '../from-momento/webhook';

type Props = Partial<EventBridgeToMomentoProps>;
type Options = LambdaDeliveryOptions | ((stack: Stack) => LambdaDeliveryOptions);

const RULES = ['CacheSetRule', 'CacheDeleteRule', 'TopicPublishRule'];
const EVENTS = { Service: 'events.amazonaws.com' };
const API_KEY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf';

function byLambda(options: Options = {}, props: Props | ((stack: Stack) => Props) = {}): ToMomento {
  return new ToMomento((stack) => ({
    delivery: Delivery.lambda({
      handlerCode: codeInBucket(stack),
      ...(typeof options === 'function' ? options(stack) : options),
    }),
    ...(typeof props === 'function' ? props(stack) : props),
  }));
}

const queue = (stack: Stack, name: string, id = name) =>
  sqs.Queue.fromQueueArn(stack, id, `arn:aws:sqs:eu-west-1:111111111111:${name}`);

describe('by Lambda a rule', () => {
  const toMomento = byLambda({}, { sources: ['orders'] });
  const { construct } = toMomento;

  test('is there for each command, and takes whatever has its detail-type to the queue of commands', () => {
    const rules = construct.deliveryRules.map(({ node }) => node.id);
    assert.deepEqual([rules, construct.refusalRules], [RULES, []]);
    toMomento.template.resourceCountIs('AWS::Events::Rule', 3);
    const patterns = RULES.map((id) => toMomento.rule(id).EventPattern);
    assert.deepEqual(
      patterns,
      ['cacheSet', 'cacheDelete', 'topicPublish'].map((command) => ({ source: ['orders'], 'detail-type': [command] })),
    );
  });

  test('sends the whole event, tries it as long as the function may, and then makes it a dead letter', () => {
    for (const id of RULES) {
      assert.deepEqual(toMomento.rule(id).Targets, [
        {
          Id: 'Target0',
          Arn: toMomento.arn(construct.commandQueue),
          RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: toMomento.arn(construct.deadLetterQueue) },
        },
      ]);
    }
  });

  test('tries to reach the queue even where the function is to try but once', () => {
    const rule = byLambda({}, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }).rule('TopicPublishRule');
    assert.deepEqual(rule.Targets[0].RetryPolicy, { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 185 });
  });

  test('is there only for the commands that are wanted', () => {
    const { deliveryRules } = byLambda({}, { commands: [MomentoCommand.CACHE_DELETE] }).construct;
    assert.deepEqual(
      deliveryRules.map(({ node }) => node.id),
      ['CacheDeleteRule'],
    );
  });

  test('needs neither connection nor API destination nor role', () => {
    toMomento.template.resourceCountIs('AWS::Events::Connection', 0);
    toMomento.template.resourceCountIs('AWS::Events::ApiDestination', 0);
    assert.deepEqual(
      [construct.connection, construct.deliveryRole, construct.apiDestinations],
      [undefined, undefined, {}],
    );
  });
});

describe('the queue of commands', () => {
  test('keeps them encrypted for 14 days, hides one for 3 minutes, and gives up after 1000 receipts', () => {
    const toMomento = byLambda();
    const { commandQueue, deadLetterQueue } = toMomento.construct;
    assert.deepEqual(toMomento.properties(commandQueue), {
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { deadLetterTargetArn: toMomento.arn(deadLetterQueue), maxReceiveCount: 1000 },
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 180,
    });
  });

  test('and the dead-letter queue take messages from the three rules over TLS, and from nobody else', () => {
    const toMomento = byLambda();
    const { commandQueue, deadLetterQueue, deliveryRules } = toMomento.construct;
    for (const one of [commandQueue, deadLetterQueue]) {
      assert.deepEqual(toMomento.queuePolicy(one), [
        {
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Resource: toMomento.arn(one),
        },
        {
          Action: 'sqs:SendMessage',
          Condition: { ArnEquals: { 'aws:SourceArn': deliveryRules.map((rule) => toMomento.arn(rule)) } },
          Effect: 'Allow',
          Principal: EVENTS,
          Resource: toMomento.arn(one),
        },
      ]);
    }
  });

  test('can be given, with a key that EventBridge and the function then may use', () => {
    const toMomento = byLambda((stack) => ({
      commandQueue: new sqs.Queue(stack, 'Given', { encryptionMasterKey: new kms.Key(stack, 'Key') }),
    }));
    const { commandQueue, deliverHandler } = toMomento.construct;
    toMomento.template.resourceCountIs('AWS::SQS::Queue', 2);
    toMomento.template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          { Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Effect: 'Allow', Principal: EVENTS, Resource: '*' },
        ]),
      },
    });
    const allowed = toMomento.allowed(deliverHandler);
    assert.deepEqual(
      allowed.filter(({ Action }) => Action === 'kms:Decrypt'),
      [allow('kms:Decrypt', toMomento.arn(commandQueue?.encryptionMasterKey))],
    );
  });

  test('that is imported keeps its policy, and somebody is told', () => {
    const toMomento = byLambda((stack) => ({ commandQueue: queue(stack, 'commands') }));
    Annotations.fromStack(toMomento.stack).hasWarning(
      '/Stack/commands',
      Match.stringLikeRegexp('The policy of an imported queue cannot be amended\\. .* or commands are dead letters'),
    );
  });
});

describe('the function that delivers', () => {
  test('runs the handler deliver', () => {
    const toMomento = byLambda();
    const { Runtime, Handler, Architectures, MemorySize, Timeout, Code } = toMomento.properties(
      toMomento.construct.deliverHandler,
    );
    assert.deepEqual(
      { Runtime, Handler, Architectures, MemorySize, Timeout },
      { Runtime: 'provided.al2023', Handler: 'bootstrap', Architectures: ['arm64'], MemorySize: 128, Timeout: 30 },
    );
    assert.deepEqual(Code, { S3Bucket: 'code-bucket', S3Key: 'deliver.zip', S3ObjectVersion: 'version' });
  });

  test('is told where Momento is, which secret holds the key, its queues, and half of each limit', () => {
    const toMomento = byLambda();
    const { commandQueue, deadLetterQueue, deliverHandler, eventBus } = toMomento.construct;
    assert.deepEqual(toMomento.environment(deliverHandler), {
      EVENT_BUS_NAME: toMomento.stack.resolve(eventBus.eventBusArn) as unknown,
      MOMENTO_ENDPOINT: 'https://api.cache.cell-1-eu-west-1-1.prod.a.momentohq.com',
      MOMENTO_API_KEY_SECRET_ID: API_KEY,
      COMMAND_QUEUE_URL: { Ref: toMomento.id(commandQueue) },
      DEAD_LETTER_QUEUE_URL: { Ref: toMomento.id(deadLetterQueue) },
      MAX_EVENT_AGE_MS: '3600000',
      RETRY_ATTEMPTS: '185',
      MAX_CONCURRENT_CALLS: '10',
      CACHE_SET_PER_SECOND: '50',
      CACHE_DELETE_PER_SECOND: '50',
      TOPIC_PUBLISH_PER_SECOND: '5',
      LOG_LEVEL: 'info',
    });
  });

  test('is told what the props say', () => {
    const options = { maxConcurrency: 4, maxConcurrentCalls: 1, logLevel: LogLevel.ERROR };
    const toMomento = byLambda(options, {
      apiKeyField: 'momento',
      endpoint: MomentoEndpoint.custom('https://momento.example/'),
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
      rateLimits: { cacheSet: 250, topicPublish: 1 },
    });
    const { deliverHandler } = toMomento.construct;
    const { COMMAND_QUEUE_URL, DEAD_LETTER_QUEUE_URL, EVENT_BUS_NAME, ...settings } =
      toMomento.environment(deliverHandler);
    assert.ok(EVENT_BUS_NAME);
    assert.ok(COMMAND_QUEUE_URL);
    assert.ok(DEAD_LETTER_QUEUE_URL);
    assert.deepEqual(settings, {
      MOMENTO_ENDPOINT: 'https://momento.example',
      MOMENTO_API_KEY_SECRET_ID: API_KEY,
      MOMENTO_API_KEY_FIELD: 'momento',
      MAX_EVENT_AGE_MS: '60000',
      RETRY_ATTEMPTS: '0',
      MAX_CONCURRENT_CALLS: '1',
      CACHE_SET_PER_SECOND: '62.5',
      CACHE_DELETE_PER_SECOND: '25',
      TOPIC_PUBLISH_PER_SECOND: '0.25',
      LOG_LEVEL: 'error',
    });
  });

  test('runs as the options say', () => {
    const toMomento = byLambda({
      architecture: lambda.Architecture.X86_64,
      logRetention: logs.RetentionDays.ONE_WEEK,
      memorySize: 256,
      tracing: lambda.Tracing.ACTIVE,
    });
    const { deliverHandler } = toMomento.construct;
    const { Architectures, MemorySize, TracingConfig } = toMomento.properties(deliverHandler);
    assert.deepEqual([Architectures, MemorySize, TracingConfig], [['x86_64'], 256, { Mode: 'Active' }]);
    toMomento.template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('is fed from the queue, ten commands at a time, and says which of them failed', () => {
    const toMomento = byLambda({ maxConcurrency: 5 });
    const { commandQueue, deliverHandler } = toMomento.construct;
    assert.deepEqual(toMomento.only('AWS::Lambda::EventSourceMapping'), {
      BatchSize: 10,
      EventSourceArn: toMomento.arn(commandQueue),
      FunctionName: { Ref: toMomento.id(deliverHandler) },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    assert.deepEqual(byLambda().only('AWS::Lambda::EventSourceMapping').ScalingConfig, { MaximumConcurrency: 2 });
  });

  test('may make the calls that it and its event source make, each on the one resource, and nothing else', () => {
    const toMomento = byLambda();
    const { commandQueue, deadLetterQueue, deliverHandler } = toMomento.construct;
    assert.ok(deliverHandler);
    assert.deepEqual(toMomento.allowed(deliverHandler), [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], toMomento.arn(deliverHandler.logGroup)),
      allow('secretsmanager:GetSecretValue', API_KEY),
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        toMomento.arn(commandQueue),
      ),
      allow('sqs:SendMessage', toMomento.arn(deadLetterQueue)),
    ]);
  });

  test('may use the key of the secret, through Secrets Manager', () => {
    const toMomento = byLambda({}, (stack) => ({
      apiKey: new secretsmanager.Secret(stack, 'Given', { encryptionKey: new kms.Key(stack, 'Key') }),
    }));
    const { apiKey, deliverHandler } = toMomento.construct;
    const [statement] = toMomento.allowed(deliverHandler).filter(({ Action }) => Action === 'kms:Decrypt');
    assert.deepEqual(statement, {
      ...allow('kms:Decrypt', toMomento.arn(apiKey.encryptionKey)),
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
    });
  });
});

describe('by Lambda wrong props are refused', () => {
  const given = (stack: Stack) => ({ commandQueue: queue(stack, 'commands') });
  const refusals: [mistake: string, make: () => unknown, sentence: string][] = [
    [
      'a version of the API key',
      () => byLambda({}, { apiKeyVersionId: '01234567-89ab-cdef-0123-456789abcdef' }),
      'apiKeyVersionId is for API destinations, which keep a copy of the key. Delivery.lambda() reads the current version ' +
        'of the secret: leave it out.',
    ],
    [
      'one environment at most',
      () => byLambda({ maxConcurrency: 1 }),
      'maxConcurrency is 1. Give a whole number from 2 to 1000.',
    ],
    [
      'no calls at once',
      () => byLambda({ maxConcurrentCalls: 0 }),
      'maxConcurrentCalls is 0. Give a whole number from 1 to 10.',
    ],
    [
      'more calls at once than a batch has commands',
      () => byLambda({ maxConcurrentCalls: 11 }),
      'maxConcurrentCalls is 11. Give a whole number from 1 to 10.',
    ],
    [
      'a limit that cannot be divided at synth',
      () =>
        byLambda({}, (stack) => ({
          rateLimits: { cacheSet: new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber },
        })),
      'rateLimits or maxConcurrency is known only at deployment. Give numbers: Delivery.lambda() divides the limits by the ' +
        'number of environments.',
    ],
    [
      'an age that is not known at synth',
      () =>
        byLambda({}, (stack) => ({
          maxEventAge: Duration.seconds(new CfnParameter(stack, 'Age', { type: 'Number' }).valueAsNumber),
        })),
      'maxEventAge is known only at deployment. Give Delivery.lambda() a duration.',
    ],
    [
      'a FIFO queue of commands',
      () => byLambda((stack) => ({ commandQueue: new sqs.Queue(stack, 'Given', { fifo: true }) })),
      'commandQueue is a FIFO queue, which has to be told a message group. Give a standard queue.',
    ],
    [
      'a queue of commands in another region',
      () =>
        byLambda((stack) => ({
          commandQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:commands'),
        })),
      'commandQueue is in us-east-1, but the function in eu-west-1, from where it cannot reach it. Give a queue of that ' +
        'region.',
    ],
    [
      'a queue of commands of another account',
      () =>
        byLambda((stack) => ({
          commandQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:222222222222:commands'),
        })),
      'commandQueue is in account 222222222222, but the function in 111111111111. Give a queue of that account.',
    ],
    [
      'one queue for commands and dead letters',
      () => byLambda(given, (stack) => ({ deadLetterQueue: queue(stack, 'commands', 'Dead') })),
      'commandQueue is the dead-letter queue, so a dead letter would be tried for ever. Give two queues.',
    ],
  ];
  for (const [mistake, make, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(make, { message: new RegExp(`^Stack/Out(/Lambda)?: ${sentence.replace(/[.()]/g, '\\$&')}$`) });
    });
  }
});

describe('by Lambda the metrics', () => {
  const { stack, construct } = byLambda();
  const read = (metric: cloudwatch.MathExpression) =>
    Object.values(metric.usingMetrics).map((one) => {
      assert.ok(one instanceof cloudwatch.Metric);
      const { namespace, metricName, dimensions, statistic } = one;
      return stack.resolve([namespace, metricName, dimensions, statistic]) as unknown;
    });
  const handler = { FunctionName: stack.resolve(construct.deliverHandler?.functionName) as unknown };
  const rules = (metricName: string) =>
    construct.deliveryRules.map(({ ruleName }) => [
      'AWS/Events',
      metricName,
      { RuleName: stack.resolve(ruleName) as unknown },
      'Sum',
    ]);

  test('are those of the function, and of the rules where these may fail', () => {
    assert.deepEqual(read(construct.metricDelivered()), [['MomentoEventBridge', 'Delivered', handler, 'Sum']]);
    assert.deepEqual(read(construct.metricDeadLettered()), [
      ...rules('InvocationsSentToDlq'),
      ['MomentoEventBridge', 'DeadLettered', handler, 'Sum'],
    ]);
    assert.deepEqual(read(construct.metricFailedInvocations()), rules('FailedInvocations'));
  });

  test('have the age of the oldest command', () => {
    const { namespace, metricName, statistic, dimensions } = construct.metricOldestCommandAge({ statistic: 'Average' });
    assert.deepEqual(
      [namespace, metricName, statistic, stack.resolve(dimensions)],
      [
        'AWS/SQS',
        'ApproximateAgeOfOldestMessage',
        'Average',
        { QueueName: stack.resolve(construct.commandQueue?.queueName) as unknown },
      ],
    );
  });
});

describe('by Lambda the alarms', () => {
  test('are two more for the function, and one for commands that have waited for half of their time', () => {
    const toMomento = byLambda({}, { maxEventAge: Duration.minutes(10) });
    const { commandsWaitingAlarm, deliverErrorsAlarm, deliverThrottlesAlarm } = toMomento.construct;
    toMomento.template.resourceCountIs('AWS::CloudWatch::Alarm', 5);
    const watched = (alarm: cloudwatch.Alarm | undefined) => {
      const { Namespace, MetricName, Threshold, TreatMissingData } = toMomento.properties(alarm);
      return [Namespace, MetricName, Threshold, TreatMissingData];
    };
    assert.deepEqual(watched(deliverErrorsAlarm), ['AWS/Lambda', 'Errors', 1, 'notBreaching']);
    assert.deepEqual(watched(deliverThrottlesAlarm), ['AWS/Lambda', 'Throttles', 1, 'notBreaching']);
    assert.deepEqual(watched(commandsWaitingAlarm), ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 300, 'notBreaching']);
  });

  test('all do what they are told', () => {
    const toMomento = byLambda({}, (stack) => ({
      alarmActions: [new actions.SnsAction(sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:1:pager'))],
    }));
    toMomento.template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: ['arn:aws:sns:eu-west-1:1:pager'],
    });
  });
});
