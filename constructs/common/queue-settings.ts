import { type Duration, Token } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { fail } from './prop-checks';

/** The defaults of SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html). */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;
const DEFAULT_RETENTION_SECONDS = 345_600;
/** 256 KiB: what an event can have where EventBridge's newer limit of 1 MB does not apply. */
const LEAST_MESSAGE_BYTES = 262_144;

export interface WaitingMessages {
  /** The timeout of the function that the queue feeds. Lambda refuses a queue with a shorter visibility timeout. */
  readonly timeout: Duration;
  /** How long a message can wait in the queue before it is given up, and the name of the prop that says so. */
  readonly longestWait: Duration;
  readonly waitProp: string;
}

/**
 * Rejects a queue of the app that Lambda would refuse, or that would drop a message before it is given up. The settings of an
 * imported queue are unknown.
 */
export function checkFeedingQueue(scope: IConstruct, prop: string, queue: sqs.IQueue, waiting: WaitingMessages): void {
  checkMessageSize(scope, prop, queue);
  const settings = settingsOf(queue);
  if (!settings) {
    return;
  }
  const { visibilityTimeout = DEFAULT_VISIBILITY_TIMEOUT_SECONDS } = settings;
  const timeout = waiting.timeout.toSeconds();
  if (isBelow(visibilityTimeout, timeout)) {
    fail(
      scope,
      `${prop} must have a visibility timeout of at least ${timeout.toString()} s, the timeout of the function it feeds, got ` +
        `${visibilityTimeout.toString()} s. Give it 3 minutes.`,
    );
  }
  const { messageRetentionPeriod = DEFAULT_RETENTION_SECONDS } = settings;
  const { longestWait, waitProp } = waiting;
  if (!longestWait.isUnresolved() && isBelow(messageRetentionPeriod, longestWait.toSeconds({ integral: false }))) {
    fail(
      scope,
      `${prop} must retain messages for at least ${waitProp} (${longestWait.toHumanString()}), got ` +
        `${messageRetentionPeriod.toString()} s: SQS would delete messages that are still retried. Give it a retentionPeriod of 14 days.`,
    );
  }
}

/** Rejects a queue of the app that does not accept what EventBridge accepts. */
export function checkMessageSize(scope: IConstruct, prop: string, queue: sqs.IQueue): void {
  const bytes = settingsOf(queue)?.maximumMessageSize;
  if (bytes !== undefined && isBelow(bytes, LEAST_MESSAGE_BYTES)) {
    fail(
      scope,
      `${prop} must accept messages of ${LEAST_MESSAGE_BYTES.toString()} bytes, got ${bytes.toString()}: larger ones would be ` +
        'lost. Leave maxMessageSizeBytes out.',
    );
  }
}

function settingsOf({ node }: sqs.IQueue): sqs.CfnQueue | undefined {
  return node.defaultChild instanceof sqs.CfnQueue ? node.defaultChild : undefined;
}

function isBelow(value: number, least: number): boolean {
  return !Token.isUnresolved(value) && value < least;
}
