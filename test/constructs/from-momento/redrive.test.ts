import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LogLevel } from '../../../constructs/handlers/log-level';
import { IRELAND } from '../in-stack';
import { Webhook } from './webhook';

const KEPT_FOR_14_DAYS = { MessageRetentionPeriod: 14 * 24 * 60 * 60, SqsManagedSseEnabled: true };

describe('the redrive handler', () => {
  test('runs on Amazon Linux 2023 with 128 MiB for at most 30 s, and logs to a log group of its own', () => {
    const webhook = new Webhook({ memorySize: 512, reservedConcurrency: 5 });
    const { redriveHandler, logGroup } = webhook.construct;
    const properties = webhook.properties(redriveHandler);
    assert.deepEqual(
      { ...properties, Role: undefined, Environment: undefined },
      {
        Architectures: ['arm64'],
        Code: { S3Bucket: 'code-bucket', S3Key: 'redrive.zip', S3ObjectVersion: 'version' },
        Description: 'Puts parked messages of Momento topics on the event bus',
        Environment: undefined,
        Handler: 'bootstrap',
        LoggingConfig: { LogGroup: { Ref: webhook.id(redriveHandler.logGroup) } },
        MemorySize: 128,
        Role: undefined,
        Runtime: 'provided.al2023',
        Timeout: 30,
      },
    );
    assert.notEqual(redriveHandler.logGroup, logGroup);
  });

  test('finds the bus of the webhook handler, both queues and its settings in its environment', () => {
    const webhook = new Webhook({}, IRELAND);
    const { fallbackQueue, deadLetterQueue, handler, redriveHandler } = webhook.construct;
    assert.deepEqual(webhook.environment(redriveHandler), {
      EVENT_BUS_NAME: webhook.environment(handler).EVENT_BUS_NAME,
      FALLBACK_QUEUE_URL: { Ref: webhook.id(fallbackQueue) },
      DEAD_LETTER_QUEUE_URL: { Ref: webhook.id(deadLetterQueue) },
      PATIENCE_MS: '86400000',
      LOG_LEVEL: 'info',
    });
  });

  test('takes what is the same for both handlers from the same props', () => {
    const webhook = new Webhook({
      architecture: lambda.Architecture.X86_64,
      logLevel: LogLevel.ERROR,
      logRetention: logs.RetentionDays.ONE_WEEK,
      tracing: lambda.Tracing.ACTIVE,
    });
    const { redriveHandler } = webhook.construct;
    const { Architectures, TracingConfig } = webhook.properties(redriveHandler);
    assert.deepEqual([Architectures, TracingConfig], [['x86_64'], { Mode: 'Active' }]);
    assert.equal(webhook.environment(redriveHandler).LOG_LEVEL, 'error');
    assert.equal(webhook.properties(redriveHandler.logGroup).RetentionInDays, 7);
  });

  test('takes the least and the most patience', () => {
    const patience = (redrivePatience: Duration) => {
      const webhook = new Webhook({ redrivePatience });
      return webhook.environment(webhook.construct.redriveHandler).PATIENCE_MS;
    };
    assert.equal(patience(Duration.minutes(1)), '60000');
    assert.equal(patience(Duration.days(10)), '864000000');
  });

  test('is fed from the fallback queue, ten messages at a time, and says which of them failed', () => {
    const webhook = new Webhook();
    const { fallbackQueue, redriveHandler } = webhook.construct;
    assert.deepEqual(webhook.only('AWS::Lambda::EventSourceMapping'), {
      BatchSize: 10,
      EventSourceArn: webhook.arn(fallbackQueue),
      FunctionName: { Ref: webhook.id(redriveHandler) },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('is fed from a fallback queue that is given', () => {
    const arn = 'arn:aws:sqs:eu-west-1:111111111111:parked';
    const webhook = new Webhook((stack) => ({ fallbackQueue: sqs.Queue.fromQueueArn(stack, 'Given', arn) }), IRELAND);
    assert.equal(webhook.only('AWS::Lambda::EventSourceMapping').EventSourceArn, arn);
  });

  test('may receive messages before its event source is made, which Lambda checks', () => {
    const webhook = new Webhook();
    const { redriveHandler } = webhook.construct;
    const policies = webhook.template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: webhook.id(redriveHandler.role) }] },
    });
    webhook.template.hasResource('AWS::Lambda::Function', {
      Properties: webhook.properties(redriveHandler),
      DependsOn: Match.arrayWith(Object.keys(policies)),
    });
  });
});

describe('the queues', () => {
  test('keep messages for 14 days; what is received 1000 times without success moves to the dead-letter queue', () => {
    const webhook = new Webhook();
    const { fallbackQueue, deadLetterQueue } = webhook.construct;
    assert.deepEqual(webhook.properties(fallbackQueue), {
      ...KEPT_FOR_14_DAYS,
      RedrivePolicy: { deadLetterTargetArn: webhook.arn(deadLetterQueue), maxReceiveCount: 1000 },
      VisibilityTimeout: 180,
    });
    assert.deepEqual(webhook.properties(deadLetterQueue), KEPT_FOR_14_DAYS);
  });

  test('reject requests without TLS', () => {
    const webhook = new Webhook();
    const { fallbackQueue, deadLetterQueue } = webhook.construct;
    for (const queue of [fallbackQueue, deadLetterQueue]) {
      webhook.template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: {
          Statement: [
            {
              Action: 'sqs:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              Effect: 'Deny',
              Principal: { AWS: '*' },
              Resource: webhook.arn(queue),
            },
          ],
        },
        Queues: [{ Ref: webhook.id(queue) }],
      });
    }
  });

  test('are outputs, so that an operator finds them', () => {
    const webhook = new Webhook();
    const { fallbackQueue, deadLetterQueue } = webhook.construct;
    for (const queue of [fallbackQueue, deadLetterQueue]) {
      webhook.template.hasOutput('*', { Value: { Ref: webhook.id(queue) } });
    }
  });

  test('that are given are used, and none is created', () => {
    const given = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:${name}`;
    const url = (name: string) => ({
      'Fn::Join': ['', ['https://sqs.eu-west-1.', { Ref: 'AWS::URLSuffix' }, `/111111111111/${name}`]],
    });
    const webhook = new Webhook(
      (stack) => ({
        fallbackQueue: sqs.Queue.fromQueueArn(stack, 'Parked', given('parked')),
        deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Dead', given('dead')),
      }),
      IRELAND,
    );
    webhook.template.resourceCountIs('AWS::SQS::Queue', 0);
    const { handler, redriveHandler } = webhook.construct;
    assert.deepEqual(webhook.environment(handler).FALLBACK_QUEUE_URL, url('parked'));
    assert.deepEqual(webhook.environment(redriveHandler).FALLBACK_QUEUE_URL, url('parked'));
    assert.deepEqual(webhook.environment(redriveHandler).DEAD_LETTER_QUEUE_URL, url('dead'));
  });

  test('move messages to a dead-letter queue that is given', () => {
    const webhook = new Webhook((stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Given') }));
    const { fallbackQueue, deadLetterQueue } = webhook.construct;
    assert.deepEqual(webhook.properties(fallbackQueue).RedrivePolicy, {
      deadLetterTargetArn: webhook.arn(deadLetterQueue),
      maxReceiveCount: 1000,
    });
  });
});
