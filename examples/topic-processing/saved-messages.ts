import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { EVENT, type EachMessageProps, forEachMessage, MESSAGE_KEY, messageTable, ofMessage } from './each-message';

/** Saves each message in a table. A copy of a message writes the same item again. */
export class SavedMessages extends Construct {
  /** The messages as JSON, by topic, in the order of publication. */
  public readonly table: dynamodb.Table;

  public constructor(scope: Construct, id: string, props: EachMessageProps) {
    super(scope, id);
    this.table = messageTable(this);
    const save = tasks.DynamoPutItem.jsonata(this, 'Save', {
      table: this.table,
      item: { ...MESSAGE_KEY, Detail: tasks.DynamoAttributeValue.fromString(ofMessage('$string($)')) },
    });
    const deadLetter = tasks.SqsSendMessage.jsonata(this, 'DeadLetter', {
      queue: props.deadLetterQueue,
      messageBody: sfn.TaskInput.fromText(EVENT),
    });
    forEachMessage(this, props, sfn.StateMachineType.EXPRESS, save.addRetry().addCatch(deadLetter));
  }
}
