import { Stack, Token } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { IConstruct } from 'constructs';
import type { CommandTemplateFields } from './momento-command-template';
import { detailType, SEPARATOR, SOURCE } from '../common/detail-type';
import { MomentoCommand } from '../common/momento-command';
import { fail } from '../common/prop-checks';
import { literalsOf } from '../common/text-template';

const COMMANDS: readonly string[] = Object.values(MomentoCommand);

/**
 * The pattern of a rule that makes commands of events, resolved. It never matches the events of commands.
 *
 * Rejects a pattern that could match what the commands themselves cause: EventBridge would make commands of them forever.
 */
export function checkedEventPattern(
  scope: IConstruct,
  given: EventPattern,
  template: CommandTemplateFields,
): EventPattern {
  const pattern = Stack.of(scope).resolve(given) as EventPattern;
  const { source, detailType: detailTypes } = pattern;
  if (!source && !detailTypes) {
    fail(scope, 'eventPattern must have a source or a detailType: without one, it could match every event of the bus.');
  }
  const matched = COMMANDS.find((command) => detailTypes?.some((matcher) => mayMatch(matcher, command)));
  if (matched !== undefined) {
    fail(
      scope,
      `eventPattern must not match the detail-type ${matched}, which is that of commands: each would be delivered, and be made ` +
        'a command again. Give the detail-types of other events.',
    );
  }
  if (template.command === MomentoCommand.TOPIC_PUBLISH && mayMatchOwnMessages(pattern, template)) {
    fail(
      scope,
      `eventPattern must not match Momento messages of the topic that the command publishes to, with source ${SOURCE} and ` +
        'detail-type CACHE#TOPIC: each message would publish the next. Give the detail-types of other topics, or another source.',
    );
  }
  return detailTypes ? pattern : { ...pattern, detailType: [{ 'anything-but': [...COMMANDS] }] as unknown as string[] };
}

/** Whether a webhook or a subscription could put what the command publishes on the bus so that the pattern matches it. */
function mayMatchOwnMessages({ source, detailType: given }: EventPattern, template: CommandTemplateFields): boolean {
  if (source && !source.some((matcher) => mayMatch(matcher, SOURCE))) {
    return false;
  }
  const { cacheName, topicName = '' } = template;
  const names = [cacheName, topicName];
  if (names.some((name) => Token.isUnresolved(name) || literalsOf(name).length > 1)) {
    // Of what is known only later, it is known that it has a number sign.
    return given?.some((matcher) => typeof matcher !== 'string' || matcher.includes(SEPARATOR)) ?? true;
  }
  const own = detailType(literalsOf(cacheName).join(''), literalsOf(topicName).join(''));
  return given?.some((matcher) => mayMatch(matcher, own)) ?? true;
}

/**
 * Whether one element of a list in a pattern matches a text, or could: what is not known at synth, a value that CloudFormation
 * inserts, is taken for another text, and what EventBridge may add to its patterns for a match.
 */
function mayMatch(matcher: unknown, text: string): boolean {
  if (typeof matcher !== 'object' || matcher === null) {
    return matcher === text;
  }
  const [[operator, operand] = [], ...more] = Object.entries(matcher as Record<string, unknown>);
  if (operator === undefined || more.length > 0) {
    return true;
  }
  switch (operator) {
    case 'prefix':
      return someText(operand, (prefix, isCased) => cased(text, isCased).startsWith(cased(prefix, isCased)));
    case 'suffix':
      return someText(operand, (suffix, isCased) => cased(text, isCased).endsWith(cased(suffix, isCased)));
    case 'equals-ignore-case':
      return someText(operand, (other) => cased(text, false) === cased(other, false));
    case 'wildcard':
      return someText(operand, (wildcard) => matchesWildcard(text, wildcard));
    case 'anything-but':
      return !matchesAny(operand, text);
    case 'exists':
      return operand !== false;
    case 'numeric':
    case 'cidr':
    case 'Ref':
      return false;
    default:
      return !operator.startsWith('Fn::');
  }
}

/** What `anything-but` leaves out: texts, or what one other matcher matches. */
function matchesAny(operand: unknown, text: string): boolean {
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  return operands.some((one) => mayMatch(one, text));
}

function someText(operand: unknown, matches: (operand: string, isCased: boolean) => boolean): boolean {
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  return operands.some((one) => {
    if (typeof one === 'string') return matches(one, true);
    const { 'equals-ignore-case': other } = Object(one) as Record<string, unknown>;
    return typeof other !== 'string' || matches(other, false);
  });
}

function cased(text: string, isCased: boolean): string {
  return isCased ? text : text.toLowerCase();
}

/** In a wildcard, `*` is any text; a backslash makes the next character literal. */
function matchesWildcard(text: string, wildcard: string): boolean {
  const parts = wildcard.match(/\\.|[^]/gu) ?? [];
  const expression = parts.map((part) => (part === '*' ? '[^]*' : escapeRegExp(part.replace(/^\\(?=.)/u, ''))));
  return new RegExp(`^${expression.join('')}$`, 'u').test(text);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
