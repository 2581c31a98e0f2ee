import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery, EventBridgeToMomento, type EventBridgeToMomentoProps } from '../../../constructs';
import { codeInBucket } from '../from-momento/webhook';
import { IRELAND } from '../in-stack';
import { apiKey, ToMomento } from './to-momento';

/** Each place where EventBridge sends to a queue. */
const places: Record<string, (stack: Stack, queue: sqs.IQueue) => Partial<EventBridgeToMomentoProps>> = {
  deadLetterQueue: (_, deadLetterQueue) => ({ deadLetterQueue }),
  'deadLetterQueue by Lambda': (stack, deadLetterQueue) => ({
    deadLetterQueue,
    delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
  }),
  commandQueue: (stack, commandQueue) => ({
    delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack), commandQueue }),
  }),
};
const visibilityTimeout = Duration.minutes(3);

for (const [place, props] of Object.entries(places)) {
  describe(place, () => {
    const out = (queueProps: (stack: Stack) => sqs.QueueProps) =>
      new ToMomento((stack) =>
        props(stack, new sqs.Queue(stack, 'Queue', { visibilityTimeout, ...queueProps(stack) })),
      );

    test('with the AWS managed key is rejected: EventBridge can never use that key', () => {
      assert.throws(
        () => out(() => ({ encryption: sqs.QueueEncryption.KMS_MANAGED })),
        /Out: (deadLetterQueue|commandQueue) must not be encrypted with the AWS managed key/,
      );
    });

    test('with an imported key has a warning that says what its policy must allow', () => {
      const keyArn = 'arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012';
      const { stack } = out((scope) => ({ encryptionMasterKey: kms.Key.fromKeyArn(scope, 'Key', keyArn) }));
      const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('imported key'));
      assert.equal(warnings.length, 1);
      assert.match(JSON.stringify(warnings[0]?.entry.data), /kms:GenerateDataKey and kms:Decrypt/);
    });

    test('with a key of the app lets EventBridge use the key, for this account only', () => {
      const { template, stack } = out((scope) => ({ encryptionMasterKey: new kms.Key(scope, 'Key') }));
      assert.deepEqual(Annotations.fromStack(stack).findWarning('*', Match.anyValue()), []);
      template.hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: {
          Statement: Match.arrayWith([
            {
              Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
              Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Resource: '*',
            },
          ]),
        },
      });
    });

    test('takes events of the rules of this construct only, in this account', () => {
      const queue = out(() => ({}));
      const policies = queue.template.findResources('AWS::SQS::QueuePolicy');
      const statements = Object.values(policies)
        .flatMap((policy) => (policy as Policy).Properties.PolicyDocument.Statement)
        .filter(({ Principal }) => JSON.stringify(Principal).includes('events.amazonaws.com'));
      assert.ok(statements.length > 0);
      for (const { Action, Condition } of statements) {
        assert.equal(Action, 'sqs:SendMessage');
        assert.deepEqual(Condition.StringEquals, { 'aws:SourceAccount': '111111111111' });
        assert.ok(Object.keys(Condition.ArnEquals ?? {}).includes('aws:SourceArn'));
      }
    });

    test('can be of another stack of the app, and then takes events of all rules of the account and region', () => {
      const app = new App();
      const shared = new Stack(app, 'Shared', IRELAND);
      const queue = new sqs.Queue(shared, 'Queue', {
        visibilityTimeout,
        encryptionMasterKey: new kms.Key(shared, 'Key'),
      });
      const stack = new Stack(app, 'Stack', IRELAND);
      new EventBridgeToMomento(stack, 'Out', { apiKey: apiKey(stack), ...props(stack, queue) });
      app.synth();
      const anyRule = ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-west-1:111111111111:rule/*'];
      Template.fromStack(shared).hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: 'sqs:SendMessage',
              Condition: {
                StringEquals: { 'aws:SourceAccount': '111111111111' },
                ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', anyRule] } },
              },
            }),
          ]),
        },
      });
    });

    test('can be of the stack around a nested one', () => {
      const app = new App();
      const outer = new Stack(app, 'Outer', IRELAND);
      const queue = new sqs.Queue(outer, 'Queue', { visibilityTimeout });
      const nested = new NestedStack(outer, 'Nested');
      new EventBridgeToMomento(nested, 'Out', { apiKey: apiKey(nested), ...props(nested, queue) });
      assert.ok(app.synth());
    });
  });
}

interface Policy {
  readonly Properties: {
    readonly PolicyDocument: {
      readonly Statement: {
        readonly Action: unknown;
        readonly Principal: unknown;
        readonly Condition: Record<string, Record<string, unknown>>;
      }[];
    };
  };
}
