import assert from 'node:assert/strict';
import { afterEach, describe, mock, test } from 'node:test';
import { App, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { HandlerCode } from '../../../constructs/handlers/handler-code';
import { LogLevel } from '../../../constructs/handlers/log-level';
import type { OnMessageOptions } from '../../../constructs/from-momento/momento-to-eventbridge';
import { MomentoWebhookToEventBridge } from '../../../constructs/from-momento/momento-webhook-to-eventbridge';
import { RejectionReason } from '../../../constructs/from-momento/rejection-reason';
import { ReplayProtection } from '../../../constructs/from-momento/replay-protection';
import { SignatureAlgorithm } from '../../../constructs/from-momento/signature-algorithm';
import { IRELAND } from '../in-stack';
import { allow, codeInBucket, type Props, Webhook } from './webhook';

const DEFAULT_BUS_ARN = 'arn:aws:events:eu-west-1:111111111111:event-bus/default';

function environment(webhook: Webhook): Record<string, unknown> {
  return webhook.environment(webhook.construct.handler);
}

describe('the webhook handler', () => {
  afterEach(() => {
    mock.restoreAll();
  });

  test('is prebuilt for arm64, as the redrive handler is, when no prop is given', () => {
    const stack = new Stack(new App(), 'Stack');
    const code = codeInBucket(stack);
    const bind = mock.method(code, 'bind');
    const prebuilt = mock.method(HandlerCode, 'prebuilt', () => code);

    new MomentoWebhookToEventBridge(stack, 'In');

    assert.equal(prebuilt.mock.callCount(), 2);
    assert.deepEqual(
      bind.mock.calls.map((call) => call.arguments),
      [
        ['webhook', lambda.Architecture.ARM_64],
        ['redrive', lambda.Architecture.ARM_64],
      ],
    );
  });

  test('runs on Amazon Linux 2023 with 128 MiB for at most 10 s, and logs to the log group', () => {
    const webhook = new Webhook();
    webhook.template.hasResourceProperties('AWS::Lambda::Function', {
      Architectures: ['arm64'],
      Code: { S3Key: 'webhook.zip' },
      Handler: 'bootstrap',
      LoggingConfig: { LogGroup: { Ref: webhook.id(webhook.construct.logGroup) } },
      MemorySize: 128,
      ReservedConcurrentExecutions: Match.absent(),
      Runtime: 'provided.al2023',
      Timeout: 10,
      TracingConfig: Match.absent(),
    });
  });

  test('finds the bus, the secret and the queue, and its settings, in its environment', () => {
    const webhook = new Webhook({}, IRELAND);
    const { signingSecret, fallbackQueue } = webhook.construct;
    assert.deepEqual(environment(webhook), {
      EVENT_BUS_NAME: {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, DEFAULT_BUS_ARN.slice('arn:aws'.length)]],
      },
      MOMENTO_SECRET_ID: { Ref: webhook.id(signingSecret) },
      FALLBACK_QUEUE_URL: { Ref: webhook.id(fallbackQueue) },
      MAX_EVENT_AGE_MS: '60000',
      MAX_CLOCK_SKEW_MS: '10000',
      SIGNATURE_ALGORITHM: 'HMAC_SHA3_256',
      LOG_LEVEL: 'info',
    });
  });

  test('takes its architecture, memory, concurrency and tracing from the props', () => {
    const webhook = new Webhook({
      architecture: lambda.Architecture.X86_64,
      memorySize: 256,
      reservedConcurrency: 0,
      tracing: lambda.Tracing.ACTIVE,
    });
    webhook.template.hasResourceProperties('AWS::Lambda::Function', {
      Architectures: ['x86_64'],
      MemorySize: 256,
      ReservedConcurrentExecutions: 0,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('takes its settings from the props', () => {
    const webhook = new Webhook({
      maxEventAge: Duration.minutes(5),
      maxClockSkew: Duration.minutes(5),
      signatureAlgorithm: SignatureAlgorithm.HMAC_SHA256,
      logLevel: LogLevel.WARN,
    });
    const { MAX_EVENT_AGE_MS, MAX_CLOCK_SKEW_MS, SIGNATURE_ALGORITHM, LOG_LEVEL } = environment(webhook);
    assert.deepEqual(
      { MAX_EVENT_AGE_MS, MAX_CLOCK_SKEW_MS, SIGNATURE_ALGORITHM, LOG_LEVEL },
      {
        MAX_EVENT_AGE_MS: '300000',
        MAX_CLOCK_SKEW_MS: '300000',
        SIGNATURE_ALGORITHM: 'HMAC_SHA256',
        LOG_LEVEL: 'warn',
      },
    );
  });

  test('takes the smallest age and skew, and any whole number of milliseconds between', () => {
    const least = environment(new Webhook({ maxEventAge: Duration.seconds(1), maxClockSkew: Duration.seconds(0) }));
    assert.deepEqual([least.MAX_EVENT_AGE_MS, least.MAX_CLOCK_SKEW_MS], ['1000', '0']);
    const between = environment(
      new Webhook({ maxEventAge: Duration.seconds(1.001), maxClockSkew: Duration.millis(1) }),
    );
    assert.deepEqual([between.MAX_EVENT_AGE_MS, between.MAX_CLOCK_SKEW_MS], ['1001', '1']);
  });

  test('leaves it to the handler how long a previous secret is valid, unless a prop says so', () => {
    assert.equal(environment(new Webhook()).PREVIOUS_SECRET_VALIDITY_MS, undefined);
    for (const [validity, expected] of [
      [Duration.millis(0), '0'],
      [Duration.hours(1), '3600000'],
    ] as const) {
      const { PREVIOUS_SECRET_VALIDITY_MS } = environment(new Webhook({ previousSecretValidity: validity }));
      assert.equal(PREVIOUS_SECRET_VALIDITY_MS, expected);
    }
  });

  test('takes an age that is known only at deployment', () => {
    const age = Duration.millis(Token.asNumber(Fn.importValue('age')));
    assert.deepEqual(environment(new Webhook({ maxEventAge: age })).MAX_EVENT_AGE_MS, {
      'Fn::ImportValue': 'age',
    });
  });
});

describe('the URL', () => {
  test('is open to anyone, with both permissions that Lambda asks for and no other', () => {
    const webhook = new Webhook();
    const { template, construct } = webhook;
    const handler = { 'Fn::GetAtt': [webhook.id(construct.handler), 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE', TargetFunctionArn: handler });
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')).map(
      (resource) => (resource as { Properties: unknown }).Properties,
    );
    assert.deepEqual(permissions, [
      { Action: 'lambda:InvokeFunctionUrl', FunctionName: handler, FunctionUrlAuthType: 'NONE', Principal: '*' },
      { Action: 'lambda:InvokeFunction', FunctionName: handler, InvokedViaFunctionUrl: true, Principal: '*' },
    ]);
  });

  test('is a member and an output', () => {
    const webhook = new Webhook();
    const { url, functionUrl } = webhook.construct;
    const value = { 'Fn::GetAtt': [webhook.id(functionUrl), 'FunctionUrl'] };
    assert.deepEqual(webhook.stack.resolve(url), value);
    webhook.template.hasOutput('*', { Value: value });
  });
});

describe('the signing secret', () => {
  test('is created without a value, and its ARN is an output, so that it can be filled', () => {
    const webhook = new Webhook();
    assert.deepEqual(webhook.only('AWS::SecretsManager::Secret'), {
      Description: 'Signing secret of the Momento webhook of Stack/In',
    });
    webhook.template.hasOutput('*', { Value: { Ref: webhook.id(webhook.construct.signingSecret) } });
  });

  test('that is given is used, and none is created', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf';
    const webhook = new Webhook((stack) => ({
      signingSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Given', arn),
    }));
    webhook.template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    assert.equal(environment(webhook).MOMENTO_SECRET_ID, arn);
    assert.equal(webhook.construct.signingSecret.secretArn, arn);
    assert.ok(!Object.keys(webhook.template.findOutputs('*')).some((id) => id.includes('Secret')));
  });
});

describe('the log group', () => {
  test('keeps lines for a month, or as long as it is told', () => {
    const retention = (logRetention?: logs.RetentionDays) => {
      const webhook = new Webhook({ logRetention });
      return webhook.properties(webhook.construct.logGroup).RetentionInDays;
    };
    assert.equal(retention(), 30);
    assert.equal(retention(logs.RetentionDays.ONE_WEEK), 7);
  });
});

describe('invalid props are rejected', () => {
  const bus = (arn: string) => (stack: Stack) => ({ eventBus: events.EventBus.fromEventBusArn(stack, 'Given', arn) });
  const anyString = (value: string) => value as never;
  const region = "must be in the stack's region eu-west-1, got us-east-1.";
  const account = "must be in the stack's account 111111111111, got 222222222222.";
  const remedy = 'Pass a bus there, and forward events from it with a rule whose target is the other bus.';
  const age = 'must be a whole number of milliseconds from 1000 to 300000 (5 minutes), got';
  const patience = 'must be a whole number of milliseconds from 60000 to 864000000 (10 days), got';
  const replayTable = (stack: Stack, arn: string) =>
    ReplayProtection.existingTable(dynamodb.Table.fromTableArn(stack, 'Given', arn));
  const skew = 'must be a whole number of milliseconds from 0 to 300000 (5 minutes), got';

  const refusals: [mistake: string, props: Props, sentence: string][] = [
    ['an age of zero', { maxEventAge: Duration.seconds(0) }, `maxEventAge ${age} 0 ms.`],
    ['an age under a second', { maxEventAge: Duration.millis(999) }, `maxEventAge ${age} 999 ms.`],
    [
      'an age of a fraction of a millisecond',
      { maxEventAge: Duration.millis(1000.5) },
      `maxEventAge ${age} 1000.5 ms.`,
    ],
    ['an age over 5 minutes', { maxEventAge: Duration.minutes(6) }, `maxEventAge ${age} 360000 ms.`],
    ['an age that is not a number', { maxEventAge: Duration.seconds(NaN) }, `maxEventAge ${age} NaN ms.`],
    [
      'a previous secret that is valid for over a year',
      { previousSecretValidity: Duration.days(366) },
      'previousSecretValidity must be a whole number of milliseconds from 0 to 31536000000 (365 days), got 31622400000 ms.',
    ],
    ['a skew over 5 minutes', { maxClockSkew: Duration.minutes(6) }, `maxClockSkew ${skew} 360000 ms.`],
    [
      'an unknown algorithm',
      { signatureAlgorithm: anyString('MD5') },
      'signatureAlgorithm must be one of HMAC_SHA3_256, HMAC_SHA256, got MD5.',
    ],
    [
      'an unknown log level',
      { logLevel: anyString('chatty') },
      'logLevel must be one of error, warn, info, got chatty.',
    ],
    [
      'an architecture there is no handler for',
      { architecture: lambda.Architecture.custom('riscv64') },
      'architecture must be one of arm64, x86_64, got riscv64.',
    ],
    [
      'a bus of another region',
      bus('arn:aws:events:us-east-1:111111111111:event-bus/orders'),
      `eventBus ${region} ${remedy}`,
    ],
    [
      'a bus of another account',
      bus('arn:aws:events:eu-west-1:222222222222:event-bus/orders'),
      `eventBus ${account} ${remedy}`,
    ],
    [
      'a secret of another region',
      (stack) => ({
        signingSecret: secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'Given',
          'arn:aws:secretsmanager:us-east-1:111111111111:secret:momento-AbCdEf',
        ),
      }),
      `signingSecret ${region} Pass a secret in that region, or a replica of the secret there.`,
    ],
    [
      'a queue of another region',
      (stack) => ({
        fallbackQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:parked'),
      }),
      `fallbackQueue ${region} Pass a queue in that region.`,
    ],
    [
      'a FIFO queue',
      (stack) => ({ fallbackQueue: new sqs.Queue(stack, 'Given', { fifo: true }) }),
      'fallbackQueue must be a standard queue, got a FIFO queue.',
    ],
    ['a patience under a minute', { redrivePatience: Duration.seconds(59) }, `redrivePatience ${patience} 59000 ms.`],
    ['a patience over 10 days', { redrivePatience: Duration.days(11) }, `redrivePatience ${patience} 950400000 ms.`],
    [
      'a dead-letter queue of another region',
      (stack) => ({
        deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:dead'),
      }),
      `deadLetterQueue ${region} Pass a queue in that region.`,
    ],
    [
      'a dead-letter queue of another account',
      (stack) => ({
        deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:222222222222:dead'),
      }),
      `deadLetterQueue ${account} Pass a queue in that account, which SQS requires of a dead-letter queue.`,
    ],
    [
      'a FIFO dead-letter queue',
      (stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Given', { fifo: true }) }),
      'deadLetterQueue must be a standard queue, got a FIFO queue.',
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
      'a replay table of another region',
      (stack) => ({ replayProtection: replayTable(stack, 'arn:aws:dynamodb:us-east-1:111111111111:table/replays') }),
      `the table of replayProtection ${region} Pass a table in that region, or a replica of the table there.`,
    ],
    [
      'a replay table of another account',
      (stack) => ({ replayProtection: replayTable(stack, 'arn:aws:dynamodb:eu-west-1:222222222222:table/replays') }),
      `the table of replayProtection ${account} Pass a table in that account.`,
    ],
    [
      'an unknown way to be without the replay table',
      { replayProtection: ReplayProtection.table({ whenUnavailable: anyString('SHRUG') }) },
      'whenUnavailable must be one of ACCEPT, REFUSE, got SHRUG.',
    ],
  ];
  for (const [mistake, props, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(() => new Webhook(props, IRELAND), { message: `Stack/In: ${sentence}` });
    });
  }

  test('but not a bus whose region or account may be the same', () => {
    const elsewhere = bus('arn:aws:events:us-east-1:222222222222:event-bus/orders');
    assert.doesNotThrow(() => new Webhook(elsewhere));
    assert.doesNotThrow(() => new Webhook(bus(Fn.importValue('bus')), IRELAND));
  });
});

describe('onMessage', () => {
  const onMessage = (options?: OnMessageOptions, props: Props = {}) => {
    const webhook = new Webhook(props);
    return { webhook, rule: webhook.construct.onMessage('Chat', options) };
  };

  test('makes a rule for every message on the default bus', () => {
    const { webhook } = onMessage();
    assert.deepEqual(webhook.only('AWS::Events::Rule'), {
      EventBusName: 'default',
      EventPattern: { source: ['Momento'] },
      State: 'ENABLED',
    });
  });

  test('makes the rule on the bus that was given', () => {
    const { webhook } = onMessage({}, (stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    webhook.template.allResourcesProperties('AWS::Events::Rule', {
      EventBusName: { Ref: webhook.id(webhook.construct.eventBus) },
    });
    webhook.template.resourcePropertiesCountIs('AWS::Events::Rule', { State: 'ENABLED' }, 1);
  });

  test('matches the names, carries the messages to the target, and says what it is told to say', () => {
    const webhook = new Webhook();
    const queue = new sqs.Queue(webhook.stack, 'Queue');
    const rule = webhook.construct.onMessage('Chat', {
      cacheName: 'chat',
      topicName: 'room-281',
      tokenId: 'alice',
      description: 'To the archive',
      ruleName: 'archive',
      target: new targets.SqsQueue(queue),
    });
    webhook.template.hasResourceProperties('AWS::Events::Rule', {
      Description: 'To the archive',
      EventPattern: {
        source: ['Momento'],
        'detail-type': ['chat#room-281'],
        detail: { cache: ['chat'], topic: ['room-281'], token_id: ['alice'] },
      },
      Name: 'archive',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [webhook.id(queue), 'Arn'] } })],
    });
    assert.ok(rule instanceof events.Rule);
  });

  test('narrows the choice by a pattern of the caller, which stays as it was', () => {
    const eventPattern = { detail: { text: [{ prefix: '/bot' }] } };
    const { webhook } = onMessage({ cacheName: 'chat', eventPattern });
    assert.deepEqual(webhook.only('AWS::Events::Rule').EventPattern, {
      source: ['Momento'],
      detail: { cache: ['chat'], text: [{ prefix: '/bot' }] },
    });
    assert.deepEqual(eventPattern, { detail: { text: [{ prefix: '/bot' }] } });
  });

  test('refuses a pattern of the caller that would widen the choice', () => {
    const eventPattern = { source: ['other'], detail: { cache: ['games'], text: ['hi'] } };
    assert.throws(() => onMessage({ cacheName: 'chat', eventPattern }), {
      message:
        'eventPattern must not set source and detail.cache, which onMessage sets: the rule would accept the values of ' +
        'either. Leave it out of eventPattern, or create a Rule of your own with pattern().',
    });
  });

  test('makes the rule in another stack when told to', () => {
    const app = new App();
    const webhook = new Webhook({}, {}, new Stack(app, 'Stack'));
    const other = new Stack(app, 'Other');
    const rule = webhook.construct.onMessage('Chat', { crossStackScope: other });
    assert.equal(rule.stack, other);
  });
});

