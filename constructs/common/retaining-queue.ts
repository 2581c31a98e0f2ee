import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * A queue that keeps messages as long as SQS can, 14 days, encrypted at rest with keys that SQS manages and in transit.
 */
export class RetainingQueue extends sqs.Queue {
  public constructor(
    scope: Construct,
    id: string,
    props: Pick<sqs.QueueProps, 'deadLetterQueue' | 'visibilityTimeout'> = {},
  ) {
    super(scope, id, {
      ...props,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }
}
