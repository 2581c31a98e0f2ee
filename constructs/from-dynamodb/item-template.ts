import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';

/** A literal brace, or an attribute in braces. */
const PLACES = /\{\{|\}\}|\{([^{}]+)\}/g;

/** Not a letter or digit, which the handler does not encode in values, nor the percent sign of the encoding. */
const SEPARATOR = /[^A-Za-z0-9%]/;

/**
 * The attributes that a template names, each as `{name}`; `{{` and `}}` are literal braces.
 *
 * The handler reads templates by the same rules (handler/src/changes/template.rs); this check is before the deployment. A
 * template that is known only at deployment is checked when the handler starts.
 */
export function checkedTemplate(scope: IConstruct, prop: string, template: string): string[] {
  if (Token.isUnresolved(template)) {
    return [];
  }
  if (template === '') {
    fail(scope, `${prop} must not be empty. Pass a text with attributes in braces: weather-{Location}.`);
  }
  if (/[{}]/.test(template.replaceAll(PLACES, ''))) {
    fail(scope, `${prop} must have matching braces, got ${template}. Write {{ or }} for a literal brace.`);
  }
  return [...template.matchAll(PLACES)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Like `checkedTemplate`, for a template whose text must differ for different values of its attributes. */
export function checkedNameTemplate(scope: IConstruct, prop: string, template: string): string[] {
  const names = checkedTemplate(scope, prop, template);
  // The texts between the attributes: those before the first and after the last are dropped.
  const between = template
    .replaceAll(PLACES, (place, name?: string) => (name === undefined ? place.charAt(0) : '\0'))
    .split('\0')
    .slice(1, -1);
  if (names.length > 1 && !between.every((text) => SEPARATOR.test(text))) {
    fail(
      scope,
      `${prop} must have a separator between two attributes, got ${template}, with which different items could share a name. ` +
        'Write a character between them that is not a letter, a digit or %: {a}#{b}.',
    );
  }
  return names;
}

/** What `checkedTemplate` checks, and warnings about a template that is probably not what was meant. */
export function checkValueTemplate(scope: IConstruct, prop: string, template: string): void {
  const names = checkedTemplate(scope, prop, template);
  // A JSON object with single braces, such as {"n":1}, is read as an attribute of that name. So is { n }.
  const strange = names.find((name) => name.includes('"') || name.trim() !== name);
  if (strange !== undefined) {
    Annotations.of(scope).addWarningV2(
      'cdk-momento-eventbridge:templateAttribute',
      `${prop} names an attribute ${JSON.stringify(strange)}. Items without it go to the dead-letter queue. Write {{ and }} for ` +
        'literal braces, and no spaces or quotes in {name}.',
    );
  }
  if (!Token.isUnresolved(template) && isMalformedJson(template)) {
    Annotations.of(scope).addWarningV2(
      'cdk-momento-eventbridge:valueTemplate',
      `${prop} begins like JSON, but is not JSON: ${template}. It is treated as a text, in which the values of attributes are ` +
        'not escaped. Correct the JSON, or acknowledge this warning if a text is what you want.',
    );
  }
}

/**
 * Whether a value template begins like a JSON object, array or string, but is not JSON: the handler escapes nothing in it.
 * The handler decides by the same rules: test/vectors/value-templates.json binds both.
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
