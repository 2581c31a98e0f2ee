import { Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';

/**
 * The permissions of a pipe: the calls it makes, on the resources it makes them on, and nothing else.
 */
export class PipeRole extends iam.Role {
  public constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Lets a pipe deliver the changes of a DynamoDB table to Momento',
      // Pipes in this account only. Not this pipe only: it refers to the role, so this would be a circular reference.
      assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    });
  }

  /** The actions that AWS lists for a pipe (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html). */
  public readStream(table: dynamodb.ITable, streamArn: string): void {
    this.addToPolicy(
      new iam.PolicyStatement({
        actions: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
        ],
        resources: [streamArn],
      }),
    );
    if (table.encryptionKey) {
      this.addToPolicy(
        new iam.PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [table.encryptionKey.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` } },
        }),
      );
    }
  }

  public invoke(handler: lambda.IFunction): void {
    this.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }));
  }

  public sendTo(queue: sqs.IQueue): void {
    queue.grant(this, 'sqs:SendMessage');
    queue.encryptionMasterKey?.grant(this, 'kms:GenerateDataKey', 'kms:Decrypt');
  }

  public putCommands({ eventBus, commands }: EventBridgeToMomento, source: string): void {
    this.addToPolicy(
      new iam.PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [eventBus.eventBusArn],
        conditions: { StringEquals: { 'events:source': source, 'events:detail-type': commands } },
      }),
    );
  }
}
