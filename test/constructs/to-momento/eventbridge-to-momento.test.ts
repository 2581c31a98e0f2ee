import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, CfnParameter, Duration, Fn, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ApiKeyRotation } from '../../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../../constructs/to-momento/delivery';
import { codeInBucket } from '../from-momento/webhook';
import { EventBridgeToMomento } from '../../../constructs/to-momento/eventbridge-to-momento';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import { MomentoCommand } from '../../../constructs/common/momento-command';
import { MomentoEndpoint } from '../../../constructs/common/momento-endpoint';
import { apiKey, EVENTS, EVENTS_MAY_USE_KEY, ToMomento } from './to-momento';

const RULES = {
  delivery: ['CacheSetByKey', 'CacheSetByKeyBase64', 'CacheDeleteByKey', 'CacheDeleteByKeyBase64', 'TopicPublishRule'],
  refusal: ['CacheSetInvalid', 'CacheDeleteInvalid', 'TopicPublishInvalid'],
};

const getAtt = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const idOf = ({ stack }: ToMomento, { apiDestinationArn }: events.ApiDestination) =>
  (stack.resolve(apiDestinationArn) as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
const idsOf = (rules: readonly events.Rule[]) => rules.map(({ node }) => node.id);

describe('each command is one call of the HTTP API, with what the event has', () => {
  const toMomento = new ToMomento({ endpoint: MomentoEndpoint.custom('https://momento.example') });
  const calls: Record<string, Record<string, unknown>> = {
    CacheSetByKey: {
      call: 'PUT https://momento.example/cache/*',
      HttpParameters: {
        PathParameterValues: ['$.detail.cacheName'],
        QueryStringParameters: { key: '$.detail.key', ttl_seconds: '$.detail.ttl' },
      },
      InputPath: '$.detail.message',
    },
    CacheSetByKeyBase64: {
      call: 'PUT https://momento.example/cache/*',
      HttpParameters: {
        PathParameterValues: ['$.detail.cacheName'],
        QueryStringParameters: { key_base64: '$.detail.key_base64', ttl_seconds: '$.detail.ttl' },
      },
      InputPath: '$.detail.message',
    },
    CacheDeleteByKey: {
      call: 'DELETE https://momento.example/cache/*',
      HttpParameters: {
        PathParameterValues: ['$.detail.cacheName'],
        QueryStringParameters: { key: '$.detail.key' },
      },
      Input: '{}',
    },
    CacheDeleteByKeyBase64: {
      call: 'DELETE https://momento.example/cache/*',
      HttpParameters: {
        PathParameterValues: ['$.detail.cacheName'],
        QueryStringParameters: { key_base64: '$.detail.key_base64' },
      },
      Input: '{}',
    },
    TopicPublishRule: {
      call: 'POST https://momento.example/topics/*/*',
      HttpParameters: {
        PathParameterValues: ['$.detail.cacheName', '$.detail.topicName'],
        HeaderParameters: { 'Content-Type': 'text/plain' },
      },
      InputPath: '$.detail.message',
    },
  };

  for (const [id, expected] of Object.entries(calls)) {
    test(id, () => {
      const [{ Arn, HttpParameters, Input, InputPath }] = toMomento.rule(id).Targets;
      const [destination = ''] = (Arn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
      const { Properties } = toMomento.template.findResources('AWS::Events::ApiDestination')[destination] as {
        Properties: { HttpMethod: string; InvocationEndpoint: string };
      };
      const call = `${Properties.HttpMethod} ${Properties.InvocationEndpoint}`;
      const found = { call, HttpParameters, ...(Input && { Input }), ...(InputPath && { InputPath }) };
      assert.deepEqual(found, expected);
    });
  }

  test('and there is no other rule than these and the refusals', () => {
    const { deliveryRules, invalidCommandRules } = toMomento.construct;
    assert.deepEqual([idsOf(deliveryRules), idsOf(invalidCommandRules)], [RULES.delivery, RULES.refusal]);
    toMomento.template.resourceCountIs('AWS::Events::Rule', 8);
  });
});

describe('a delivery', () => {
  test('is tried for an hour, at most 185 times more, and then is a dead letter', () => {
    const toMomento = new ToMomento();
    const { deadLetterQueue, apiDestinations } = toMomento.construct;
    for (const id of RULES.delivery) {
      const [{ RetryPolicy, DeadLetterConfig, RoleArn }] = toMomento.rule(id).Targets;
      assert.deepEqual(RetryPolicy, { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 });
      assert.deepEqual(DeadLetterConfig, { Arn: getAtt(toMomento.id(deadLetterQueue)) });
      assert.deepEqual(RoleArn, getAtt(toMomento.id(apiDestinations?.role)));
    }
  });

  test('is tried as long and as often as the props say, from never again to the most there is', () => {
    const policy = (props: Partial<EventBridgeToMomentoProps>) =>
      new ToMomento(props).rule('TopicPublishRule').Targets[0].RetryPolicy;
    assert.deepEqual(policy({ maxEventAge: Duration.minutes(1), retryAttempts: 0 }), {
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
    assert.deepEqual(policy({ maxEventAge: Duration.days(1), retryAttempts: 185 }), {
      MaximumEventAgeInSeconds: 86_400,
      MaximumRetryAttempts: 185,
    });
  });

  test('is limited to what Momento takes, or to the props', () => {
    const limits = (props: Partial<EventBridgeToMomentoProps>) => {
      const toMomento = new ToMomento(props);
      const resources = toMomento.template.findResources('AWS::Events::ApiDestination');
      return Object.fromEntries(
        Object.entries(toMomento.construct.apiDestinations?.destinations ?? {}).map(([command, destination]) => {
          const { Properties } = resources[idOf(toMomento, destination)] as {
            Properties: { InvocationRateLimitPerSecond: number };
          };
          return [command, Properties.InvocationRateLimitPerSecond];
        }),
      );
    };
    assert.deepEqual(limits({}), { cacheSet: 100, cacheDelete: 100, topicPublish: 10 });
    const rateLimits = { cacheSet: 250, topicPublish: 1 };
    assert.deepEqual(limits({ rateLimits }), { cacheSet: 250, cacheDelete: 100, topicPublish: 1 });
  });

  test('may invoke exactly the API destinations, once its role has its policy', () => {
    const toMomento = new ToMomento();
    const { destinations, role } = toMomento.construct.apiDestinations ?? assert.fail();
    toMomento.template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
            Effect: 'Allow',
            Principal: EVENTS,
          },
        ],
      },
      ManagedPolicyArns: Match.absent(),
      Policies: Match.absent(),
    });
    const { PolicyDocument, Roles } = toMomento.only('AWS::IAM::Policy');
    assert.deepEqual(Roles, [{ Ref: toMomento.id(role) }]);
    assert.deepEqual((PolicyDocument as { Statement: unknown }).Statement, [
      {
        Action: 'events:InvokeApiDestination',
        Effect: 'Allow',
        Resource: Object.values(destinations).map((destination) => getAtt(idOf(toMomento, destination))),
      },
    ]);
    const policies = Object.keys(toMomento.template.findResources('AWS::IAM::Policy'));
    for (const rule of toMomento.construct.deliveryRules) {
      const { DependsOn } = toMomento.template.findResources('AWS::Events::Rule')[toMomento.id(rule)] as {
        DependsOn: string[];
      };
      assert.ok(policies.every((policy) => DependsOn.includes(policy)));
    }
  });
});

