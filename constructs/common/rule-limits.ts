import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type { IConstruct } from 'constructs';
import { fail } from './prop-checks';

/** EventBridge's quota for the length of an event pattern; AWS raises it on request (its page of quotas). */
const PATTERN_QUOTA = 2048;
/** The most that the quota can be raised to. */
const MAX_PATTERN_CHARACTERS = 4096;

/** The limit of `PutRule` (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html). */
const MAX_DESCRIPTION_CHARACTERS = 512;
/** What `PutRule` takes as a name. */
const RULE_NAME = /^[-.\w]{1,64}$/;

/**
 * Rejects a rule whose event pattern EventBridge never takes, and warns of one that it takes only with a raised quota.
 *
 * @param scope the construct that the prop is given to
 * @param rule the rule
 * @param prop the prop that makes the pattern long
 * @param remedy what to do about it
 */
export function checkPatternLength(scope: IConstruct, rule: events.Rule, prop: string, remedy: string): void {
  const characters = knownCharacters(rule);
  if (characters > MAX_PATTERN_CHARACTERS) {
    fail(
      scope,
      `${prop} must make an event pattern of at most ${MAX_PATTERN_CHARACTERS.toString()} characters, got ` +
        `${characters.toString()}. ${remedy}`,
    );
  }
  if (characters > PATTERN_QUOTA) {
    Annotations.of(rule).addWarningV2(
      'cdk-momento-eventbridge:patternLength',
      `${prop} makes an event pattern of ${characters.toString()} characters. The deployment fails with more than ` +
        `${PATTERN_QUOTA.toString()}, unless AWS has raised the quota of the account. ${remedy}`,
    );
  }
}

/** Rejects a name and a description of a rule that EventBridge would refuse. */
export function checkRuleTexts(scope: IConstruct, { ruleName, description }: events.OnEventOptions): void {
  if (ruleName !== undefined && !Token.isUnresolved(ruleName) && !RULE_NAME.test(ruleName)) {
    fail(scope, `ruleName must be 1 to 64 letters, digits and . - _, got ${ruleName || 'an empty string'}.`);
  }
  if (
    description !== undefined &&
    !Token.isUnresolved(description) &&
    description.length > MAX_DESCRIPTION_CHARACTERS
  ) {
    fail(
      scope,
      `description must have at most ${MAX_DESCRIPTION_CHARACTERS.toString()} characters, got ` +
        `${description.length.toString()}. Shorten it.`,
    );
  }
}

/** The length of a rule's pattern, without the values that are known only at deployment. */
function knownCharacters(rule: events.Rule): number {
  const resource = rule.node.defaultChild as events.CfnRule;
  const resolved: unknown = Stack.of(rule).resolve(resource.eventPattern);
  return JSON.stringify(resolved, (_key, value: unknown) => (isIntrinsic(value) ? '' : value)).length;
}

/** `{"Ref":…}` or `{"Fn::…":…}`, which CloudFormation replaces. */
function isIntrinsic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const names = Object.keys(value);
  return names.length === 1 && names.every((name) => name === 'Ref' || name.startsWith('Fn::'));
}
