import { Annotations, Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The queue that is made where none is given. */
export function newDeadLetterQueue(scope: Construct, id: string): sqs.Queue {
  return new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
}

/**
 * Lets these rules send to the queue, and no others.
 *
 * One statement for all, and the one action that EventBridge takes: the targets of the CDK would write a statement for each
 * rule, and allow reading the queue's attributes.
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
      'The policy of an imported queue cannot be amended. Make sure that it lets events.amazonaws.com do sqs:SendMessage ' +
        `for the rules of EventBridgeToMomento, or ${otherwise}.`,
    );
  }
  queue.encryptionMasterKey?.grant(service, 'kms:GenerateDataKey', 'kms:Decrypt');
}