describe('the API key', () => {
  const authParameters = (props: ConstructorParameters<typeof ToMomento>[0] = {}) => {
    const toMomento = new ToMomento(props);
    const connection = toMomento.only('AWS::Events::Connection');
    assert.equal(connection.AuthorizationType, 'API_KEY');
    return connection.AuthParameters;
  };
  const reference = (rest: string) => ({
    ApiKeyAuthParameters: {
      ApiKeyName: 'Authorization',
      ApiKeyValue: `{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf:${rest}}}`,
    },
  });

  test('is the Authorization header, raw, and in the template only as a reference', () => {
    assert.deepEqual(authParameters(), reference('SecretString:::'));
  });

  test('can be a field of a secret, and one version of it', () => {
    assert.deepEqual(authParameters({ apiKeyField: 'momento' }), reference('SecretString:momento::'));
    const versionId = '01234567-89ab-cdef-0123-456789abcdef';
    const delivery = Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.onDeployment({ versionId }) });
    assert.deepEqual(authParameters({ delivery }), reference(`SecretString:::${versionId}`));
  });

  test('is not read in a version whose id cannot be one', () => {
    for (const versionId of [
      '',
      'AWSCURRENT',
      'x'.repeat(31),
      'x'.repeat(65),
      `${'x'.repeat(40)}:y`,
      `${'x'.repeat(40)}}}`,
    ]) {
      const delivery = Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.onDeployment({ versionId }) });
      assert.throws(
        () => new ToMomento({ delivery }),
        /Out: versionId must be the id of a version of the secret, .* got /,
      );
    }
  });

  test('is not read from a field whose name ends what CloudFormation reads, nor from one without a name', () => {
    for (const apiKeyField of ['a:b', 'a}}b', 'a}', '{a']) {
      assert.throws(() => new ToMomento({ apiKeyField }), /Out: apiKeyField must not contain :, \{ or \}, got /);
    }
    assert.throws(() => new ToMomento({ apiKeyField: '' }), /Out: apiKeyField must not be empty/);
    const delivery = (stack: Stack) => Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) });
    assert.ok(new ToMomento((stack) => ({ apiKeyField: 'a:b', delivery: delivery(stack) })));
    assert.throws(
      () => new ToMomento((stack) => ({ apiKeyField: '', delivery: delivery(stack) })),
      /must not be empty/,
    );
  });

  test('is not in the template even when the secret is made with its value', () => {
    const toMomento = new ToMomento((stack) => ({
      apiKey: new secretsmanager.Secret(stack, 'Made', {
        secretStringValue: SecretValue.cfnParameter(new CfnParameter(stack, 'Key', { noEcho: true })),
      }),
    }));
    assert.match(JSON.stringify(toMomento.only('AWS::Events::Connection')), /\{\{resolve:secretsmanager:/);
  });
});

