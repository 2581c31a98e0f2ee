import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery } from '../../../constructs/to-momento/delivery';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import type { LambdaFunctionOptions } from '../../../constructs/to-momento/lambda-function-options';
import type { LambdaFunctionResources } from '../../../constructs/to-momento/lambda-function-resources';
import { LogLevel } from '../../../constructs/handlers/log-level';
import { MomentoCommand } from '../../../constructs/common/momento-command';
import { MomentoEndpoint } from '../../../constructs/common/momento-endpoint';
import { EVENTS, EVENTS_MAY_USE_KEY, ToMomento } from './to-momento';
import { allow, codeInBucket } from '../from-momento/webhook';

type Props = Partial<EventBridgeToMomentoProps>;
type Options = LambdaFunctionOptions | ((stack: Stack) => LambdaFunctionOptions);

const RULES = ['CacheSetRule', 'CacheDeleteRule', 'TopicPublishRule'];
const API_KEY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf';

function byLambda(options: Options = {}, props: Props | ((stack: Stack) => Props) = {}): ToMomento {
  return new ToMomento((stack) => ({
    delivery: Delivery.lambdaFunction({
      handlerCode: codeInBucket(stack),
      ...(typeof options === 'function' ? options(stack) : options),
    }),
    ...(typeof props === 'function' ? props(stack) : props),
  }));
}

/** What only this delivery has. */
function resources({ construct }: ToMomento): LambdaFunctionResources {
  assert.ok(construct.lambdaFunction);
  return construct.lambdaFunction;
}

const queue = (stack: Stack, name: string, id = name) =>
  sqs.Queue.fromQueueArn(stack, id, `arn:aws:sqs:eu-west-1:111111111111:${name}`);

describe('by Lambda a rule', () => {
  const toMomento = byLambda({}, { sources: ['orders'] });
  const { construct } = toMomento;
  const { commandQueue } = resources(toMomento);

  test('is there for each command, and takes whatever has its detail-type to the queue of commands', () => {
    const rules = construct.deliveryRules.map(({ node }) => node.id);
    assert.deepEqual([rules, construct.invalidCommandRules], [RULES, []]);
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
          Arn: toMomento.arn(commandQueue),
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
    assert.equal(construct.apiDestinations, undefined);
  });
});

describe('the queue of commands', () => {
  test('keeps them encrypted for 14 days, hides one for 3 minutes, and gives up after 1000 receipts', () => {
    const toMomento = byLambda();
    const { deadLetterQueue } = toMomento.construct;
    const { commandQueue } = resources(toMomento);
    assert.deepEqual(toMomento.properties(commandQueue), {
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { deadLetterTargetArn: toMomento.arn(deadLetterQueue), maxReceiveCount: 1000 },
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 180,
    });
  });

  test('and the dead-letter queue take messages from the three rules over TLS, and from nobody else', () => {
    const toMomento = byLambda();
    const { deadLetterQueue, deliveryRules } = toMomento.construct;
    const { commandQueue } = resources(toMomento);
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
          Condition: {
            StringEquals: { 'aws:SourceAccount': '111111111111' },
            ArnEquals: { 'aws:SourceArn': deliveryRules.map((rule) => toMomento.arn(rule)) },
          },
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
    const { commandQueue, handler } = resources(toMomento);
    toMomento.template.resourceCountIs('AWS::SQS::Queue', 2);
    toMomento.template.hasResourceProperties('AWS::KMS::Key', EVENTS_MAY_USE_KEY);
    const allowed = toMomento.allowed(handler);
    assert.deepEqual(
      allowed.filter(({ Action }) => Action === 'kms:Decrypt'),
      [allow('kms:Decrypt', toMomento.arn(commandQueue.encryptionMasterKey))],
    );
  });

  test('that is imported keeps its policy, with a warning', () => {
    const toMomento = byLambda((stack) => ({ commandQueue: queue(stack, 'commands') }));
    Annotations.fromStack(toMomento.stack).hasWarning(
      '/Stack/commands',
      Match.stringLikeRegexp(
        'The CDK cannot amend the policy of an imported queue\\. .* or all commands go to the dead-letter queue',
      ),
    );
  });
});

