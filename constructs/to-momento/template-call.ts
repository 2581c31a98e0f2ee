import * as events from 'aws-cdk-lib/aws-events';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ABSENT, type FieldMatchers, NAME, NUMBER, TEXT } from './command-patterns';
import { type MomentoCall, momentoCall } from './momento-calls';
import type { CommandTemplateFields } from './momento-command-template';
import { MomentoCommand } from '../common/momento-command';
import { fail } from '../common/prop-checks';
import { literalsOf } from '../common/text-template';

/** What the event must have at a place of its detail, for the call to make sense. */
export interface Need {
  /** The prop that asks for it. */
  readonly prop: string;
  /** The members that lead there, without the first, `detail`. */
  readonly path: readonly string[];
  readonly matchers: FieldMatchers;
}

/** A call of Momento that is made of an event, and what the event must have. */
export interface TemplateCall {
  readonly call: MomentoCall;
  readonly needs: readonly Need[];
}

/** The members that are strings in every event. */
const STRINGS = ['account', 'detail-type', 'id', 'region', 'source', 'time', 'version'];

/** A place in the detail that EventBridge's JSON paths and patterns both can name. */
const IN_DETAIL = /^detail(\.[-\w]+)+$/;

/** The limit of a parameter (`HttpParameters` in EventBridge's API reference). */
const MAX_PARAMETER_CHARACTERS = 512;

/** The tokens in a text, which are known only at deployment. */
const TOKENS = /(\$\{Token\[[^\]]*\]\})/g;

const LAMBDA = 'Delivery.lambdaFunction() can do it.';

/** The call of a template, as far as the parameters of a target can say it. The rest is refused. */
export function templateCall(scope: IConstruct, template: CommandTemplateFields): TemplateCall {
  const { command, cacheName, topicName = '', key = '', ttl = '', message = '' } = template;
  const needs: Need[] = [];
  const value = (prop: string, text: string, matchers: FieldMatchers): string => {
    const path = placeholderOf(scope, prop, text);
    if (path === undefined) return literal(scope, prop, text);
    const need = needOf(scope, prop, path, matchers);
    if (need) needs.push(need);
    return `$.${path}`;
  };
  const plain = momentoCall(command);
  const cache = value('command.cacheName', cacheName, NAME);
  if (command === MomentoCommand.TOPIC_PUBLISH) {
    const topic = value('command.topicName', topicName, NAME);
    return { call: { ...plain, pathParameterValues: [cache, topic], body: body(scope, message, needs) }, needs };
  }
  const queryStringParameters = {
    key: value('command.key', key, NAME),
    ...(command === MomentoCommand.CACHE_SET && {
      ttl_seconds: typeof ttl === 'number' ? ttl.toString() : value('command.ttl', ttl, NUMBER),
    }),
  };
  const itemBody = command === MomentoCommand.CACHE_SET ? body(scope, message, needs) : plain.body;
  return { call: { ...plain, pathParameterValues: [cache], queryStringParameters, body: itemBody }, needs };
}

/** The body, by input path: EventBridge escapes nothing that it inserts in a text. */
function body(scope: IConstruct, message: string, needs: Need[]): events.RuleTargetInput {
  const prop = 'command.message';
  const path = placeholderOf(scope, prop, message);
  if (path === undefined) {
    return events.RuleTargetInput.fromText(literalText(message));
  }
  if (path !== 'detail') {
    const need = needOf(scope, prop, path, TEXT);
    if (need) needs.push(need);
  }
  return events.RuleTargetInput.fromEventPath(`$.${path}`);
}

/** The path of a text that is one placeholder; undefined if it has none. A mixture is refused. */
function placeholderOf(scope: IConstruct, prop: string, text: string): string | undefined {
  const [before = '', after, ...more] = literalsOf(text.replaceAll(TOKENS, ''));
  if (after === undefined) {
    return undefined;
  }
  if (more.length > 0 || before !== '' || after !== '' || Token.isUnresolved(text)) {
    fail(
      scope,
      `${prop} must be one placeholder or have none with Delivery.apiDestinations(), got ${text}: EventBridge cannot join texts ` +
        `without breaking some. ${LAMBDA}`,
    );
  }
  return text.slice(1, -1);
}

