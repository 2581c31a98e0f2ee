import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ReplayProtection } from '../../../constructs/from-momento/replay-protection';
import { allow, Webhook } from '../from-momento/webhook';
import { IRELAND, type PolicyStatement } from '../in-stack';

const LOG_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
/** A compromised handler cannot forge other sources. */
const ofMomento = { Condition: { StringEquals: { 'events:source': 'Momento' } } };
const actionsInclude = (text: string) => (statement: PolicyStatement) =>
  JSON.stringify(statement.Action).includes(text);

describe('the webhook handler may', () => {
  test('make the four calls it makes, each on the one resource it makes it on, and nothing else', () => {
    const webhook = new Webhook((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { eventBus, signingSecret, fallbackQueue, logGroup, handler } = webhook.construct;
    assert.deepEqual(webhook.allowed(handler), [
      allow(LOG_ACTIONS, webhook.arn(logGroup)),
      { ...allow('events:PutEvents', webhook.arn(eventBus)), ...ofMomento },
      allow('secretsmanager:GetSecretValue', { Ref: webhook.id(signingSecret) }),
      allow('sqs:SendMessage', webhook.arn(fallbackQueue)),
    ]);
  });

  test("put events on the account's default bus, and no other, when no bus is given", () => {
    const webhook = new Webhook({}, IRELAND);
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:111111111111:event-bus/default'];
    for (const handler of [webhook.construct.handler, webhook.construct.redriveHandler]) {
      const [statement] = webhook.allowed(handler).filter(actionsInclude('events:'));
      assert.deepEqual(statement, { ...allow('events:PutEvents', { 'Fn::Join': ['', arn] }), ...ofMomento });
    }
  });

  test('use the keys of a secret and a queue that are encrypted with keys of their own', () => {
    const webhook = new Webhook((stack) => ({
      signingSecret: new secretsmanager.Secret(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'SecretKey') }),
      fallbackQueue: new sqs.Queue(stack, 'Queue', { encryptionMasterKey: new kms.Key(stack, 'QueueKey') }),
    }));
    const { signingSecret, fallbackQueue, handler } = webhook.construct;
    assert.deepEqual(webhook.allowed(handler).filter(actionsInclude('kms:')), [
      {
        ...allow('kms:Decrypt', webhook.arn(signingSecret.encryptionKey as kms.Key)),
        Condition: {
          StringEquals: {
            'kms:ViaService': {
              'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']],
            },
          },
        },
      },
      allow(['kms:GenerateDataKey', 'kms:Decrypt'], webhook.arn(fallbackQueue.encryptionMasterKey as kms.Key)),
    ]);
  });

  test('read a secret that is given by name, whose ARN ends in six characters that are not known', () => {
    const webhook = new Webhook(
      (stack) => ({ signingSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'momento') }),
      IRELAND,
    );
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:eu-west-1:111111111111:secret:momento-??????'];
    const [statement] = webhook.allowed(webhook.construct.handler).filter(actionsInclude('secretsmanager:'));
    assert.deepEqual(statement, allow('secretsmanager:GetSecretValue', { 'Fn::Join': ['', arn] }));
  });

  test('claim requests in the table of the replay protection, and use its key', () => {
    const webhook = new Webhook((stack) => ({
      replayProtection: ReplayProtection.existingTable(
        new dynamodb.Table(stack, 'Table', {
          partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
          encryptionKey: new kms.Key(stack, 'TableKey'),
        }),
      ),
    }));
    const table = webhook.construct.replayTable as dynamodb.Table;
    assert.deepEqual(webhook.allowed(webhook.construct.handler).slice(-2), [
      allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], webhook.arn(table)),
      {
        ...allow(
          ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
          webhook.arn(table.encryptionKey as kms.Key),
        ),
        Condition: {
          StringEquals: {
            'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
          },
        },
      },
    ]);
  });
});

describe('the redrive handler may', () => {
  test('make the calls that it and its event source make, each on the one resource, and nothing else', () => {
    const webhook = new Webhook((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    const { eventBus, fallbackQueue, deadLetterQueue, redriveHandler } = webhook.construct;
    assert.deepEqual(webhook.allowed(redriveHandler), [
      allow(LOG_ACTIONS, webhook.arn(redriveHandler.logGroup)),
      { ...allow('events:PutEvents', webhook.arn(eventBus)), ...ofMomento },
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        webhook.arn(fallbackQueue),
      ),
      allow('sqs:SendMessage', webhook.arn(deadLetterQueue)),
    ]);
  });

  test('use the keys of queues that are encrypted with keys of their own', () => {
    const queue = (stack: Stack, id: string) =>
      new sqs.Queue(stack, id, { encryptionMasterKey: new kms.Key(stack, `${id}Key`) });
    const webhook = new Webhook((stack) => ({
      fallbackQueue: queue(stack, 'Parked'),
      deadLetterQueue: queue(stack, 'Dead'),
    }));
    const { fallbackQueue, deadLetterQueue, redriveHandler } = webhook.construct;
    assert.deepEqual(webhook.allowed(redriveHandler).filter(actionsInclude('kms:')), [
      allow('kms:Decrypt', webhook.arn(fallbackQueue.encryptionMasterKey as kms.Key)),
      allow(['kms:GenerateDataKey', 'kms:Decrypt'], webhook.arn(deadLetterQueue.encryptionMasterKey as kms.Key)),
    ]);
  });
});

describe('each handler', () => {
  test('has a role of its own, with nothing but its policy', () => {
    const { template, construct } = new Webhook();
    assert.notEqual(construct.handler.role, construct.redriveHandler.role);
    template.resourceCountIs('AWS::IAM::Role', 2);
    template.resourceCountIs('AWS::IAM::Policy', 2);
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
  });

  test('may write traces only when tracing is on', () => {
    const xray = (tracing: lambda.Tracing) => {
      const webhook = new Webhook({ tracing });
      return [webhook.construct.handler, webhook.construct.redriveHandler].map((handler) =>
        webhook.allowed(handler).filter(actionsInclude('xray:')),
      );
    };
    const traces = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*');
    assert.deepEqual(xray(lambda.Tracing.ACTIVE), [[traces], [traces]]);
    assert.deepEqual(xray(lambda.Tracing.DISABLED), [[], []]);
  });
});
