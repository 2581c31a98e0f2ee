import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, CfnParameter, Duration, Fn, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventBridgeToMomento } from '../../../constructs/to-momento/eventbridge-to-momento';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import { MomentoCommand } from '../../../constructs/common/momento-command';
import { MomentoEndpoint } from '../../../constructs/to-momento/momento-endpoint';
import { apiKey, ToMomento } from './to-momento';

const RULES = {
  delivery: ['CacheSetByKey', 'CacheSetByKeyBase64', 'CacheDeleteByKey', 'CacheDeleteByKeyBase64', 'TopicPublishRule'],
  refusal: ['CacheSetRefused', 'CacheDeleteRefused', 'TopicPublishRefused'],
};
const EVENTS = { Service: 'events.amazonaws.com' };

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
    const { deliveryRules, refusalRules } = toMomento.construct;
    assert.deepEqual([idsOf(deliveryRules), idsOf(refusalRules)], [RULES.delivery, RULES.refusal]);
    toMomento.template.resourceCountIs('AWS::Events::Rule', 8);
  });
});

describe('a delivery', () => {
  test('is tried for an hour, at most 185 times more, and then is a dead letter', () => {
    const toMomento = new ToMomento();
    const { deadLetterQueue, deliveryRole } = toMomento.construct;
    for (const id of RULES.delivery) {
      const [{ RetryPolicy, DeadLetterConfig, RoleArn }] = toMomento.rule(id).Targets;
      assert.deepEqual(RetryPolicy, { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 });
      assert.deepEqual(DeadLetterConfig, { Arn: getAtt(toMomento.id(deadLetterQueue)) });
      assert.deepEqual(RoleArn, getAtt(toMomento.id(deliveryRole)));
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
        Object.entries(toMomento.construct.apiDestinations).map(([command, destination]) => {
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
    const { apiDestinations, deliveryRole } = toMomento.construct;
    toMomento.template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: EVENTS }] },
      ManagedPolicyArns: Match.absent(),
      Policies: Match.absent(),
    });
    const { PolicyDocument, Roles } = toMomento.only('AWS::IAM::Policy');
    assert.deepEqual(Roles, [{ Ref: toMomento.id(deliveryRole) }]);
    assert.deepEqual((PolicyDocument as { Statement: unknown }).Statement, [
      {
        Action: 'events:InvokeApiDestination',
        Effect: 'Allow',
        Resource: Object.values(apiDestinations).map((destination) => getAtt(idOf(toMomento, destination))),
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
    const apiKeyVersionId = '01234567-89ab-cdef-0123-456789abcdef';
    assert.deepEqual(authParameters({ apiKeyVersionId }), reference(`SecretString:::${apiKeyVersionId}`));
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
    const { deadLetterQueue, deliveryRules, refusalRules } = toMomento.construct;
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
          ArnEquals: { 'aws:SourceArn': [...deliveryRules, ...refusalRules].map((rule) => getAtt(toMomento.id(rule))) },
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
    toMomento.template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          { Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Effect: 'Allow', Principal: EVENTS, Resource: '*' },
        ]),
      },
    });
  });

  test('that is imported keeps its policy, and somebody is told', () => {
    const toMomento = new ToMomento((stack) => ({
      deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:111111111111:letters'),
    }));
    toMomento.template.resourceCountIs('AWS::SQS::QueuePolicy', 0);
    Annotations.fromStack(toMomento.stack).hasWarning(
      '/Stack/Given',
      Match.stringLikeRegexp(
        'The policy of an imported queue cannot be amended\\. Make sure .* or dead letters are lost',
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
    assert.deepEqual(idsOf([...construct.deliveryRules, ...construct.refusalRules]), [
      'TopicPublishRule',
      'TopicPublishRefused',
    ]);
    assert.deepEqual(Object.keys(construct.apiDestinations), ['topicPublish']);
  });
});