describe('the dead-letter queue', () => {
  test('keeps letters encrypted for 14 days, and is for TLS only', () => {
    const toMomento = new ToMomento();
    assert.deepEqual(toMomento.only('AWS::SQS::Queue'), {
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
  });

  test('takes letters from the eight rules, and from nobody else', () => {
    const toMomento = new ToMomento();
    const { deadLetterQueue, deliveryRules, invalidCommandRules } = toMomento.construct;
    const queue = getAtt(toMomento.id(deadLetterQueue));
    const { PolicyDocument } = toMomento.only('AWS::SQS::QueuePolicy') as { PolicyDocument: { Statement: unknown } };
    assert.deepEqual(PolicyDocument.Statement, [
      {
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Resource: queue,
      },
      {
        Action: 'sqs:SendMessage',
        Condition: {
          StringEquals: { 'aws:SourceAccount': '111111111111' },
          ArnEquals: {
            'aws:SourceArn': [...deliveryRules, ...invalidCommandRules].map((rule) => getAtt(toMomento.id(rule))),
          },
        },
        Effect: 'Allow',
        Principal: EVENTS,
        Resource: queue,
      },
    ]);
  });

  test('is the target of the refusals, which send it the whole event', () => {
    const toMomento = new ToMomento();
    for (const id of RULES.refusal) {
      const { Targets } = toMomento.rule(id);
      assert.deepEqual(Targets, [{ Arn: getAtt(toMomento.id(toMomento.construct.deadLetterQueue)), Id: 'Target0' }]);
    }
  });

  test('can be given, with a key that EventBridge then may use', () => {
    const toMomento = new ToMomento((stack) => ({
      deadLetterQueue: new sqs.Queue(stack, 'Given', { encryptionMasterKey: new kms.Key(stack, 'Key') }),
    }));
    toMomento.template.resourceCountIs('AWS::SQS::Queue', 1);
    toMomento.template.hasResourceProperties('AWS::KMS::Key', EVENTS_MAY_USE_KEY);
  });

  test('that is imported keeps its policy, with a warning', () => {
    const toMomento = new ToMomento((stack) => ({
      deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:111111111111:letters'),
    }));
    toMomento.template.resourceCountIs('AWS::SQS::QueuePolicy', 0);
    Annotations.fromStack(toMomento.stack).hasWarning(
      '/Stack/Given',
      Match.stringLikeRegexp(
        'The CDK cannot amend the policy of an imported queue\\. Make sure .* or dead letters are lost',
      ),
    );
  });
});

describe('the props choose', () => {
  test('the bus', () => {
    const toMomento = new ToMomento((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    for (const id of [...RULES.delivery, ...RULES.refusal]) {
      assert.deepEqual(toMomento.rule(id).EventBusName, { Ref: toMomento.id(toMomento.construct.eventBus) });
    }
    assert.equal(new ToMomento().rule('TopicPublishRule').EventBusName, 'default');
  });

  test('the sources, of what is accepted and of what is refused', () => {
    const sources = ['orders', 'chat'];
    const toMomento = new ToMomento({ sources });
    for (const id of [...RULES.delivery, ...RULES.refusal]) {
      assert.deepEqual(toMomento.rule(id).EventPattern.source, sources);
    }
    assert.equal(new ToMomento().rule('TopicPublishRule').EventPattern.source, undefined);
  });

  test('the commands, each with its destination, its rules and its right', () => {
    const { construct } = new ToMomento({ commands: [MomentoCommand.TOPIC_PUBLISH, MomentoCommand.TOPIC_PUBLISH] });
    assert.deepEqual(idsOf([...construct.deliveryRules, ...construct.invalidCommandRules]), [
      'TopicPublishRule',
      'TopicPublishInvalid',
    ]);
    assert.deepEqual(Object.keys(construct.apiDestinations?.destinations ?? {}), ['topicPublish']);
  });
});

describe('invalid props are rejected', () => {
  const region = "must be in the stack's region eu-west-1, got us-east-1.";
  const remedy = 'Pass a bus there, and forward events to it with a rule on the other bus.';
  const bus = (arn: string) => (stack: Stack) => ({ eventBus: events.EventBus.fromEventBusArn(stack, 'Given', arn) });
  const refusals: [mistake: string, props: ConstructorParameters<typeof ToMomento>[0], sentence: string][] = [
    [
      'a secret of another region',
      (stack) => ({
        apiKey: secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'Given',
          'arn:aws:secretsmanager:us-east-1:111111111111:secret:momento-AbCdEf',
        ),
      }),
      `apiKey ${region} Pass a secret in that region, or a replica of the secret there.`,
    ],
    [
      'a bus of another region',
      bus('arn:aws:events:us-east-1:111111111111:event-bus/orders'),
      `eventBus ${region} ${remedy}`,
    ],
    [
      'a bus of another account',
      bus('arn:aws:events:eu-west-1:222222222222:event-bus/orders'),
      `eventBus must be in the stack's account 111111111111, got 222222222222. ${remedy}`,
    ],
    [
      'a queue of another region',
      (stack) => ({
        deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:letters'),
      }),
      `deadLetterQueue ${region} Pass a queue in that region.`,
    ],
    [
      'a FIFO queue',
      (stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Given', { fifo: true }) }),
      'deadLetterQueue must be a standard queue, got a FIFO queue.',
    ],
    [
      'an unknown command',
      { commands: ['cacheGet' as never] },
      'commands must be one of cacheSet, cacheDelete, topicPublish, got cacheGet.',
    ],
    ['no command', { commands: [] }, 'commands must not be empty. Name a command, or leave commands out for all.'],
    [
      'no source',
      { sources: [] },
      'sources must not be empty or contain an empty string. Leave sources out to accept every source.',
    ],
    [
      'an empty source',
      { sources: ['orders', ''] },
      'sources must not be empty or contain an empty string. Leave sources out to accept every source.',
    ],
    [
      'more sources than a pattern holds',
      { sources: Array.from({ length: 220 }, (_, i) => `source-number-${i.toString()}`) },
      'sources must make an event pattern of at most 4096 characters, got 4545. Pass fewer sources, or put these events on ' +
        'a bus of their own.',
    ],
    ['a rate of zero', { rateLimits: { cacheSet: 0 } }, 'rateLimits.cacheSet must be a whole number from 1, got 0.'],
    [
      'a rate that is not a whole number',
      { rateLimits: { topicPublish: 0.5 } },
      'rateLimits.topicPublish must be a whole number from 1, got 0.5.',
    ],
    [
      'an age under a minute',
      { maxEventAge: Duration.seconds(59) },
      'maxEventAge in seconds must be a whole number from 60 to 86400, got 59.',
    ],
    [
      'an age over a day',
      { maxEventAge: Duration.hours(25) },
      'maxEventAge in seconds must be a whole number from 60 to 86400, got 90000.',
    ],
    [
      'an age of a fraction of a second',
      { maxEventAge: Duration.millis(60_500) },
      'maxEventAge in seconds must be a whole number from 60 to 86400, got 60.5.',
    ],
    ['186 retries', { retryAttempts: 186 }, 'retryAttempts must be a whole number from 0 to 185, got 186.'],
    ['fewer retries than none', { retryAttempts: -1 }, 'retryAttempts must be a whole number from 0 to 185, got -1.'],
  ];
  for (const [mistake, props, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(() => new ToMomento(props), { message: `Stack/Out: ${sentence}` });
    });
  }

  test('a region without a cell, with the regions there are', () => {
    const paris = { env: { region: 'eu-west-3' } };
    assert.throws(() => new ToMomento({}, paris), {
      message: /^Stack\/Out: endpoint must be in a region with a Momento cell \(ap-.*\), got eu-west-3\. Pass/,
    });
    assert.doesNotThrow(() => new ToMomento({ endpoint: MomentoEndpoint.forRegion('eu-west-2') }, paris));
  });

  test('but not what is known only at deployment', () => {
    assert.doesNotThrow(() => new ToMomento(bus(Fn.importValue('bus'))));
    const retryAttempts = Token.asNumber(Fn.importValue('attempts'));
    assert.doesNotThrow(() => new ToMomento({ retryAttempts, sources: [Fn.importValue('source')] }));
  });
});

describe('grants', () => {
  const allowedTo = (grant: (toMomento: ToMomento, role: iam.Role) => void) => {
    const toMomento = new ToMomento({ commands: [MomentoCommand.CACHE_SET, MomentoCommand.TOPIC_PUBLISH] });
    const role = new iam.Role(toMomento.stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    grant(toMomento, role);
    const policies = toMomento.template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: toMomento.id(role) }] },
    });
    const [policy] = Object.values(policies) as { Properties: { PolicyDocument: { Statement: unknown } } }[];
    return { toMomento, statements: policy?.Properties.PolicyDocument.Statement };
  };

  test('grantPutCommands allows putting these commands on this bus, and no other events', () => {
    const { statements } = allowedTo(({ construct }, role) => construct.grantPutCommands(role));
    assert.deepEqual(statements, [
      {
        Action: 'events:PutEvents',
        Condition: { StringEquals: { 'events:detail-type': ['cacheSet', 'topicPublish'] } },
        Effect: 'Allow',
        Resource: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:111111111111:event-bus/default']],
        },
      },
    ]);
  });

  test('grantConsumeDeadLetterQueue allows receiving and deleting dead letters', () => {
    const { toMomento, statements } = allowedTo(({ construct }, role) => construct.grantConsumeDeadLetterQueue(role));
    assert.deepEqual(statements, [
      {
        Action: [
          'sqs:ReceiveMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueUrl',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
        ],
        Effect: 'Allow',
        Resource: getAtt(toMomento.id(toMomento.construct.deadLetterQueue)),
      },
    ]);
  });
});

