import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { printable } from '../printable';
import { type Examination, ifThere } from './examination';

const SERVICE = 'EventBridge';
/** The construct's rule that matches nothing: it only keeps its bus from being deleted. */
const GUARD = /EventBusMustExist([0-9A-F]{8})?$/;

/** The event buses of the constructs, and the stack's rules on them: there, enabled, and with a target. */
export async function examineBusesAndRules(examination: Examination): Promise<void> {
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  const client = new EventBridgeClient(await clientSettings(examination.region));
  const buses = new Map<string, string>();
  for (const { logicalId, variables } of examination.constructs.flatMap(({ functions }) => functions)) {
    const bus = variables.EVENT_BUS_NAME;
    if (bus !== undefined && !buses.has(bus)) buses.set(bus, logicalId);
  }
  for (const [bus, logicalId] of buses) await examineBus(examination, client, bus, logicalId);
  const names = ['default', ...[...buses.keys()].map(nameOfBus)];
  for (const { logicalId, physicalId } of examination.stack.ofType('AWS::Events::Rule')) {
    await examineRule(examination, client, logicalId, candidatesOf(physicalId, names));
  }
}

async function examineBus(
  examination: Examination,
  client: EventBridgeClient,
  bus: string,
  logicalId: string,
): Promise<void> {
  const { DescribeEventBusCommand } = await import('@aws-sdk/client-eventbridge');
  await examination.examine('event-bus', logicalId, async (report) => {
    const found = await ifThere(() =>
      callAws(SERVICE, 'events:DescribeEventBus', () => client.send(new DescribeEventBusCommand({ Name: bus }))),
    );
    if (found === undefined) {
      report(`There is no event bus ${printable(bus)}. EventBridge accepts events for it, and drops them.`);
    }
  });
}

interface Candidate {
  readonly bus: string;
  readonly rule: string;
}

async function examineRule(
  examination: Examination,
  client: EventBridgeClient,
  logicalId: string,
  candidates: readonly Candidate[],
): Promise<void> {
  const { DescribeRuleCommand, ListTargetsByRuleCommand } = await import('@aws-sdk/client-eventbridge');
  await examination.examine('rule', logicalId, async (report) => {
    for (const { bus: EventBusName, rule: Name } of candidates) {
      const rule = await ifThere(() =>
        callAws(SERVICE, 'events:DescribeRule', () => client.send(new DescribeRuleCommand({ Name, EventBusName }))),
      );
      if (rule === undefined) continue;
      if (GUARD.test(logicalId)) return;
      if (rule.State === 'DISABLED') {
        const names = `--name ${printable(Name)} --event-bus-name ${printable(EventBusName)}`;
        report(`The rule is disabled. Enable it: aws events enable-rule ${names}`);
      }
      const { Targets: targets = [] } = await callAws(SERVICE, 'events:ListTargetsByRule', () =>
        client.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName })),
      );
      if (targets.length === 0) report('The rule has no target, so that the events it matches go nowhere.');
      return;
    }
    report('The rule does not exist any more: deploy the stack again.');
  });
}

/** CloudFormation calls a rule on a bus of its own `BUS|RULE`, and one on the default bus by its name. */
function candidatesOf(physicalId: string, buses: readonly string[]): Candidate[] {
  const bar = physicalId.lastIndexOf('|');
  if (bar !== -1) return [{ bus: physicalId.slice(0, bar), rule: physicalId.slice(bar + 1) }];
  return [...new Set(buses)].map((bus) => ({ bus, rule: physicalId }));
}

function nameOfBus(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:.*:event-bus\//, '');
}
