import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { ApiKeyRotation, Delivery, type HandlerOptions } from '../../../constructs';
import { Cached } from '../from-dynamodb/cached';
import { Topics } from '../from-momento/topics';
import { codeInBucket, Webhook } from '../from-momento/webhook';
import type { InStack } from '../in-stack';
import { ToMomento } from '../to-momento/to-momento';

/** Every construct with handlers, and how many it has. */
const CONSTRUCTS: Record<string, [(options: (stack: Stack) => HandlerOptions) => InStack, number]> = {
  MomentoWebhookToEventBridge: [(options) => new Webhook(options), 2],
  MomentoTopicToEventBridge: [(options) => new Topics(options), 2],
  DynamoDbToMomento: [(options) => new Cached(options), 1],
  'Delivery.lambdaFunction': [
    (options) =>
      new ToMomento((stack) => ({
        delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack), ...options(stack) }),
      })),
    1,
  ],
  'ApiKeyRotation.followSecret': [
    (options) =>
      new ToMomento((stack) => ({
        delivery: Delivery.apiDestinations({
          apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack), ...options(stack) }),
        }),
      })),
    1,
  ],
};

describe('the log of a handler', () => {
  for (const [name, [make, count]] of Object.entries(CONSTRUCTS)) {
    test(`is encrypted with the key, and kept for as long, as the options say: ${name}`, () => {
      const made = make((stack) => ({
        logEncryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/logs'),
        logRetention: logs.RetentionDays.ONE_YEAR,
      }));
      const groups = Object.values(made.template.findResources('AWS::Logs::LogGroup')) as {
        readonly Properties: Readonly<Record<string, unknown>>;
      }[];
      assert.equal(groups.length, count);
      for (const { Properties } of groups) {
        assert.equal(Properties.KmsKeyId, 'arn:aws:kms:eu-west-1:111111111111:key/logs');
        assert.equal(Properties.RetentionInDays, 365);
      }
    });
  }
});
