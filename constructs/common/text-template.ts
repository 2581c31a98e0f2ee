import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { fail } from './prop-checks';

/** A literal brace, or a placeholder: a name in braces. */
const PLACES = /\{\{|\}\}|\{([^{}]+)\}/g;

/** Not a letter or digit, which the handlers do not encode in values, nor the percent sign of the encoding. */
const SEPARATOR = /[^A-Za-z0-9%]/;

/**
 * The names that a template has, each as `{name}`; `{{` and `}}` are literal braces.
 *
 * The handlers read templates by the same rules (handler/src/template.rs); this check is before the deployment. A template
 * that is known only at deployment is checked by the handler.
 *
 * @param what the values that the names stand for, in the plural
 */
export function checkedTemplate(scope: IConstruct, prop: string, template: string, what: string): string[] {
  if (Token.isUnresolved(template)) {
    return [];
  }
  if (template === '') {
    fail(scope, `${prop} must not be empty. Pass a text, with ${what} in braces where you need them.`);
  }
  if (/[{}]/.test(template.replaceAll(PLACES, ''))) {
    fail(scope, `${prop} must have matching braces, got ${template}. Write {{ or }} for a literal brace.`);
  }
  return [...template.matchAll(PLACES)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Like `checkedTemplate`, for a template whose text must differ for different values. */
export function checkedNameTemplate(scope: IConstruct, prop: string, template: string, what: string): string[] {
  const names = checkedTemplate(scope, prop, template, what);
  const between = literalsOf(template).slice(1, -1);
  if (names.length > 1 && !between.every((text) => SEPARATOR.test(text))) {
    fail(
      scope,
      `${prop} must have a separator between two ${what}, got ${template}, with which different values could make the same ` +
        'name. Write a character between them that is not a letter, a digit or %: {a}#{b}.',
    );
  }
  return names;
}

/** The texts around the placeholders of a template, with their literal braces: one more than there are placeholders. */
export function literalsOf(template: string): string[] {
  return template
    .replaceAll(PLACES, (place, name?: string) => (name === undefined ? place.charAt(0) : '\0'))
    .split('\0');
}

/** Warns of a value template that is probably not what was meant. */
export function warnOfMalformedJson(scope: IConstruct, prop: string, template: string, what: string): void {
  if (!Token.isUnresolved(template) && isMalformedJson(template)) {
    Annotations.of(scope).addWarningV2(
      'cdk-momento-eventbridge:valueTemplate',
      `${prop} begins like JSON, but is not JSON: ${template}. It is treated as a text, in which the values of ${what} are ` +
        'not escaped. Correct the JSON, or acknowledge this warning if a text is what you want.',
    );
  }
}

/**
 * Whether a value template begins like a JSON object, array or string, but is not JSON: the handlers escape nothing in it.
 * The handlers decide by the same rules: test/vectors/value-templates.json binds both.
 */
export function isMalformedJson(template: string): boolean {
  let isQuoted = false;
  let isEscaped = false;
  const sample = template.replaceAll(/\{\{|\}\}|\{[^{}]+\}|[^{}]/g, (part) => {
    if (part.length > 2) {
      return isQuoted ? 'x' : 'null';
    }
    const character = part.charAt(0);
    if (character === '"' && !isEscaped) {
      isQuoted = !isQuoted;
    }
    isEscaped = isQuoted && character === '\\' && !isEscaped;
    return character;
  });
  return /^["[{]/.test(sample.trimStart()) && !isJson(sample);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
