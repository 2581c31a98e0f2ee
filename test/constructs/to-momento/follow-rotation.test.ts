import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ApiKeyRotation } from '../../../constructs/to-momento/api-key-rotation';
import type { HandlerOptions } from '../../../constructs/handlers/handler-options';
import type { FollowRotationResources } from '../../../constructs/to-momento/api-destinations-resources';
import { Delivery } from '../../../constructs/to-momento/delivery';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import { matchingRules } from '../../event-ruler';
import { type Rule, ToMomento } from './to-momento';
import { allow, codeInBucket } from '../from-momento/webhook';

type Props = Partial<EventBridgeToMomentoProps>;

const API_KEY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:momento-AbCdEf';

function following(props: Props | ((stack: Stack) => Props) = {}, options: HandlerOptions = {}): ToMomento {
  return new ToMomento((stack) => ({
    delivery: Delivery.apiDestinations({
      apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack), ...options }),
    }),
    ...(typeof props === 'function' ? props(stack) : props),
  }));
}

/** The function and its rules. */
function followRotation({ construct }: ToMomento): FollowRotationResources {
  const resources = construct.apiDestinations?.followRotation;
  assert.ok(resources);
  return resources;
}

/** The id in the template of the connection, which is not the default child of its construct. */
const connectionId = ({ template }: ToMomento) =>
  Object.keys(template.findResources('AWS::Events::Connection'))[0] ?? '';
const ruleOf = (toMomento: ToMomento, rule: events.Rule | undefined) => toMomento.properties(rule) as unknown as Rule;

/** As Secrets Manager puts it on the bus, in the words of its documentation. */
function changed(arn: string, name: string, labelUpdated = 'AWSCURRENT'): string {
  return JSON.stringify({
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: '111111111111',
    time: '2026-02-06T16:43:48Z',
    region: 'eu-west-1',
    resources: [arn],
    detail: { name, labelUpdated, versionId: 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111' },
  });
}

describe('ApiKeyRotation.followSecret()', () => {
  test('is off unless it is asked for', () => {
    for (const delivery of [
      undefined,
      Delivery.apiDestinations(),
      Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.onDeployment() }),
    ]) {
      const toMomento = new ToMomento({ delivery });
      toMomento.template.resourceCountIs('AWS::Lambda::Function', 0);
      assert.equal(toMomento.construct.apiDestinations?.followRotation, undefined);
    }
  });

  test('leaves the delivery as it is', () => {
    const rules = ({ construct }: ToMomento) =>
      [...construct.deliveryRules, ...construct.invalidCommandRules].map(({ node }) => node.id);
    assert.deepEqual(rules(following()), rules(new ToMomento()));
  });

  test('runs the handler follow-rotation, which is told the connection and the secret', () => {
    const toMomento = following({ apiKeyField: 'momento' }, { architecture: lambda.Architecture.X86_64 });
    const { handler } = followRotation(toMomento);
    const { Architectures, Code, Timeout } = toMomento.properties(handler);
    assert.deepEqual([Architectures, Timeout], [['x86_64'], 30]);
    assert.deepEqual(Code, { S3Bucket: 'code-bucket', S3Key: 'follow-rotation.zip', S3ObjectVersion: 'version' });
    assert.deepEqual(toMomento.environment(handler), {
      CONNECTION_NAME: { Ref: connectionId(toMomento) },
      MOMENTO_API_KEY_SECRET_ID: API_KEY,
      MOMENTO_API_KEY_FIELD: 'momento',
      LOG_LEVEL: 'info',
    });
    assert.equal('MOMENTO_API_KEY_FIELD' in following().environment(followRotation(following()).handler), false);
  });

  test('may read the key, update this connection and the copy in it, and nothing else', () => {
    const toMomento = following();
    const { handler } = followRotation(toMomento);
    const ofConnection = (attribute: string) => ({ 'Fn::GetAtt': [connectionId(toMomento), attribute] });
    assert.deepEqual(toMomento.allowed(handler), [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], toMomento.arn(handler.logGroup)),
      allow('secretsmanager:GetSecretValue', API_KEY),
      allow(['events:DescribeConnection', 'events:UpdateConnection'], ofConnection('ArnForPolicy')),
      allow(
        ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecret'],
        ofConnection('SecretArn'),
      ),
    ]);
  });
});

describe('the connection is given the key', () => {
  test('every 15 minutes', () => {
    const toMomento = following();
    const { scheduleRule, handler } = followRotation(toMomento);
    const { ScheduleExpression, Targets } = ruleOf(toMomento, scheduleRule);
    assert.equal(ScheduleExpression, 'rate(15 minutes)');
    assert.deepEqual(Targets[0].Arn, toMomento.arn(handler));
  });

  test("when the secret's current version changes, which is said on the default bus, wherever the commands are", () => {
    const toMomento = following((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { changeRule, handler } = followRotation(toMomento);
    const { EventBusName, EventPattern, Targets } = ruleOf(toMomento, changeRule);
    assert.equal(EventBusName, undefined);
    assert.deepEqual(Targets[0].Arn, toMomento.arn(handler));
    const secrets = [
      changed(API_KEY, 'momento'),
      changed(API_KEY, 'momento', 'MyLabel'),
      changed(API_KEY.replace('momento-', 'other-'), 'other'),
    ];
    assert.deepEqual(matchingRules({ rule: EventPattern }, secrets), [['rule'], [], []]);
  });

  test('also where the secret is known by its name alone', () => {
    const toMomento = following((stack) => ({
      apiKey: secretsmanager.Secret.fromSecretNameV2(stack, 'Named', 'momento'),
    }));
    const { EventPattern } = ruleOf(toMomento, followRotation(toMomento).changeRule);
    const secrets = [
      changed(API_KEY, 'momento'),
      changed(API_KEY, 'momento', 'MyLabel'),
      changed(API_KEY.replace('momento-', 'momento-other-'), 'momento-other'),
    ];
    assert.deepEqual(matchingRules({ rule: EventPattern }, secrets), [['rule'], [], []]);
  });

  test('by these two rules, and nobody else may run the function', () => {
    const toMomento = following();
    const { changeRule, scheduleRule } = followRotation(toMomento);
    const permissions = Object.values(toMomento.template.findResources('AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties as Record<string, unknown>,
    );
    assert.deepEqual(
      permissions.map(({ Principal, SourceArn }) => [Principal, SourceArn]),
      [changeRule, scheduleRule].map((rule) => ['events.amazonaws.com', toMomento.arn(rule)]),
    );
  });
});
