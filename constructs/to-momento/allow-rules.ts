import { Annotations } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/**
 * Lets these rules send to the queue, and no others.
 *
 * One statement for all rules, with the one action that EventBridge takes: the CDK's targets would add a statement for each
 * rule, and permit reading the queue's attributes.
 */
export function allowRules(
  queue: sqs.IQueue,
  rules: readonly events.Rule[],
  otherwise = 'dead letters are lost',
): void {
  const service = new iam.ServicePrincipal('events.amazonaws.com');
  const { statementAdded } = queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [service],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.ruleArn) } },
    }),
  );
  if (!statementAdded) {
    Annotations.of(queue).addWarningV2(
      'cdk-momento-eventbridge:queuePolicy',
      'The CDK cannot amend the policy of an imported queue. Make sure that it lets events.amazonaws.com call ' +
        `sqs:SendMessage for the rules of EventBridgeToMomento, or ${otherwise}.`,
    );
  }
  queue.encryptionMasterKey?.grant(service, 'kms:GenerateDataKey', 'kms:Decrypt');
}
