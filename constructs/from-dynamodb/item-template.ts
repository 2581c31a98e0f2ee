import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from '../common/prop-checks';

/** The braces themselves, or an attribute in braces. */
const PLACES = /\{\{|\}\}|\{([^{}]+)\}/g;

/** Neither letters nor digits, which the handler does not encode in values, nor the sign of the encoding itself. */
const SEPARATOR = /[^A-Za-z0-9%]/;

/**
 * The attributes that a template names, each as `{name}`; `{{` and `}}` are the braces themselves.
 *
 * The handler reads templates by the same rules (handler/src/changes/template.rs); here they are checked before anything is
 * deployed. One that is known only at deployment is checked there, when the handler starts.
 */
export function checkedTemplate(scope: IConstruct, prop: string, template: string): string[] {
  if (Token.isUnresolved(template)) {
    return [];
  }
  if (template === '') {
    refuse(scope, `${prop} is empty. Give a text, with attributes in braces: weather-{Location}.`);
  }
  if (/[{}]/.test(template.replaceAll(PLACES, ''))) {
    refuse(scope, `${prop} is ${template}, in which a brace has no counterpart. Write {{ or }} for the brace itself.`);
  }
  return [...template.matchAll(PLACES)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Like `checkedTemplate`, for a template whose text must differ for different values of its attributes. */
export function checkedNameTemplate(scope: IConstruct, prop: string, template: string): string[] {
  const names = checkedTemplate(scope, prop, template);
  // The texts before, between and after the attributes: the first and the last separate nothing.
  const between = template
    .replaceAll(PLACES, (place, name?: string) => (name === undefined ? place.charAt(0) : '\0'))
    .split('\0')
    .slice(1, -1);
  if (names.length > 1 && !between.every((text) => SEPARATOR.test(text))) {
    refuse(
      scope,
      `${prop} is ${template}, in which two attributes have no separator between them, so that different items could ` +
        'share a name. Write a character between them that is not a letter, a digit or %: {a}#{b}.',
    );
  }
  return names;
}