describe('metrics', () => {
  const { stack, construct } = new ToMomento();
  const resolved = (metric: cloudwatch.MathExpression) =>
    Object.values(metric.usingMetrics).map((one) => {
      assert.ok(one instanceof cloudwatch.Metric);
      const { namespace, metricName, dimensions, statistic } = one;
      return stack.resolve([namespace, metricName, dimensions, statistic]) as unknown;
    });
  const ofRules = (metricName: string, rules: readonly events.Rule[]) =>
    rules.map((rule) => ['AWS/Events', metricName, { RuleName: stack.resolve(rule.ruleName) as unknown }, 'Sum']);

  test('are sums over the rules that they are about', () => {
    const { deliveryRules, invalidCommandRules } = construct;
    const all = [...deliveryRules, ...invalidCommandRules];
    assert.deepEqual(resolved(construct.metricFailedInvocations()), ofRules('FailedInvocations', all));
    const delivered = ofRules('SuccessfulInvocationAttempts', deliveryRules);
    assert.deepEqual(resolved(construct.metricDelivered()), delivered);
    assert.deepEqual(resolved(construct.metricDeadLettered()), [
      ...ofRules('InvocationsSentToDlq', deliveryRules),
      ...ofRules('Invocations', invalidCommandRules),
    ]);
    const { expression, usingMetrics } = construct.metricDelivered();
    const ids = Object.keys(usingMetrics);
    assert.equal(expression, ids.map((id) => `FILL(${id}, 0)`).join(' + '));
    assert.equal(ids.length, deliveryRules.length);
    assert.deepEqual(resolved(construct.metricReceived()), ofRules('TriggeredRules', all));
    assert.deepEqual(resolved(construct.metricRetries()), ofRules('RetryInvocationAttempts', deliveryRules));
  });

  test('are those of one command where one is given', () => {
    const { deliveryRules, invalidCommandRules } = construct;
    const command = MomentoCommand.CACHE_SET;
    const valid = deliveryRules.filter(({ node: { id } }) => id.startsWith('CacheSet'));
    const all = [...valid, ...invalidCommandRules.filter(({ node: { id } }) => id.startsWith('CacheSet'))];
    assert.deepEqual([valid.length, all.length], [2, 3]);
    assert.deepEqual(resolved(construct.metricReceived({ command })), ofRules('TriggeredRules', all));
    assert.deepEqual(resolved(construct.metricFailedInvocations({ command })), ofRules('FailedInvocations', all));
    assert.deepEqual(resolved(construct.metricDelivered({ command })), ofRules('SuccessfulInvocationAttempts', valid));
    assert.deepEqual(resolved(construct.metricRetries({ command })), ofRules('RetryInvocationAttempts', valid));
    const one = new ToMomento({ commands: [MomentoCommand.CACHE_DELETE] });
    assert.throws(() => one.construct.metricReceived({ command }), {
      message: 'Stack/Out: command must be one of cacheDelete, got cacheSet. Add it to commands.',
    });
  });

  test('fit in one graph, those of several constructs and periods too', () => {
    const stack = new Stack(new App(), 'Stack');
    const period = Duration.minutes(1);
    const left = ['One', 'Other'].flatMap((id) => {
      const momento = new EventBridgeToMomento(stack, id, { apiKey: apiKey(stack, `${id}Key`) });
      return [
        momento.metricReceived(),
        momento.metricDelivered(),
        momento.metricDelivered({ period }),
        momento.metricRetries(),
        momento.metricFailedInvocations(),
        momento.metricDeadLettered(),
      ];
    });
    new cloudwatch.Dashboard(stack, 'Dashboard', { widgets: [[new cloudwatch.GraphWidget({ left })]] });
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('are read as the caller says', () => {
    const metric = construct.metricDelivered({ period: Duration.minutes(1), label: 'arrived' });
    assert.deepEqual([metric.period.toSeconds(), metric.label], [60, 'arrived']);
    const [rule] = construct.deliveryRules;
    assert.ok(rule);
    assert.equal(construct.metricRule(rule, 'Invocations', { statistic: 'Maximum' }).statistic, 'Maximum');
  });

  test('of a function and its queue there are none, nor a grant', () => {
    const role = new iam.Role(new ToMomento().stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const calls: Record<string, () => unknown> = {
      metric: () => construct.metric('Delivered'),
      metricOldestCommandAge: () => construct.metricOldestCommandAge(),
      grantConsumeCommandQueue: () => construct.grantConsumeCommandQueue(role),
    };
    for (const [member, call] of Object.entries(calls)) {
      assert.throws(call, {
        message: `Stack/Out: ${member} needs Delivery.lambdaFunction(), got Delivery.apiDestinations(). Pass another delivery.`,
      });
    }
  });

  test('name the bus too, if it is not the default one', () => {
    const other = new ToMomento((scope) => ({ eventBus: new events.EventBus(scope, 'Bus') }));
    const [rule] = other.construct.invalidCommandRules;
    assert.ok(rule);
    assert.deepEqual(other.stack.resolve(other.construct.metricRule(rule, 'Invocations').dimensions), {
      EventBusName: { Ref: other.id(other.construct.eventBus) },
      RuleName: { Ref: other.id(rule) },
    });
  });
});

test('two of them fit in a stack, even one that does not know its region', () => {
  const stack = new Stack(new App(), 'Stack');
  for (const id of ['One', 'Other']) new EventBridgeToMomento(stack, id, { apiKey: apiKey(stack, `${id}Key`) });
  Template.fromStack(stack).resourceCountIs('AWS::Events::Connection', 2);
});
