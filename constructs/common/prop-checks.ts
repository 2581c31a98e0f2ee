import { Stack, Token, TokenComparison, Tokenization, type Duration, type ResourceEnvironment } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Stops the synth with a sentence that says which construct, which prop, what it is, and what to do. */
export function refuse(scope: IConstruct, sentence: string): never {
  throw new Error(`${scope.node.path}: ${sentence}`);
}

/** The compiler checks enums for TypeScript only: a JavaScript caller can pass any string. */
export function checkOneOf<T extends string>(scope: IConstruct, prop: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    refuse(scope, `${prop} is ${value}. Give one of ${allowed.join(', ')}.`);
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
    refuse(
      scope,
      `${prop} is ${given.toString()} ms. Give a whole number of milliseconds from ${least.toMilliseconds().toString()} ` +
        `to ${most.toMilliseconds().toString()} (${most.toHumanString()}).`,
    );
  }
  return whole.toString();
}

/** The duration in minutes, of which it must be a whole number. */
export function checkMinutes(scope: IConstruct, prop: string, duration: Duration, most: Duration): number {
  const minutes = duration.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > most.toMinutes()) {
    refuse(
      scope,
      `${prop} is ${duration.toString()}. Give a whole number of minutes from 1 to ${most.toMinutes().toString()} ` +
        `(${most.toHumanString()}).`,
    );
  }
  return minutes;
}

/** A whole number, from `least` to `most` if there is one. */
export function checkWholeNumber(scope: IConstruct, prop: string, value: number, least: number, most?: number): void {
  if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < least || value > (most ?? value))) {
    const to = most === undefined ? '' : ` to ${most.toString()}`;
    refuse(scope, `${prop} is ${value.toString()}. Give a whole number from ${least.toString()}${to}.`);
  }
}

/** An AWS client calls the region it runs in, whatever region the ARN in the request names. So does EventBridge. */
export function checkRegion(
  scope: IConstruct,
  prop: string,
  env: ResourceEnvironment,
  instead: string,
  user = 'the handler',
): void {
  const { region } = Stack.of(scope);
  if (isKnownToDiffer(env.region, region)) {
    refuse(scope, `${prop} is in ${env.region}, but ${user} in ${region}, from where it cannot reach it. ${instead}`);
  }
}

export function checkAccount(
  scope: IConstruct,
  prop: string,
  env: ResourceEnvironment,
  instead: string,
  user = 'the handler',
): void {
  const { account } = Stack.of(scope);
  if (isKnownToDiffer(env.account, account)) {
    refuse(scope, `${prop} is in account ${env.account}, but ${user} in ${account}. ${instead}`);
  }
}

function isKnownToDiffer(one: string, other: string): boolean {
  return Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}
