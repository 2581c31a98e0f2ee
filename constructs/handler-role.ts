import { Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface HandlerRoleProps {
  readonly eventBus: events.IEventBus;
  readonly signingSecret: secretsmanager.ISecret;
  readonly fallbackQueue: sqs.IQueue;
  readonly logGroup: logs.ILogGroup;
}

/**
 * What the webhook handler may do: the calls it makes, on the resources it makes them on, and nothing else.
 *
 * The L2 grants for reading a secret and for sending to a queue allow further actions that it never calls, hence the
 * statements of our own.
 */
export class HandlerRole extends iam.Role {
  public constructor(scope: Construct, id: string, props: HandlerRoleProps) {
    super(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    props.eventBus.grantPutEventsTo(this);
    this.allowReading(props.signingSecret);
    this.allowSendingTo(props.fallbackQueue);
    props.logGroup.grantWrite(this);
  }

  private allowReading(secret: secretsmanager.ISecret): void {
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        // A secret imported by name has no full ARN: Secrets Manager appends a hyphen and six characters to the name.
        resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
      }),
    );
    if (secret.encryptionKey) {
      // On the role and not in the key's policy, where the L2 grant puts it: the policy of an imported key is not ours.
      this.addToPrincipalPolicy(
        new iam.PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [secret.encryptionKey.keyArn],
          conditions: {
            StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com` },
          },
        }),
      );
    }
  }

  private allowSendingTo(queue: sqs.IQueue): void {
    queue.grant(this, 'sqs:SendMessage');
    queue.encryptionMasterKey?.grant(this, 'kms:GenerateDataKey', 'kms:Decrypt');
  }
}