function needOf(scope: IConstruct, prop: string, path: string, matchers: FieldMatchers): Need | undefined {
  if (STRINGS.includes(path) && matchers !== NUMBER) {
    return undefined;
  }
  if (!IN_DETAIL.test(path)) {
    fail(
      scope,
      `${prop} must name a member of the detail, such as {detail.order.id}, with Delivery.apiDestinations(), got {${path}}: ` +
        `event patterns cannot tell what is there. ${LAMBDA}`,
    );
  }
  return { prop, path: path.split('.').slice(1), matchers };
}

function literal(scope: IConstruct, prop: string, text: string): string {
  const value = literalText(text);
  if (value.startsWith('$')) {
    fail(
      scope,
      `${prop} must not begin with $, got ${value}: EventBridge would take it for a path in the event. ${LAMBDA}`,
    );
  }
  if (!Token.isUnresolved(value) && value.length > MAX_PARAMETER_CHARACTERS) {
    fail(
      scope,
      `${prop} must have at most ${MAX_PARAMETER_CHARACTERS.toString()} characters, got ${value.length.toString()}. Shorten it.`,
    );
  }
  return value;
}

/** A text without placeholders, with its literal braces. Tokens, which have braces, stay as they are. */
function literalText(text: string): string {
  return text
    .split(TOKENS)
    .map((part, index) => (index % 2 === 1 ? part : literalsOf(part).join('')))
    .join('');
}

/**
 * The pattern of the events that have what is needed, and that of the others: each event of the given pattern matches exactly
 * one of the two.
 */
export function patternsWith(
  scope: IConstruct,
  pattern: events.EventPattern,
  needs: readonly Need[],
): { readonly accepted: events.EventPattern; readonly rejected?: events.EventPattern } {
  const unmet = onePerPlace(scope, needs).filter((need) => !isMet(scope, pattern.detail, need));
  if (unmet.length === 0) {
    return { accepted: pattern };
  }
  const detail = pattern.detail ?? {};
  if ('$or' in detail) {
    fail(
      scope,
      `eventPattern must not have $or in its detail with Delivery.apiDestinations() and placeholders. ${LAMBDA}`,
    );
  }
  const accepted = unmet.reduce((all, { path, matchers }) => withField(all, path, [matchers.is]), detail);
  const malformed = unmet.map(({ path, matchers }) => ({ path, matcher: [ABSENT, matchers.isNot] }));
  const [only, ...others] = malformed;
  const rejected =
    only && others.length === 0
      ? withField(detail, only.path, only.matcher)
      : { ...detail, $or: malformed.map(({ path, matcher }) => withField({}, path, matcher)) };
  return { accepted: { ...pattern, detail: accepted }, rejected: { ...pattern, detail: rejected } };
}

/**
 * One need for each place that fields of the template name, because a pattern has one matcher for a field. The type that is
 * asked for matters more than that a name is not empty, which Momento checks too.
 */
function onePerPlace(scope: IConstruct, needs: readonly Need[]): Need[] {
  const byPlace = new Map<string, Need>();
  for (const need of needs) {
    const place = need.path.join('.');
    const other = byPlace.get(place);
    if (other && other.matchers !== need.matchers && other.matchers !== NAME && need.matchers !== NAME) {
      fail(
        scope,
        `${need.prop} must name another member than ${other.prop}, got detail.${place}, which cannot be both.`,
      );
    }
    if (!other || other.matchers === NAME) byPlace.set(place, need);
  }
  return [...byPlace.values()];
}

/** Whether the pattern itself asks for what is needed; a pattern has no "and" for one field. */
function isMet(scope: IConstruct, detail: unknown, { prop, path, matchers }: Need): boolean {
  let at = detail;
  for (const [index, name] of path.entries()) {
    at = isObject(at) ? at[name] : undefined;
    if (at === undefined) return false;
    if (Array.isArray(at)) {
      const isLast = index === path.length - 1;
      const isExpected = (one: unknown) =>
        matchers === NUMBER ? typeof one === 'number' : typeof one === 'string' && one !== '';
      if (isLast && at.every(isExpected)) return true;
      break;
    }
  }
  const place = ['detail', ...path].join('.');
  return fail(
    scope,
    `eventPattern must not match ${place} but by exact values with Delivery.apiDestinations(), because ${prop} needs it too, and ` +
      `EventBridge has one match for a field. ${LAMBDA}`,
  );
}

type Detail = Record<string, unknown>;

function withField(detail: Detail, [name = '', ...rest]: readonly string[], matcher: readonly unknown[]): Detail {
  const inner = detail[name];
  return { ...detail, [name]: rest.length === 0 ? matcher : withField(isObject(inner) ? inner : {}, rest, matcher) };
}

function isObject(value: unknown): value is Detail {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
