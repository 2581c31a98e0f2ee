import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from '../common/prop-checks';

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
  const rest = template.replaceAll(/\{\{|\}\}|\{([^{}]+)\}/g, '');
  if (/[{}]/.test(rest)) {
    refuse(scope, `${prop} is ${template}, in which a brace has no counterpart. Write {{ or }} for the brace itself.`);
  }
  return [...template.matchAll(/\{\{|\}\}|\{([^{}]+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
