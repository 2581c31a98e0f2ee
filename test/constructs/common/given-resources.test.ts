import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery, type EventBridgeToMomentoProps, type MomentoWebhookToEventBridgeProps } from '../../../constructs';
import { Cached } from '../from-dynamodb/cached';
import { codeInBucket, Webhook } from '../from-momento/webhook';
import { ToMomento } from '../to-momento/to-momento';

type QueueMaker = (stack: Stack) => sqs.IQueue;

const queueOf =
  (props: sqs.QueueProps): QueueMaker =>
  (stack) =>
    new sqs.Queue(stack, 'Given', { visibilityTimeout: Duration.minutes(3), ...props });
const byLambda = (stack: Stack, commandQueue?: sqs.IQueue, memorySize?: number) =>
  Delivery.lambdaFunction({ handlerCode: codeInBucket(stack), commandQueue, memorySize });

/** The queues from which Lambda feeds a function. */
const FEEDING: Record<string, (queue: QueueMaker, wait?: Duration) => unknown> = {
  fallbackQueue: (queue, redrivePatience) => new Webhook((stack) => ({ fallbackQueue: queue(stack), redrivePatience })),
  commandQueue: (queue, maxEventAge) =>
    new ToMomento((stack) => ({ delivery: byLambda(stack, queue(stack)), maxEventAge })),
};
const DEAD_LETTERS: readonly ((queue: QueueMaker) => unknown)[] = [
  (queue) => new Webhook((stack) => ({ deadLetterQueue: queue(stack) })),
  (queue) => new ToMomento((stack) => ({ deadLetterQueue: queue(stack) })),
  (queue) => new Cached((stack) => ({ deadLetterQueue: queue(stack) })),
];

describe('a queue that is passed in', () => {
  for (const [prop, make] of Object.entries(FEEDING)) {
    test(`as ${prop} is rejected if its visibility timeout is shorter than the function’s timeout`, () => {
      const reason = new RegExp(`${prop} must have a visibility timeout of at least 30 s, .*, got 29 s`);
      assert.throws(() => make(queueOf({ visibilityTimeout: Duration.seconds(29) })), reason);
      make(queueOf({ visibilityTimeout: Duration.seconds(30) }));
      make(queueOf({ visibilityTimeout: undefined }));
    });

    test(`as ${prop} is rejected if it deletes messages that are still retried`, () => {
      const retained = queueOf({ retentionPeriod: Duration.hours(2) });
      assert.throws(
        () => make(retained, Duration.hours(3)),
        new RegExp(`${prop} must retain messages for at least .* \\(3 hours\\), got 7200 s: SQS would delete`),
      );
      make(retained, Duration.hours(2));
    });

    test(`as ${prop} is accepted if it is imported, or its settings are known only at deployment`, () => {
      make((stack) => sqs.Queue.fromQueueArn(stack, 'Given', 'arn:aws:sqs:eu-west-1:111111111111:given'));
      make((stack) => {
        const seconds = Duration.seconds(new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber);
        return queueOf({ visibilityTimeout: seconds, retentionPeriod: seconds })(stack);
      });
    });
  }

  test('is rejected if it does not accept every message', () => {
    const small = queueOf({ maxMessageSizeBytes: 262_143 });
    for (const make of [...Object.values(FEEDING), ...DEAD_LETTERS]) {
      assert.throws(
        () => make(small),
        /Queue must accept messages of 262144 bytes, got 262143: larger ones would be lost/,
      );
      make(queueOf({ maxMessageSizeBytes: 262_144 }));
    }
  });
});

describe('a bus that is passed in', () => {
  test('is rejected if its name cannot be one, such as an ARN', () => {
    const arn = 'arn:aws:events:eu-west-1:111111111111:event-bus/orders';
    for (const name of [arn, '', 'two words', 'x'.repeat(257)]) {
      const bus = (stack: Stack) => ({ eventBus: events.EventBus.fromEventBusName(stack, 'Bus', name) });
      assert.throws(
        () => new Webhook(bus),
        /eventBus must have a name of 1 to 256 letters, digits and \. - _ \/, got /,
      );
      assert.throws(() => new ToMomento(bus), /eventBus must have a name of 1 to 256/);
    }
  });

  test('may be a bus of a partner, or known only at deployment', () => {
    for (const name of ['aws.partner/example.com/1', undefined]) {
      const bus = (stack: Stack) => ({
        eventBus: events.EventBus.fromEventBusName(stack, 'Bus', name ?? new CfnParameter(stack, 'Name').valueAsString),
      });
      new Webhook(bus);
      new ToMomento(bus);
    }
  });
});

describe('a number that Lambda would refuse', () => {
  const webhook = (props: MomentoWebhookToEventBridgeProps) => () => new Webhook(props);
  const lambda = (memorySize: number) => () =>
    new ToMomento((stack): Partial<EventBridgeToMomentoProps> => ({
      delivery: byLambda(stack, undefined, memorySize),
    }));

  test('is rejected as memorySize', () => {
    for (const memorySize of [0, 127, 128.5, 10_241, NaN]) {
      const reason = /memorySize must be a whole number from 128 to 10240, got /;
      assert.throws(webhook({ memorySize }), reason);
      assert.throws(lambda(memorySize), reason);
    }
    lambda(10_240)();
  });

  test('is rejected as reservedConcurrency', () => {
    for (const reservedConcurrency of [-1, 1.5, NaN]) {
      assert.throws(webhook({ reservedConcurrency }), /reservedConcurrency must be a whole number from 0, got /);
    }
    webhook({ reservedConcurrency: 0 })();
  });
});