describe('wrong props are refused', () => {
  const user = 'this construct in eu-west-1, from where it cannot reach it.';
  const forward = 'Give a bus of the same account and region, and a rule on the other bus whose target is that bus.';
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
      `apiKey is in us-east-1, but ${user} Give a secret of that region, or a replica in it.`,
    ],
    [
      'a bus of another region',
      bus('arn:aws:events:us-east-1:111111111111:event-bus/orders'),
      `eventBus is in us-east-1, but ${user} ${forward}`,
    ],
    [
      'a bus of another account',
      bus('arn:aws:events:eu-west-1:222222222222:event-bus/orders'),
      `eventBus is in account 222222222222, but this construct in 111111111111. ${forward}`,
    ],
    [
      'a queue of another region',
      (stack) => ({
        deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:us-east-1:111111111111:letters'),
      }),
      `deadLetterQueue is in us-east-1, but ${user} Give a queue of that region.`,
    ],
    [
      'a FIFO queue',
      (stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Given', { fifo: true }) }),
      'deadLetterQueue is a FIFO queue, which EventBridge does not send to. Give a standard queue.',
    ],
    [
      'an unknown command',
      { commands: ['cacheGet' as never] },
      'commands is cacheGet. Give one of cacheSet, cacheDelete, topicPublish.',
    ],
    [
      'no command',
      { commands: [] },
      'commands is empty, so nothing would be done. Name a command, or leave it out for all.',
    ],
    [
      'no source',
      { sources: [] },
      'sources is empty or has an empty source, which no event has. Leave it out to take any source.',
    ],
    [
      'an empty source',
      { sources: ['orders', ''] },
      'sources is empty or has an empty source, which no event has. Leave it out to take any source.',
    ],
    [
      'more sources than a pattern holds',
      { sources: Array.from({ length: 100 }, (_, i) => `source-number-${i.toString()}`) },
      'sources makes an event pattern of 2145 characters, and EventBridge takes 2048. Give fewer sources, or a bus of ' +
        'their own to these events.',
    ],
    ['a rate of zero', { rateLimits: { cacheSet: 0 } }, 'rateLimits.cacheSet is 0. Give a whole number from 1.'],
    [
      'a rate that is no whole number',
      { rateLimits: { topicPublish: 0.5 } },
      'rateLimits.topicPublish is 0.5. Give a whole number from 1.',
    ],
    [
      'an age under a minute',
      { maxEventAge: Duration.seconds(59) },
      'maxEventAge in seconds is 59. Give a whole number from 60 to 86400.',
    ],
    [
      'an age over a day',
      { maxEventAge: Duration.hours(25) },
      'maxEventAge in seconds is 90000. Give a whole number from 60 to 86400.',
    ],
    [
      'an age of a fraction of a second',
      { maxEventAge: Duration.millis(60_500) },
      'maxEventAge in seconds is 60.5. Give a whole number from 60 to 86400.',
    ],
    ['186 retries', { retryAttempts: 186 }, 'retryAttempts is 186. Give a whole number from 0 to 185.'],
    ['fewer retries than none', { retryAttempts: -1 }, 'retryAttempts is -1. Give a whole number from 0 to 185.'],
  ];
  for (const [mistake, props, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(() => new ToMomento(props), { message: `Stack/Out: ${sentence}` });
    });
  }

  test('a region without a cell, with the regions there are', () => {
    const paris = { env: { region: 'eu-west-3' } };
    assert.throws(() => new ToMomento({}, paris), {
      message: /^Stack\/Out: Momento has no cell in eu-west-3, only in ap-/,
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

  test('grantPutCommands lets somebody put these commands on this bus, and no other events', () => {
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

  test('grantConsumeDeadLetters lets somebody receive and delete dead letters', () => {
    const { toMomento, statements } = allowedTo(({ construct }, role) => construct.grantConsumeDeadLetters(role));
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
    const { deliveryRules, refusalRules } = construct;
    const all = [...deliveryRules, ...refusalRules];
    assert.deepEqual(resolved(construct.metricFailedInvocations()), ofRules('FailedInvocations', all));
    const delivered = ofRules('SuccessfulInvocationAttempts', deliveryRules);
    assert.deepEqual(resolved(construct.metricDelivered()), delivered);
    assert.deepEqual(resolved(construct.metricDeadLettered()), [
      ...ofRules('InvocationsSentToDlq', deliveryRules),
      ...ofRules('Invocations', refusalRules),
    ]);
    const { expression } = construct.metricDelivered();
    assert.equal(expression, 'FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0) + FILL(m3, 0) + FILL(m4, 0)');
  });

  test('are read as the caller says', () => {
    const metric = construct.metricDelivered({ period: Duration.minutes(1), label: 'arrived' });
    assert.deepEqual([metric.period.toSeconds(), metric.label], [60, 'arrived']);
    const [rule] = construct.deliveryRules;
    assert.ok(rule);
    assert.equal(construct.metricOfRule(rule, 'Invocations', { statistic: 'Maximum' }).statistic, 'Maximum');
  });

  test('of a queue of commands there are none', () => {
    assert.throws(() => construct.metricOldestCommandAge(), {
      message:
        'Stack/Out: metricOldestCommandAge is of the queue of Delivery.lambda(). API destinations have no such metric.',
    });
  });

  test('name the bus too, if it is not the default one', () => {
    const other = new ToMomento((scope) => ({ eventBus: new events.EventBus(scope, 'Bus') }));
    const [rule] = other.construct.refusalRules;
    assert.ok(rule);
    assert.deepEqual(other.stack.resolve(other.construct.metricOfRule(rule, 'Invocations').dimensions), {
      EventBusName: { Ref: other.id(other.construct.eventBus) },
      RuleName: { Ref: other.id(rule) },
    });
  });
});

describe('alarms', () => {
  test('go off for one failed command, and for one dead letter, and not for want of data', () => {
    const toMomento = new ToMomento();
    const common = {
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: Match.absent(),
    };
    toMomento.template.resourceCountIs('AWS::CloudWatch::Alarm', 2);
    toMomento.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...common,
      Metrics: Match.arrayWith([Match.objectLike({ Label: 'Failed invocations' })]),
    });
    toMomento.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...common,
      Dimensions: [
        { Name: 'QueueName', Value: getAtt(toMomento.id(toMomento.construct.deadLetterQueue), 'QueueName') },
      ],
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Namespace: 'AWS/SQS',
      Period: 60,
      Statistic: 'Maximum',
    });
  });

  test('do what they are told', () => {
    const toMomento = new ToMomento((stack) => ({
      alarmActions: [new actions.SnsAction(sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:1:pager'))],
    }));
    toMomento.template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: ['arn:aws:sns:eu-west-1:1:pager'],
    });
  });
});

test('two of them fit in a stack, even one that does not know its region', () => {
  const stack = new Stack(new App(), 'Stack');
  for (const id of ['One', 'Other']) new EventBridgeToMomento(stack, id, { apiKey: apiKey(stack, `${id}Key`) });
  Template.fromStack(stack).resourceCountIs('AWS::Events::Connection', 2);
});
