import * as events from 'aws-cdk-lib/aws-events';
import type { IConstruct } from 'constructs';
import type { CommandTemplateFields } from './momento-command-template';
import { fail } from '../common/prop-checks';

/** The limit of EventBridge (`InputTransformer` in its API reference). */
const MAX_TEMPLATE_CHARACTERS = 8192;

/**
 * The input of a rule's target: the event whole, beside the template of the command that the function makes of it.
 *
 * EventBridge inserts `<aws.events.event.json>` unescaped, as a JSON object
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html). What is around it is the rule's: who
 * may put events on the bus cannot change the template. Angle brackets would be read as variables, so they are escaped.
 */
export function templatedEvent(scope: IConstruct, template: CommandTemplateFields): events.RuleTargetInput {
  const json = JSON.stringify(template)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('>', String.raw`\u003e`);
  const inputTemplate = `{"template":${json},"event":<aws.events.event.json>}`;
  if (inputTemplate.length > MAX_TEMPLATE_CHARACTERS) {
    fail(
      scope,
      `command must make an input template of at most ${MAX_TEMPLATE_CHARACTERS.toString()} characters, got ` +
        `${inputTemplate.length.toString()}. Shorten its message.`,
    );
  }
  return new InputTemplate(inputTemplate);
}

/** A template as it is. That of the CDK puts predefined variables in quotes. */
class InputTemplate extends events.RuleTargetInput {
  public constructor(private readonly inputTemplate: string) {
    super();
  }

  public bind(): events.RuleTargetInputProperties {
    return { inputTemplate: this.inputTemplate };
  }
}
