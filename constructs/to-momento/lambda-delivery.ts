import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { BoundDelivery, CommandRoutes, EventRoutes } from './bound-delivery';
import { commandPattern } from './command-patterns';
import { allowRules, checkQueueKey } from './allow-rules';
import type { DeliveryProps } from './delivery-props';
import { DELIVER_TIMEOUT, DeliverHandler } from './deliver-handler';
import type { LambdaFunctionOptions } from './lambda-function-options';
import type { LambdaFunctionResources } from './lambda-function-resources';
import type { CommandTemplateFields } from './momento-command-template';
import { momentoCall } from './momento-calls';
import type { MomentoCommand } from '../common/momento-command';
import { checkAccount, checkStandardQueue, fail } from '../common/prop-checks';
import { checkFeedingQueue } from '../common/queue-settings';
import { RetainingQueue } from '../common/retaining-queue';
import { templatedEvent } from './templated-event';

export interface LambdaDeliveryProps extends DeliveryProps {
  readonly options: LambdaFunctionOptions;
}

/**
 * Delivery by a Lambda function that calls Momento's HTTP API. Rules feed it through a queue.
 *
 * The rules match the detail-type only: the function validates a command in full, and sends an invalid one to the
 * dead-letter queue with the reason.
 */
export class LambdaDelivery extends Construct implements BoundDelivery {
  public readonly lambdaFunction: LambdaFunctionResources;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: LambdaDeliveryProps,
  ) {
    super(scope, id);
    checkProps(scope, props);
    const commandQueue = props.options.commandQueue ?? this.createdQueue();
    const handler = new DeliverHandler(this, 'DeliverHandler', { ...props, commandQueue });
    this.lambdaFunction = { commandQueue, handler };
  }

  public routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes {
    const route = {
      id: `${momentoCall(command).id}Rule`,
      description: `Sends ${command} commands to the command queue`,
      pattern: commandPattern(command, sources),
      target: this.target(),
    };
    return { valid: [route], invalid: [] };
  }

  public eventRoutes(id: string, pattern: events.EventPattern, template: CommandTemplateFields): EventRoutes {
    const valid = {
      id,
      description: `Sends events that become ${template.command} commands to the command queue`,
      pattern,
      target: this.target(templatedEvent(this, template)),
    };
    return { valid };
  }

  public allow(rules: readonly events.Rule[]): void {
    allowRules(this, this.lambdaFunction.commandQueue, () => rules, 'all commands go to the dead-letter queue');
  }

  private target(input?: events.RuleTargetInput): events.IRuleTarget {
    const { props } = this;
    return {
      bind: () => ({
        arn: this.lambdaFunction.commandQueue.queueArn,
        input,
        // These are the attempts of the rule; `retryAttempts` counts those of the function.
        retryPolicy: { maximumEventAgeInSeconds: props.maxEventAge.toSeconds(), maximumRetryAttempts: 185 },
        deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
      }),
    };
  }

  private createdQueue(): sqs.Queue {
    return new RetainingQueue(this, 'CommandQueue', {
      removalPolicy: this.props.queueRemovalPolicy,
      visibilityTimeout: Duration.seconds(6 * DELIVER_TIMEOUT.toSeconds()),
      // For what the function cannot move itself, such as a batch that crashes it each time. 1000 is the most that SQS
      // allows. It does not interfere with `retryAttempts`: the function waits up to 15 minutes between attempts, so within
      // 24 hours, the maximum, a command is received about a hundred times.
      deadLetterQueue: { queue: this.props.deadLetterQueue, maxReceiveCount: 1000 },
    });
  }
}

function checkProps(scope: Construct, { deadLetterQueue, maxEventAge, options }: LambdaDeliveryProps): void {
  if (maxEventAge.isUnresolved()) {
    fail(scope, 'maxEventAge must be known at synth, got a token. Pass Delivery.lambdaFunction() a duration.');
  }
  const remedy = 'Pass a queue in that account.';
  checkAccount(scope, 'deadLetterQueue', deadLetterQueue.env, remedy);
  const { commandQueue } = options;
  if (commandQueue) {
    checkStandardQueue(scope, 'commandQueue', commandQueue);
    checkQueueKey(scope, 'commandQueue', commandQueue);
    checkAccount(scope, 'commandQueue', commandQueue.env, remedy);
    checkFeedingQueue(scope, 'commandQueue', commandQueue, {
      timeout: DELIVER_TIMEOUT,
      longestWait: maxEventAge,
      waitProp: 'maxEventAge',
    });
    if (commandQueue.queueArn === deadLetterQueue.queueArn) {
      fail(
        scope,
        'commandQueue must not be the deadLetterQueue: dead letters would be retried forever. Pass two queues.',
      );
    }
  }
}
