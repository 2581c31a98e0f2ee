import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { EVENT, type EachMessageProps, EXPIRES, forEachMessage, MESSAGE_KEY, messageTable } from './each-message';

/**
 * Counts the messages of each topic. A copy of a message does not count: one transaction adds to the total and notes the
 * message, unless it is noted already.
 */
export class MessageCounts extends Construct {
  /** By topic, the item `total` with the number of `Messages`, and the messages of the last 15 days that were counted. */
  public readonly table: dynamodb.Table;

  public constructor(scope: Construct, id: string, props: EachMessageProps) {
    super(scope, id);
    this.table = messageTable(this);
    const { tableName: TableName } = this.table;
    const text = (value: tasks.DynamoAttributeValue) => value.toObject() as unknown;
    const Topic = text(MESSAGE_KEY.Topic);
    const count = tasks.CallAwsService.jsonata(this, 'Count', {
      service: 'dynamodb',
      action: 'transactWriteItems',
      parameters: {
        TransactItems: [
          {
            Put: {
              TableName,
              Item: { Topic, Message: text(MESSAGE_KEY.Message), Expires: text(EXPIRES) },
              ConditionExpression: 'attribute_not_exists(Topic)',
            },
          },
          {
            Update: {
              TableName,
              Key: { Topic, Message: { S: 'total' } },
              UpdateExpression: 'ADD Messages :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      },
      // A transaction needs the permissions of what it does.
      iamAction: 'dynamodb:PutItem',
      iamResources: [this.table.tableArn],
      additionalIamStatements: [
        new iam.PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.table.tableArn] }),
      ],
    });
    const deadLetter = tasks.SqsSendMessage.jsonata(this, 'DeadLetter', {
      queue: props.deadLetterQueue,
      messageBody: sfn.TaskInput.fromText(EVENT),
    });
    const cancelled = sfn.Choice.jsonata(this, 'WhyCancelled')
      .when(
        sfn.Condition.jsonata("{% $contains($states.input.Cause, '[ConditionalCheckFailed') %}"),
        sfn.Succeed.jsonata(this, 'CountedAlready'),
      )
      .otherwise(deadLetter);
    // Retried first, because two transactions on one total may conflict, which cancels one of them.
    count
      .addRetry({ jitterStrategy: sfn.JitterType.FULL })
      .addCatch(cancelled, { errors: ['DynamoDb.TransactionCanceledException'] })
      .addCatch(deadLetter);
    forEachMessage(this, props, sfn.StateMachineType.EXPRESS, count);
  }
}
