import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { BusGuard } from '../common/bus-guard';
import { checkAccount, checkEventBus, checkStandardQueue, fail } from '../common/prop-checks';
import { checkFeedingQueue, checkMessageSize } from '../common/queue-settings';
import { RetainingQueue } from '../common/retaining-queue';
import type { MomentoToEventBridgeProps } from './momento-to-eventbridge-props';
import { REDRIVE_PATIENCE, REDRIVE_TIMEOUT } from './redrive-handler';

/** Rejects a bus and queues that the handlers could not use. */
export function checkBusAndQueues(scope: Construct, props: MomentoToEventBridgeProps): void {
  const { eventBus, fallbackQueue, deadLetterQueue } = props;
  if (eventBus) {
    const remedy = 'Pass a bus there, and forward events from it with a rule whose target is the other bus.';
    checkEventBus(scope, eventBus, remedy);
  }
  if (fallbackQueue) {
    checkStandardQueue(scope, 'fallbackQueue', fallbackQueue);
    checkFeedingQueue(scope, 'fallbackQueue', fallbackQueue, {
      timeout: REDRIVE_TIMEOUT,
      longestWait: props.redrivePatience ?? REDRIVE_PATIENCE,
      waitProp: 'redrivePatience',
    });
  }
  if (deadLetterQueue) {
    checkStandardQueue(scope, 'deadLetterQueue', deadLetterQueue);
    checkMessageSize(scope, 'deadLetterQueue', deadLetterQueue);
    checkAccount(
      scope,
      'deadLetterQueue',
      deadLetterQueue.env,
      'Pass a queue in that account, which SQS requires of a dead-letter queue.',
    );
    if (deadLetterQueue.queueArn === fallbackQueue?.queueArn) {
      fail(
        scope,
        'deadLetterQueue must not be the fallbackQueue: its messages would be retried forever. Pass another queue.',
      );
    }
  }
}

export interface GuardedBus {
  readonly eventBus: events.IEventBus;
  /** The default bus, which every account has, needs none. */
  readonly guard?: BusGuard;
}

/** The bus that was given, guarded, or the account's default bus. */
export function guardedBus(scope: Construct, { eventBus }: MomentoToEventBridgeProps): GuardedBus {
  return eventBus
    ? { eventBus, guard: new BusGuard(scope, 'EventBusMustExist', eventBus) }
    : { eventBus: events.EventBus.fromEventBusName(scope, 'DefaultEventBus', 'default') };
}

export interface ParkingQueues {
  readonly deadLetterQueue: sqs.IQueue;
  readonly fallbackQueue: sqs.IQueue;
}

/** The queues that were given, or created ones. */
export function parkingQueues(scope: Construct, props: MomentoToEventBridgeProps): ParkingQueues {
  const removalPolicy = props.queueRemovalPolicy;
  // It can't be limited to the fallback queue (`redriveAllowPolicy`) without a physical name: the fallback queue's redrive
  // policy refers to this queue, and CloudFormation allows no circular reference.
  const deadLetterQueue = props.deadLetterQueue ?? new RetainingQueue(scope, 'DeadLetterQueue', { removalPolicy });
  const fallbackQueue =
    props.fallbackQueue ??
    new RetainingQueue(scope, 'FallbackQueue', {
      removalPolicy,
      visibilityTimeout: Duration.seconds(6 * REDRIVE_TIMEOUT.toSeconds()),
      // The most that SQS allows: the redrive handler itself moves what it cannot put on the bus. This is for messages that
      // crash it, or that it cannot move.
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 1000 },
    });
  return { deadLetterQueue, fallbackQueue };
}
