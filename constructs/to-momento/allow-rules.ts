import { Annotations, ArnFormat, Lazy, Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { fail } from '../common/prop-checks';

/**
 * Lets these rules send to the queue, and no others: those that there are when the template is made.
 *
 * One statement for all rules, with the one action that EventBridge takes: the CDK's targets would add a statement for each
 * rule, and permit reading the queue's attributes.
 */
export function allowRules(
  scope: Construct,
  queue: sqs.IQueue,
  rules: () => readonly events.Rule[],
  otherwise = 'dead letters are lost',
): void {
  const { account } = Stack.of(scope);
  const { statementAdded } = queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ...ofRules(scope, queue, rules) },
    }),
  );
  if (!statementAdded) {
    Annotations.of(queue).addWarningV2(
      'cdk-momento-eventbridge:queuePolicy',
      'The CDK cannot amend the policy of an imported queue. Make sure that it lets events.amazonaws.com call ' +
        `sqs:SendMessage for the rules of EventBridgeToMomento, or ${otherwise}.`,
    );
  }
  if (queue.encryptionMasterKey) {
    allowKey(queue, queue.encryptionMasterKey, account, otherwise);
  }
}

/** EventBridge cannot use the key that AWS manages for SQS, and nobody can change that key's policy. */
export function checkQueueKey(scope: Construct, prop: string, queue: sqs.IQueue): void {
  if (queue.encryptionType === sqs.QueueEncryption.KMS_MANAGED) {
    fail(
      scope,
      `${prop} must not be encrypted with the AWS managed key, which EventBridge cannot use. Pass a queue with ` +
        'QueueEncryption.SQS_MANAGED, or with a key of your own.',
    );
  }
}

function ofRules(scope: Construct, queue: sqs.IQueue, rules: () => readonly events.Rule[]): iam.Conditions {
  const stack = Stack.of(scope);
  if (Stack.of(queue) === stack) {
    return { ArnEquals: { 'aws:SourceArn': Lazy.list({ produce: () => rules().map((rule) => rule.ruleArn) }) } };
  }
  // The rules refer to the queue. If its policy, which is in the other stack, referred to them, the stacks would depend on
  // each other.
  const anyRule = stack.formatArn({
    service: 'events',
    resource: 'rule',
    resourceName: '*',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  return { ArnLike: { 'aws:SourceArn': anyRule } };
}

function allowKey(queue: sqs.IQueue, key: kms.IKey, account: string, otherwise: string): void {
  const { statementAdded } = key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      // In the policy of a key, the key itself.
      resources: ['*'],
      // Not the rules: the rules refer to the queue, and the queue to the key.
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  if (!statementAdded) {
    Annotations.of(queue).addWarningV2(
      'cdk-momento-eventbridge:queueKeyPolicy',
      'The CDK cannot amend the policy of an imported key. Make sure that it lets events.amazonaws.com call ' +
        `kms:GenerateDataKey and kms:Decrypt, or ${otherwise}.`,
    );
  }
}
