import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { DynamoAttributeValue } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { MomentoToEventBridge } from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

/** Which messages start a state machine. */
export interface EachMessageProps {
  /** What puts the messages on the bus. */
  readonly source: MomentoToEventBridge;
  /** The cache of the messages. */
  readonly cacheName: string;
  /**
   * The topic of the messages.
   *
   * @default - every topic of the cache that `source` brings
   */
  readonly topicName?: string;
  /** Where events go that could not be processed. */
  readonly deadLetterQueue: sqs.IQueue;
}

// Expressions of JSONata, in which state machines compute. `detail` is the message as Momento sent it.
const DETAIL = '$states.context.Execution.Input.detail';
const SIXTEEN_DIGITS = "'0000000000000000'";
/** How long a copy of a message may come: the fallback queue and the dead-letter queue keep messages for 14 days. */
const COPIES_FOR_SECONDS = 15 * 24 * 60 * 60;

/** A value that is computed from the message. */
export function ofMessage(expression: string): string {
  return `{% ${DETAIL}.(${expression}) %}`;
}

/** The whole event, as text. */
export const EVENT = '{% $string($states.context.Execution.Input) %}';

/**
 * The key of a message, the same for each copy of it. A subscription numbers messages within pages, a webhook has no pages.
 * The digits make the order of keys that of publication, up to numbers of 2^53.
 */
export const MESSAGE_KEY = {
  Topic: DynamoAttributeValue.fromString(ofMessage("cache & '#' & topic")),
  Message: DynamoAttributeValue.fromString(
    ofMessage(
      `$formatNumber($exists(topic_sequence_page) ? topic_sequence_page : publish_timestamp, ${SIXTEEN_DIGITS})` +
        ` & '-' & $formatNumber(topic_sequence_number, ${SIXTEEN_DIGITS})`,
    ),
  ),
};

/** When no copy can come any more, so that DynamoDB may delete what was kept to recognize copies. */
export const EXPIRES = DynamoAttributeValue.numberFromString(
  `{% $formatNumber($floor($millis() / 1000) + ${COPIES_FOR_SECONDS.toString()}, '0') %}`,
);

/** A table whose items have the key of a message. */
export function messageTable(scope: Construct): dynamodb.Table {
  return new dynamodb.Table(scope, 'Table', {
    partitionKey: { name: 'Topic', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'Message', type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: 'Expires',
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
}

/** Runs a state machine for each message; for a copy of a message, it runs again. */
export function forEachMessage(
  scope: Construct,
  props: EachMessageProps,
  stateMachineType: sfn.StateMachineType,
  definition: sfn.IChainable,
): sfn.StateMachine {
  const { source, cacheName, topicName, deadLetterQueue } = props;
  const machine = new sfn.StateMachine(scope, 'StateMachine', {
    stateMachineType,
    queryLanguage: sfn.QueryLanguage.JSONATA,
    definitionBody: sfn.DefinitionBody.fromChainable(definition),
  });
  source.onMessage(scope.node.id, {
    cacheName,
    topicName,
    target: new SfnStateMachine(machine, { deadLetterQueue }),
  });
  return machine;
}
