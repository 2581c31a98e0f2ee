import {
  Arn,
  ArnFormat,
  type Duration,
  type ResourceEnvironment,
  Stack,
  Token,
  TokenComparison,
  Tokenization,
} from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';

/** Fails the synth with a sentence that names the construct, the prop, the value and what to do. */
export function fail(scope: IConstruct, sentence: string): never {
  throw new Error(`${scope.node.path}: ${sentence}`);
}

/** The compiler checks enums for TypeScript only: a JavaScript caller can pass any string. */
export function checkOneOf<T extends string>(scope: IConstruct, prop: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    fail(scope, `${prop} must be one of ${allowed.join(', ')}, got ${value}.`);
  }
  return value;
}

/** The duration in milliseconds, as an environment variable holds it. */
export function checkMilliseconds(
  scope: IConstruct,
  prop: string,
  duration: Duration,
  least: Duration,
  most: Duration,
): string {
  if (duration.isUnresolved()) {
    return Tokenization.stringifyNumber(duration.toMilliseconds());
  }
  const given = duration.toMilliseconds({ integral: false });
  const whole = Math.round(given);
  // Duration.seconds(1.001) is 1000.9999999999999 ms.
  const isWhole = Math.abs(given - whole) < 1e-6;
  if (!isWhole || whole < least.toMilliseconds() || whole > most.toMilliseconds()) {
    fail(
      scope,
      `${prop} must be a whole number of milliseconds from ${least.toMilliseconds().toString()} to ` +
        `${most.toMilliseconds().toString()} (${most.toHumanString()}), got ${given.toString()} ms.`,
    );
  }
  return whole.toString();
}

/** The duration in minutes, which must be a whole number, by default from 1. */
export function checkMinutes(scope: IConstruct, prop: string, duration: Duration, most: Duration, least = 1): number {
  const minutes = duration.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < least || minutes > most.toMinutes()) {
    fail(
      scope,
      `${prop} must be a whole number of minutes from ${least.toString()} to ${most.toMinutes().toString()} (${most.toHumanString()}), ` +
        `got ${duration.toString()}.`,
    );
  }
  return minutes;
}

/** A whole number, from `least` to `most` if there is one. */
export function checkWholeNumber(scope: IConstruct, prop: string, value: number, least: number, most?: number): void {
  if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < least || value > (most ?? value))) {
    const to = most === undefined ? '' : ` to ${most.toString()}`;
    fail(scope, `${prop} must be a whole number from ${least.toString()}${to}, got ${value.toString()}.`);
  }
}

/** An AWS client calls the region it runs in, whatever region the ARN in the request names. So does EventBridge. */
export function checkRegion(scope: IConstruct, prop: string, env: ResourceEnvironment, remedy: string): void {
  const { region } = Stack.of(scope);
  if (isKnownToDiffer(env.region, region)) {
    fail(scope, `${prop} must be in the stack's region ${region}, got ${env.region}. ${remedy}`);
  }
}

export function checkAccount(scope: IConstruct, prop: string, env: ResourceEnvironment, remedy: string): void {
  const { account } = Stack.of(scope);
  if (isKnownToDiffer(env.account, account)) {
    fail(scope, `${prop} must be in the stack's account ${account}, got ${env.account}. ${remedy}`);
  }
}

/** What EventBridge allows as the name of a bus (`CreateEventBus` and `PartnerEventSource` in its API reference). */
const BUS_NAME = /^[-./\w]{1,256}$/;

/** A bus that rules and handlers of the stack can use. A name that is an ARN would make another ARN of it. */
export function checkEventBus(scope: IConstruct, bus: events.IEventBus, remedy: string): void {
  checkRegion(scope, 'eventBus', bus.env, remedy);
  checkAccount(scope, 'eventBus', bus.env, remedy);
  const { eventBusName } = bus;
  if (!Token.isUnresolved(eventBusName) && !BUS_NAME.test(eventBusName)) {
    fail(
      scope,
      `eventBus must have a name of 1 to 256 letters, digits and . - _ /, got ${eventBusName || 'an empty string'}. ` +
        'Pass an ARN to EventBus.fromEventBusArn().',
    );
  }
}

/** Neither EventBridge nor a handler gives a message the group that a FIFO queue asks for. */
export function checkStandardQueue(scope: IConstruct, prop: string, queue: sqs.IQueue): void {
  checkRegion(scope, prop, queue.env, 'Pass a queue in that region.');
  if (queue.fifo) {
    fail(scope, `${prop} must be a standard queue, got a FIFO queue.`);
  }
}

/**
 * The account and region in an ARN, or those of the construct if the ARN is known only at deployment. An imported table
 * claims to be in the stack's own account and region, whatever its ARN says.
 */
export function environmentOf(arn: string, fallback: ResourceEnvironment): ResourceEnvironment {
  if (Token.isUnresolved(arn)) {
    return fallback;
  }
  const { region = '', account = '' } = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME);
  return { region, account };
}

function isKnownToDiffer(one: string, other: string): boolean {
  return Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}
