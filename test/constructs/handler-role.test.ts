import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Webhook } from './webhook';

const allow = (action: string | string[], resource: unknown) => ({
  Action: action,
  Effect: 'Allow',
  Resource: resource,
});

describe('the handler may', () => {
  test('make the four calls it makes, each on the one resource it makes it on, and nothing else', () => {
    const webhook = new Webhook((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { eventBus, signingSecret, fallbackQueue, logGroup } = webhook.construct;
    assert.deepEqual(webhook.roleStatements, [
      allow('events:PutEvents', { 'Fn::GetAtt': [webhook.id(eventBus), 'Arn'] }),
      allow('secretsmanager:GetSecretValue', { Ref: webhook.id(signingSecret) }),
      allow('sqs:SendMessage', { 'Fn::GetAtt': [webhook.id(fallbackQueue), 'Arn'] }),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [webhook.id(logGroup), 'Arn'] }),
    ]);
    webhook.template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: Match.absent(),
      Policies: Match.absent(),
    });
  });

  test("put events on the account's default bus, and no other, when no bus is given", () => {
    const webhook = new Webhook({}, { env: { account: '111111111111', region: 'eu-west-1' } });
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:111111111111:event-bus/default'];
    assert.deepEqual(webhook.roleStatements[0], allow('events:PutEvents', { 'Fn::Join': ['', arn] }));
  });

  test('use the keys of a secret and a queue that are encrypted with keys of their own', () => {
    const webhook = new Webhook((stack) => ({
      signingSecret: new secretsmanager.Secret(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'SecretKey') }),
      fallbackQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: new kms.Key(stack, 'QueueKey') }),
    }));
    const { signingSecret, fallbackQueue } = webhook.construct;
    const keyOf = (key: kms.IKey | undefined) => ({ 'Fn::GetAtt': [webhook.id(key as kms.Key), 'Arn'] });
    const ofKeys = webhook.roleStatements.filter(({ Action }) => JSON.stringify(Action).includes('kms:'));
    assert.deepEqual(ofKeys, [
      {
        ...allow('kms:Decrypt', keyOf(signingSecret.encryptionKey)),
        Condition: {
          StringEquals: {
            'kms:ViaService': {
              'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']],
            },
          },
        },
      },
      allow(['kms:GenerateDataKey', 'kms:Decrypt'], keyOf(fallbackQueue.encryptionMasterKey)),
    ]);
  });

  test('read a secret that is given by name, whose ARN ends in six characters that are not known', () => {
    const webhook = new Webhook(
      (stack) => ({ signingSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'momento') }),
      { env: { account: '111111111111', region: 'eu-west-1' } },
    );
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:eu-west-1:111111111111:secret:momento-??????'];
    assert.deepEqual(webhook.roleStatements[1], allow('secretsmanager:GetSecretValue', { 'Fn::Join': ['', arn] }));
  });

  test('write traces only when tracing is on', () => {
    const xray = ({ roleStatements }: Webhook) =>
      roleStatements.filter(({ Action }) => JSON.stringify(Action).includes('xray:'));
    assert.deepEqual(xray(new Webhook({ tracing: lambda.Tracing.ACTIVE })), [
      allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
    ]);
    assert.deepEqual(xray(new Webhook({ tracing: lambda.Tracing.DISABLED })), []);
  });
});
