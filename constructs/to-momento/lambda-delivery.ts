import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { BoundDelivery, CommandRoutes, DeliveryProps } from './bound-delivery';
import { commandPattern } from './command-patterns';
import { allowRules } from './dead-letters';
import { DELIVER_TIMEOUT, DeliverHandler } from './deliver-handler';
import type { LambdaDeliveryOptions } from './lambda-delivery-options';
import { momentoCall } from './momento-calls';
import type { MomentoCommand } from '../common/momento-command';
import { checkAccount, checkRegion, refuse } from '../common/prop-checks';
import { RetainingQueue } from '../common/retaining-queue';

export interface LambdaDeliveryProps extends DeliveryProps {
  readonly options: LambdaDeliveryOptions;
}

/**
 * Momento's HTTP API called by a function, which rules feed through a queue.
 *
 * The rules ask for nothing but the detail-type: the function checks a command in full, and makes a dead letter with the
 * reason of what is none.
 */
export class LambdaDelivery extends Construct implements BoundDelivery {
  public readonly commandQueue: sqs.IQueue;
  public readonly deliverHandler: DeliverHandler;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: LambdaDeliveryProps,
  ) {
    super(scope, id);
    checkProps(scope, props);
    this.commandQueue = props.options.commandQueue ?? this.createdQueue();
    this.deliverHandler = new DeliverHandler(this, 'DeliverHandler', { ...props, commandQueue: this.commandQueue });
  }

  public routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes {
    const { commandQueue, props } = this;
    return {
      delivered: [
        {
          id: `${momentoCall(command).id}Rule`,
          description: `Takes ${command} to the queue of commands to Momento`,
          pattern: commandPattern(command, sources),
          target: {
            bind: () => ({
              arn: commandQueue.queueArn,
              // The attempts are of the rule: `retryAttempts` counts those of the function, which come after.
              retryPolicy: { maximumEventAgeInSeconds: props.maxEventAge.toSeconds(), maximumRetryAttempts: 185 },
              deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
            }),
          },
        },
      ],
      refused: [],
    };
  }

  public allow(rules: readonly events.Rule[]): void {
    allowRules(this.commandQueue, rules, 'commands are dead letters');
  }

  private createdQueue(): sqs.Queue {
    return new RetainingQueue(this, 'CommandQueue', {
      visibilityTimeout: Duration.seconds(6 * DELIVER_TIMEOUT.toSeconds()),
      // For what the function never gets to move itself, such as a batch that ends it each time. 1000 is the most that SQS
      // allows. It does not get in the way of `retryAttempts`: the function waits up to 15 minutes between two attempts, and
      // then a command of 24 hours, the most there is, has been received some hundred times.
      deadLetterQueue: { queue: this.props.deadLetterQueue, maxReceiveCount: 1000 },
    });
  }
}

function checkProps(
  scope: Construct,
  { apiKeyVersionId, deadLetterQueue, maxEventAge, options }: LambdaDeliveryProps,
): void {
  if (apiKeyVersionId !== undefined) {
    refuse(
      scope,
      'apiKeyVersionId is for API destinations, which keep a copy of the key. Delivery.lambda() reads the current version of ' +
        'the secret: leave it out.',
    );
  }
  if (maxEventAge.isUnresolved()) {
    refuse(scope, 'maxEventAge is known only at deployment. Give Delivery.lambda() a duration.');
  }
  const user = 'the function';
  checkAccount(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that account.', user);
  const { commandQueue } = options;
  if (commandQueue) {
    checkRegion(scope, 'commandQueue', commandQueue.env, 'Give a queue of that region.', user);
    checkAccount(scope, 'commandQueue', commandQueue.env, 'Give a queue of that account.', user);
    if (commandQueue.fifo) {
      refuse(scope, 'commandQueue is a FIFO queue, which has to be told a message group. Give a standard queue.');
    }
    if (commandQueue.queueArn === deadLetterQueue.queueArn) {
      refuse(
        scope,
        'commandQueue is the dead-letter queue, so a dead letter would be tried for ever. Give two queues.',
      );
    }
  }
}
