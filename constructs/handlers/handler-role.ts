import { Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';

/**
 * What a handler may do: the calls it makes, on the resources it makes them on, and nothing else.
 *
 * The L2 grants allow further actions that no handler calls, hence the statements of our own.
 */
export class HandlerRole extends iam.Role {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  }

  public putEventsOn(bus: events.IEventBus): void {
    bus.grantPutEventsTo(this);
  }

  public readSecret(secret: secretsmanager.ISecret): void {
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        // A secret imported by name has no full ARN: Secrets Manager appends a hyphen and six characters to the name.
        resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
      }),
    );
    this.letServiceUse(secret.encryptionKey, 'secretsmanager', ['kms:Decrypt']);
  }

  public sendTo(queue: sqs.IQueue): void {
    queue.grant(this, 'sqs:SendMessage');
    queue.encryptionMasterKey?.grant(this, 'kms:GenerateDataKey', 'kms:Decrypt');
  }

  /** The first three actions are what an event source mapping needs; the last is to say when a message is due again. */
  public takeFrom(queue: sqs.IQueue): void {
    queue.grant(
      this,
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    );
    queue.encryptionMasterKey?.grant(this, 'kms:Decrypt');
  }

  public writeItemsOf(table: dynamodb.ITable): void {
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [table.tableArn],
      }),
    );
    // DynamoDB uses the key in its caller's name, for reading as for writing: a write on a condition is both.
    this.letServiceUse(table.encryptionKey, 'dynamodb', [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
    ]);
  }

  public decryptEnvironmentWith(key: kms.IKey | undefined): void {
    this.letServiceUse(key, 'lambda', ['kms:Decrypt']);
  }

  /**
   * What Lambda does in the role's name to connect a function to a network
   * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html). The interfaces don't exist before, and EC2 knows no
   * resources for some of the actions.
   */
  public joinNetwork(): void {
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    );
  }

  /**
   * EventBridge keeps the connection's copy of the key in a secret of its own, and writes it in its caller's name. The
   * actions on that secret are those that CloudFormation asks for to update a connection, less the one that makes a secret.
   */
  public updateConnection(connection: events.Connection): void {
    const isResource = (child: IConstruct): child is events.CfnConnection => child instanceof events.CfnConnection;
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['events:DescribeConnection', 'events:UpdateConnection'],
        // Without the id at the end, which the ARN of a connection has and its name for policies does not.
        resources: connection.node.children.filter(isResource).map(({ attrArnForPolicy }) => attrArnForPolicy),
      }),
    );
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecret'],
        resources: [connection.connectionSecretArn],
      }),
    );
  }

  /** On the role and not in the key's policy, where an L2 grant puts it: the policy of an imported key is not ours. */
  private letServiceUse(key: kms.IKey | undefined, service: string, actions: string[]): void {
    if (key) {
      this.addToPrincipalPolicy(
        new iam.PolicyStatement({
          actions,
          resources: [key.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `${service}.${Stack.of(this).region}.amazonaws.com` } },
        }),
      );
    }
  }
}
