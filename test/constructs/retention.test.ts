import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery } from '../../constructs';
import { Cached } from './from-dynamodb/cached';
import { Topics } from './from-momento/topics';
import { codeInBucket, Webhook } from './from-momento/webhook';
import { ToMomento } from './to-momento/to-momento';

/** What CloudFormation does with the resources of a type when they leave the template or the stack is deleted. */
function policiesOf(template: Template, type = 'AWS::SQS::Queue'): Record<string, string[]> {
  const resources = Object.entries(template.findResources(type)) as [
    string,
    { DeletionPolicy?: string; UpdateReplacePolicy?: string },
  ][];
  return Object.fromEntries(
    resources.map(([id, { DeletionPolicy = 'none', UpdateReplacePolicy = 'none' }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      [DeletionPolicy, UpdateReplacePolicy],
    ]),
  );
}

/** Kept, except where the creation of the stack itself fails: then the queue is empty. */
const KEPT = ['RetainExceptOnCreate', 'Retain'];
const DELETED = ['Delete', 'Delete'];

interface Created {
  readonly template: Template;
}

const CONSTRUCTS: Record<string, { queues: string[]; make: (queueRemovalPolicy?: RemovalPolicy) => Created }> = {
  MomentoWebhookToEventBridge: {
    queues: ['InDeadLetterQueue', 'InFallbackQueue'],
    make: (queueRemovalPolicy) => new Webhook({ queueRemovalPolicy }),
  },
  MomentoTopicToEventBridge: {
    queues: ['InDeadLetterQueue', 'InFallbackQueue'],
    make: (queueRemovalPolicy) => new Topics({ queueRemovalPolicy }),
  },
  'EventBridgeToMomento by API destinations': {
    queues: ['OutDeadLetterQueue'],
    make: (queueRemovalPolicy) => new ToMomento({ queueRemovalPolicy }),
  },
  'EventBridgeToMomento by Lambda': {
    queues: ['OutDeadLetterQueue', 'OutLambdaCommandQueue'],
    make: (queueRemovalPolicy) =>
      new ToMomento((stack) => ({
        delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
        queueRemovalPolicy,
      })),
  },
  DynamoDbToMomento: {
    queues: ['CachedDeadLetterQueue', 'OutDeadLetterQueue'],
    make: (queueRemovalPolicy) => new Cached({ queueRemovalPolicy }, { queueRemovalPolicy }),
  },
};

describe('a created queue, which can hold the only copy of something,', () => {
  for (const [name, { queues, make }] of Object.entries(CONSTRUCTS)) {
    test(`outlives the stack, and an update that does not need it: ${name}`, () => {
      assert.deepEqual(policiesOf(make().template), Object.fromEntries(queues.map((queue) => [queue, KEPT])));
    });

    test(`is deleted if queueRemovalPolicy says so: ${name}`, () => {
      const { template } = make(RemovalPolicy.DESTROY);
      assert.deepEqual(policiesOf(template), Object.fromEntries(queues.map((queue) => [queue, DELETED])));
    });
  }

  test('has the same id in the template whatever the other props are, so that no update replaces it', () => {
    const ids = ({ template }: Created) => Object.keys(template.findResources('AWS::SQS::Queue'));
    const byLambda = CONSTRUCTS['EventBridgeToMomento by Lambda']?.make() ?? assert.fail();
    assert.deepEqual(ids(new ToMomento()), ['OutDeadLetterQueueF3825562']);
    assert.ok(ids(byLambda).includes('OutDeadLetterQueueF3825562'));
  });
});

describe('the created signing secret', () => {
  const policies = ({ template }: Created) => policiesOf(template, 'AWS::SecretsManager::Secret');

  test('is deleted with the stack, as Momento shows the value again', () => {
    assert.deepEqual(policies(new Webhook()), { InSigningSecret: DELETED });
  });

  test('is kept if signingSecretRemovalPolicy says so', () => {
    const webhook = new Webhook({ signingSecretRemovalPolicy: RemovalPolicy.RETAIN });
    assert.deepEqual(policies(webhook), { InSigningSecret: ['Retain', 'Retain'] });
  });
});

describe('the created checkpoint table', () => {
  const policies = ({ template }: Created) => policiesOf(template, 'AWS::DynamoDB::Table');

  test('is deleted with the stack, without which nobody reads on from its positions', () => {
    assert.deepEqual(policies(new Topics()), { InCheckpointTable: DELETED });
  });

  test('is kept if checkpointTableRemovalPolicy says so', () => {
    const topics = new Topics({ checkpointTableRemovalPolicy: RemovalPolicy.RETAIN });
    assert.deepEqual(policies(topics), { InCheckpointTable: ['Retain', 'Retain'] });
  });
});

describe('the outputs', () => {
  const outputsOf = ({ template }: Created) =>
    Object.keys(template.findOutputs('*'))
      .map((id) => id.replace(/[0-9A-F]{8}$/, ''))
      .sort();

  test('name the same things with the same words in every construct', () => {
    assert.deepEqual(outputsOf(new Webhook()), [
      'InDeadLetterQueueUrl',
      'InFallbackQueueUrl',
      'InSigningSecretArn',
      'InUrl',
    ]);
    assert.deepEqual(outputsOf(new Topics()), ['InDeadLetterQueueUrl', 'InFallbackQueueUrl']);
    assert.deepEqual(outputsOf(new ToMomento()), ['OutDeadLetterQueueUrl']);
    const byLambda = CONSTRUCTS['EventBridgeToMomento by Lambda']?.make() ?? assert.fail();
    assert.deepEqual(outputsOf(byLambda), ['OutCommandQueueUrl', 'OutDeadLetterQueueUrl']);
    assert.deepEqual(outputsOf(new Cached()), ['CachedDeadLetterQueueUrl', 'OutDeadLetterQueueUrl']);
  });

  test('leave out what was given', () => {
    const webhook = new Webhook((stack) => ({
      signingSecret: new secretsmanager.Secret(stack, 'Secret'),
      fallbackQueue: new sqs.Queue(stack, 'Fallback'),
      deadLetterQueue: new sqs.Queue(stack, 'Dead'),
    }));
    assert.deepEqual(outputsOf(webhook), ['InUrl']);
    const topics = new Topics((stack) => ({
      fallbackQueue: new sqs.Queue(stack, 'Fallback'),
      deadLetterQueue: new sqs.Queue(stack, 'Dead'),
    }));
    assert.deepEqual(outputsOf(topics), []);
    const toMomento = new ToMomento((stack) => ({
      deadLetterQueue: new sqs.Queue(stack, 'Dead'),
      delivery: Delivery.lambdaFunction({
        handlerCode: codeInBucket(stack),
        commandQueue: new sqs.Queue(stack, 'Commands'),
      }),
    }));
    assert.deepEqual(outputsOf(toMomento), []);
    const cached = new Cached((stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Dead') }), { outputs: false });
    assert.deepEqual(outputsOf(cached), []);
  });

  test('can be switched off', () => {
    assert.deepEqual(outputsOf(new Webhook({ outputs: false })), []);
    assert.deepEqual(outputsOf(new Topics({ outputs: false })), []);
    assert.deepEqual(outputsOf(new ToMomento({ outputs: false })), []);
    assert.deepEqual(outputsOf(new Cached({ outputs: false }, { outputs: false })), []);
  });
});
