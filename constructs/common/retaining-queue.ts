import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * A queue that can hold the only copy of a message. It keeps messages for 14 days, the most that SQS allows, encrypted at
 * rest with keys that SQS manages, and in transit.
 *
 * By default it stays when it leaves the template or the stack is deleted: another `delivery`, a queue of the
 * user's own or a renamed construct must not take the messages with it.
 */
export class RetainingQueue extends sqs.Queue {
  public constructor(
    scope: Construct,
    id: string,
    props: Pick<sqs.QueueProps, 'deadLetterQueue' | 'removalPolicy' | 'visibilityTimeout'> = {},
  ) {
    super(scope, id, {
      ...props,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }
}
