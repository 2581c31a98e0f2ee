import type { ReceivedMessage } from './queue';

/** The message attribute in which the handlers say whose bus an event is for: the name or ARN that they were deployed with. */
const EVENT_BUS = 'EventBus';
/** The one of EventBridge's own dead letters: the ARN of the rule. */
const RULE_ARN = 'RULE_ARN';

/** The name or ARN of the event bus that a parked event or dead letter belongs to; nothing where it does not say. */
export function busOfMessage({ attributes }: ReceivedMessage): string | undefined {
  return attributes[EVENT_BUS] ?? busOfRule(attributes[RULE_ARN] ?? '');
}

/** The ARN of a rule's bus: `rule/RULE` is on the default bus, `rule/BUS/RULE` on another, whose name may have slashes. */
function busOfRule(ruleArn: string): string | undefined {
  const [, prefix, bus = 'default'] = /^(arn:[-\w]+:events:[-\w]+:\d*:)rule\/(?:(.+)\/)?[^/]+$/.exec(ruleArn) ?? [];
  return prefix === undefined ? undefined : `${prefix}event-bus/${bus}`;
}
