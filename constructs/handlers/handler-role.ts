import { Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';

/**
 * The permissions of a handler: the calls it makes, on the resources it makes them on, and nothing else.
 *
 * The L2 grants permit more actions than the handlers call, so these statements replace them.
 */
export class HandlerRole extends iam.Role {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  }

  /** Events of these sources only: a compromised handler must not forge other sources. */
  public putEventsOn(bus: events.IEventBus, sources: readonly string[]): void {
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: { StringEquals: { 'events:source': sources.length === 1 ? sources[0] : sources } },
      }),
    );
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

  /** An event source mapping needs the first three actions; the last one sets when a message is retried. */
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
    this.call(table, ['dynamodb:PutItem', 'dynamodb:UpdateItem']);
  }

  /** The lease and the checkpoints: an update is conditional, and no item is ever deleted. */
  public keepCheckpointsIn(table: dynamodb.ITable): void {
    this.call(table, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
  }

  public decryptEnvironmentWith(key: kms.IKey | undefined): void {
    this.letServiceUse(key, 'lambda', ['kms:Decrypt']);
  }

  /**
   * What Lambda calls with the role to connect a function to a VPC
   * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html). The interfaces do not exist yet, and some of the
   * actions have no resource type in IAM.
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
   * EventBridge keeps the connection's copy of the key in a secret of its own, and writes it on behalf of its caller. The
   * actions on that secret are those that CloudFormation needs to update a connection, except the one that creates a secret.
   */
  public updateConnection(connection: events.Connection): void {
    const isResource = (child: IConstruct): child is events.CfnConnection => child instanceof events.CfnConnection;
    this.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['events:DescribeConnection', 'events:UpdateConnection'],
        // The ARN for policies: the ARN of a connection has an id at the end, which policies must not have.
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

  private call(table: dynamodb.ITable, actions: string[]): void {
    this.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [table.tableArn] }));
    // DynamoDB uses the key on behalf of its caller, for reads and writes: a conditional write is both.
    this.letServiceUse(table.encryptionKey, 'dynamodb', [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
    ]);
  }

  /** On the role, not in the key's policy, where an L2 grant puts it: the CDK cannot amend the policy of an imported key. */
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