describe('grants', () => {
  const allowedTo = (grant: (webhook: Webhook, role: iam.Role) => void) => {
    const webhook = new Webhook();
    const role = new iam.Role(webhook.stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    grant(webhook, role);
    return { webhook, statements: webhook.statements(role) };
  };

  test('grantWriteSigningSecret lets a rotation put a new value in', () => {
    const { webhook, statements } = allowedTo(({ construct }, role) => construct.grantWriteSigningSecret(role));
    assert.deepEqual(statements, [
      {
        Action: [
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecret',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Effect: 'Allow',
        Resource: { Ref: webhook.id(webhook.construct.signingSecret) },
      },
    ]);
  });

  const queues = {
    grantConsumeFallbackQueue: 'fallbackQueue',
    grantConsumeDeadLetterQueue: 'deadLetterQueue',
  } as const;
  for (const [grant, queue] of Object.entries(queues) as [
    keyof typeof queues,
    (typeof queues)[keyof typeof queues],
  ][]) {
    test(`${grant} allows receiving and deleting its messages`, () => {
      const { webhook, statements } = allowedTo(({ construct }, role) => construct[grant](role));
      assert.deepEqual(statements, [
        allow(
          [
            'sqs:ReceiveMessage',
            'sqs:ChangeMessageVisibility',
            'sqs:GetQueueUrl',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
          ],
          webhook.arn(webhook.construct[queue]),
        ),
      ]);
    });
  }
});

describe('metrics', () => {
  const { stack, construct } = new Webhook({}, IRELAND);
  const { handler, redriveHandler } = construct;
  const metrics: [metric: cloudwatch.Metric, name: string, by: lambda.Function][] = [
    [construct.metricAccepted(), 'Accepted', handler],
    [construct.metricRejected(), 'Rejected', handler],
    [construct.metricDuplicate(), 'Duplicate', handler],
    [construct.metricParked(), 'Parked', handler],
    [construct.metricLost(), 'Lost', handler],
    [construct.metricMessageAge(), 'MessageAge', handler],
    [construct.metricPublishTime(), 'PublishTime', handler],
    [construct.metricReplayGuardUnavailable(), 'ReplayGuardUnavailable', handler],
    [construct.metricRedriven(), 'Redriven', redriveHandler],
    [construct.metricPostponed(), 'Postponed', redriveHandler],
    [construct.metricDeadLettered(), 'DeadLettered', redriveHandler],
  ];

  for (const [metric, name, by] of metrics) {
    test(`${name} is that of the handler that writes it, in its namespace`, () => {
      assert.equal(metric.namespace, 'MomentoEventBridge');
      assert.equal(metric.metricName, name);
      assert.deepEqual(stack.resolve(metric.dimensions), stack.resolve({ FunctionName: by.functionName }));
      assert.equal(metric.statistic, ['MessageAge', 'PublishTime'].includes(name) ? 'p99' : 'Sum');
    });
  }

  const ofWebhook = [
    construct.metricAccepted({ webhook: 'chat' }),
    construct.metricDuplicate({ webhook: 'chat' }),
    construct.metricParked({ webhook: 'chat' }),
    construct.metricLost({ webhook: 'chat' }),
    construct.metricMessageAge({ webhook: 'chat' }),
    construct.metricPublishTime({ webhook: 'chat' }),
  ];
  for (const metric of ofWebhook) {
    test(`${metric.metricName} can be read for one webhook`, () => {
      assert.deepEqual(
        stack.resolve(metric.dimensions),
        stack.resolve({ FunctionName: handler.functionName, Webhook: 'chat' }),
      );
    });
  }

  test('Rejected can be read for one reason', () => {
    const metric = construct.metricRejected({ reason: RejectionReason.STALE, period: Duration.minutes(1) });
    assert.deepEqual(
      stack.resolve(metric.dimensions),
      stack.resolve({ FunctionName: construct.handler.functionName, Reason: 'Stale' }),
    );
    assert.equal(metric.period.toSeconds(), 60);
  });

  test('are read as the caller says', () => {
    assert.equal(construct.metricMessageAge({ statistic: 'Maximum' }).statistic, 'Maximum');
    assert.equal(construct.metricLost({ label: 'lost' }).label, 'lost');
  });
});
