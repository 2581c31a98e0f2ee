import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkedTemplate, warnOfMalformedJson } from '../common/text-template';

/** What the names in the templates of a table's items are. */
export const ATTRIBUTES = 'attributes';

/** What `checkedTemplate` checks, and warnings about a template that is probably not what was meant. */
export function checkValueTemplate(scope: IConstruct, prop: string, template: string): void {
  const names = checkedTemplate(scope, prop, template, ATTRIBUTES);
  // A JSON object with single braces, such as {"n":1}, is read as an attribute of that name. So is { n }.
  const strange = names.find((name) => name.includes('"') || name.trim() !== name);
  if (strange !== undefined) {
    Annotations.of(scope).addWarningV2(
      'cdk-momento-eventbridge:templateAttribute',
      `${prop} names an attribute ${JSON.stringify(strange)}. Items without it go to the dead-letter queue. Write {{ and }} for ` +
        'literal braces, and no spaces or quotes in {name}.',
    );
  }
  warnOfMalformedJson(scope, prop, template, ATTRIBUTES);
}
