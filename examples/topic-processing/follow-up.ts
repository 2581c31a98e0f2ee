import type { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { type EachMessageProps, EXPIRES, forEachMessage, MESSAGE_KEY, messageTable, ofMessage } from './each-message';

export interface FollowUpProps extends EachMessageProps {
  readonly topicName: string;
  /** How long after the message. */
  readonly delay: Duration;
  /** The topic of the same cache that the follow-up is published to. */
  readonly outputTopic: string;
  /** The bus that commands to Momento are put on. */
  readonly commandBus: events.IEventBus;
}

/**
 * Starts a workflow for each message: here, it publishes a follow-up after a while. The workflow of a copy of a message ends
 * at once. A workflow that failed can be redriven from the state in which it failed.
 */
export class FollowUp extends Construct {
  public readonly stateMachine: sfn.StateMachine;

  public constructor(scope: Construct, id: string, props: FollowUpProps) {
    super(scope, id);
    const { cacheName, topicName, outputTopic, delay, commandBus } = props;
    if (topicName === outputTopic) {
      throw new Error(`Both topics are ${topicName}: each follow-up would be followed up, again and again.`);
    }
    const thisExecution = tasks.DynamoAttributeValue.fromString('{% $states.context.Execution.Id %}');
    const claim = tasks.DynamoPutItem.jsonata(this, 'Claim', {
      table: messageTable(this),
      item: { ...MESSAGE_KEY, Execution: thisExecution, Expires: EXPIRES },
      // A retry may find that this execution has the message already, if the first answer was lost.
      conditionExpression: 'attribute_not_exists(Topic) OR Execution = :this',
      expressionAttributeValues: { ':this': thisExecution },
    });
    const wait = sfn.Wait.jsonata(this, 'Wait', { time: sfn.WaitTime.duration(delay) });
    const publish = tasks.EventBridgePutEvents.jsonata(this, 'Publish', {
      entries: [
        {
          eventBus: commandBus,
          source: 'topic-processing',
          detailType: 'topicPublish',
          detail: sfn.TaskInput.fromObject({
            cacheName,
            topicName: outputTopic,
            message: ofMessage("'Following up: ' & text"),
          }),
        },
      ],
    });
    const ofAnotherExecution = 'DynamoDB.ConditionalCheckFailedException';
    claim
      .addRetry({ errors: [ofAnotherExecution], maxAttempts: 0 })
      .addRetry()
      .addCatch(sfn.Succeed.jsonata(this, 'FollowedUpAlready'), { errors: [ofAnotherExecution] });
    this.stateMachine = forEachMessage(
      this,
      props,
      sfn.StateMachineType.STANDARD,
      claim.next(wait).next(publish.addRetry()),
    );
  }
}