describe('the function that delivers', () => {
  test('runs the handler deliver', () => {
    const toMomento = byLambda();
    const { Runtime, Handler, Architectures, MemorySize, Timeout, Code } = toMomento.properties(
      resources(toMomento).handler,
    );
    assert.deepEqual(
      { Runtime, Handler, Architectures, MemorySize, Timeout },
      { Runtime: 'provided.al2023', Handler: 'bootstrap', Architectures: ['arm64'], MemorySize: 128, Timeout: 30 },
    );
    assert.deepEqual(Code, { S3Bucket: 'code-bucket', S3Key: 'deliver.zip', S3ObjectVersion: 'version' });
  });

  test('is told where Momento is, which secret holds the key, its queues, and half of each limit', () => {
    const toMomento = byLambda();
    const { deadLetterQueue, eventBus } = toMomento.construct;
    const { commandQueue, handler } = resources(toMomento);
    assert.deepEqual(toMomento.environment(handler), {
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
      sources: ['orders', 'say "hi"'],
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
      rateLimits: { cacheSet: 250, topicPublish: 1 },
    });
    const { handler } = resources(toMomento);
    const { COMMAND_QUEUE_URL, DEAD_LETTER_QUEUE_URL, EVENT_BUS_NAME, ...settings } = toMomento.environment(handler);
    assert.ok(EVENT_BUS_NAME);
    assert.ok(COMMAND_QUEUE_URL);
    assert.ok(DEAD_LETTER_QUEUE_URL);
    assert.deepEqual(settings, {
      MOMENTO_ENDPOINT: 'https://momento.example',
      MOMENTO_API_KEY_SECRET_ID: API_KEY,
      MOMENTO_API_KEY_FIELD: 'momento',
      SOURCES: '["orders","say \\"hi\\""]',
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
    const { handler } = resources(toMomento);
    const { Architectures, MemorySize, TracingConfig } = toMomento.properties(handler);
    assert.deepEqual([Architectures, MemorySize, TracingConfig], [['x86_64'], 256, { Mode: 'Active' }]);
    toMomento.template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('is fed from the queue, ten commands at a time, and says which of them failed', () => {
    const toMomento = byLambda({ maxConcurrency: 5 });
    const { commandQueue, handler } = resources(toMomento);
    assert.deepEqual(toMomento.only('AWS::Lambda::EventSourceMapping'), {
      BatchSize: 10,
      EventSourceArn: toMomento.arn(commandQueue),
      FunctionName: { Ref: toMomento.id(handler) },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    assert.deepEqual(byLambda().only('AWS::Lambda::EventSourceMapping').ScalingConfig, { MaximumConcurrency: 2 });
  });

  test('may make the calls that it and its event source make, each on the one resource, and nothing else', () => {
    const toMomento = byLambda();
    const { deadLetterQueue } = toMomento.construct;
    const { commandQueue, handler } = resources(toMomento);
    assert.deepEqual(toMomento.allowed(handler), [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], toMomento.arn(handler.logGroup)),
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
    const { apiKey } = toMomento.construct;
    const { handler } = resources(toMomento);
    const [statement] = toMomento.allowed(handler).filter(({ Action }) => Action === 'kms:Decrypt');
    assert.deepEqual(statement, {
      ...allow('kms:Decrypt', toMomento.arn(apiKey.encryptionKey)),
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
    });
  });
});

describe('by Lambda invalid props are rejected', () => {
  const given = (stack: Stack) => ({ commandQueue: queue(stack, 'commands') });
  const refusals: [mistake: string, make: () => unknown, sentence: string][] = [
    [
      'one environment at most',
      () => byLambda({ maxConcurrency: 1 }),
      'maxConcurrency must be a whole number from 2 to 1000, got 1.',
    ],
    [
      'no calls at once',
      () => byLambda({ maxConcurrentCalls: 0 }),
      'maxConcurrentCalls must be a whole number from 1 to 10, got 0.',
    ],
    [
      'more calls at once than a batch has commands',
      () => byLambda({ maxConcurrentCalls: 11 }),
      'maxConcurrentCalls must be a whole number from 1 to 10, got 11.',
    ],
    [
      'a limit that cannot be divided at synth',
      () =>
        byLambda({}, (stack) => ({
          rateLimits: { cacheSet: new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber },
        })),
      'rateLimits and maxConcurrency must be known at synth, got a token. Pass numbers: Delivery.lambdaFunction() divides ' +
        'the limits by maxConcurrency.',
    ],
    [
      'an age that is not known at synth',
      () =>
        byLambda({}, (stack) => ({
          maxEventAge: Duration.seconds(new CfnParameter(stack, 'Age', { type: 'Number' }).valueAsNumber),
        })),
      'maxEventAge must be known at synth, got a token. Pass Delivery.lambdaFunction() a duration.',
    ],
    [
      'a FIFO queue of commands',
      () => byLambda((stack) => ({ commandQueue: new sqs.Queue(stack, 'Given', { fifo: true }) })),
      'commandQueue must be a standard queue, got a FIFO queue.',
    ],
    [
      'a queue of commands in another region',
      () =>
        byLambda((stack) => ({
          commandQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:commands'),
        })),
      "commandQueue must be in the stack's region eu-west-1, got us-east-1. Pass a queue in that region.",
    ],
    [
      'a queue of commands of another account',
      () =>
        byLambda((stack) => ({
          commandQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:222222222222:commands'),
        })),
      "commandQueue must be in the stack's account 111111111111, got 222222222222. Pass a queue in that account.",
    ],
    [
      'one queue for commands and dead letters',
      () => byLambda(given, (stack) => ({ deadLetterQueue: queue(stack, 'commands', 'Dead') })),
      'commandQueue must not be the deadLetterQueue: dead letters would be retried forever. Pass two queues.',
    ],
  ];
  for (const [mistake, make, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(make, { message: new RegExp(`^Stack/Out(/Lambda)?: ${sentence.replace(/[.()]/g, '\\$&')}$`) });
    });
  }
});

describe('by Lambda the metrics', () => {
  const toMomento = byLambda();
  const { stack, construct } = toMomento;
  const { commandQueue, handler } = resources(toMomento);
  const read = (metric: cloudwatch.MathExpression) =>
    Object.values(metric.usingMetrics).map((one) => {
      assert.ok(one instanceof cloudwatch.Metric);
      const { namespace, metricName, dimensions, statistic } = one;
      return stack.resolve([namespace, metricName, dimensions, statistic]) as unknown;
    });
  const ofHandler = { FunctionName: stack.resolve(handler.functionName) as unknown };
  const rules = (metricName: string) =>
    construct.deliveryRules.map(({ ruleName }) => [
      'AWS/Events',
      metricName,
      { RuleName: stack.resolve(ruleName) as unknown },
      'Sum',
    ]);

  test('are those of the function, and of the rules where these may fail', () => {
    assert.deepEqual(read(construct.metricDelivered()), [['MomentoEventBridge', 'Delivered', ofHandler, 'Sum']]);
    assert.deepEqual(read(construct.metricDeadLettered()), [
      ...rules('InvocationsSentToDlq'),
      ['MomentoEventBridge', 'DeadLettered', ofHandler, 'Sum'],
    ]);
    assert.deepEqual(read(construct.metricFailedInvocations()), rules('FailedInvocations'));
  });

  test('count all commands together where only the function counts them', () => {
    assert.throws(() => construct.metricDelivered({ command: MomentoCommand.CACHE_SET }), {
      message:
        'Stack/Out: metricDelivered of one command needs Delivery.apiDestinations(), got Delivery.lambdaFunction(). Leave out ' +
        'command, or use metricReceived.',
    });
  });

  test('have the age of the oldest command', () => {
    const { namespace, metricName, statistic, dimensions } = construct.metricOldestCommandAge({ statistic: 'Average' });
    assert.deepEqual(
      [namespace, metricName, statistic, stack.resolve(dimensions)],
      [
        'AWS/SQS',
        'ApproximateAgeOfOldestMessage',
        'Average',
        { QueueName: stack.resolve(commandQueue.queueName) as unknown },
      ],
    );
  });
});
