import type { IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';
import { DynamoDbToMomento } from '../from-dynamodb/dynamodb-to-momento';
import { MomentoTopicToEventBridge } from '../from-momento/momento-topic-to-eventbridge';
import { MomentoWebhookToEventBridge } from '../from-momento/momento-webhook-to-eventbridge';
import { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';

/** So many of the sections with the most metrics stay below CloudWatch's limits for a dashboard; a test counts them. */
const MAX_MONITORED = 20;

/** What each kind of construct that can be monitored is shown by. */
export interface ByKind<T> {
  readonly webhook: (monitored: MomentoWebhookToEventBridge) => T;
  readonly subscription: (monitored: MomentoTopicToEventBridge) => T;
  readonly commands: (monitored: EventBridgeToMomento) => T;
  readonly table: (monitored: DynamoDbToMomento) => T;
}

/** Rejects a list of constructs to monitor that is empty, too long, or has one of them twice. */
export function checkMonitored(scope: IConstruct, monitored: readonly IConstruct[]): void {
  if (monitored.length === 0 || monitored.length > MAX_MONITORED) {
    fail(scope, `monitored must have 1 to ${MAX_MONITORED.toString()} constructs, got ${monitored.length.toString()}.`);
  }
  const twice = monitored.find((one, index) => monitored.indexOf(one) !== index);
  if (twice) {
    fail(scope, `monitored must have each construct once, got ${twice.node.path} twice. Leave one out.`);
  }
}

/** What a construct to monitor is shown by. Rejects one that is not this library's. */
export function ofKind<T>(scope: IConstruct, monitored: IConstruct, kinds: ByKind<T>): T {
  if (monitored instanceof MomentoWebhookToEventBridge) return kinds.webhook(monitored);
  if (monitored instanceof MomentoTopicToEventBridge) return kinds.subscription(monitored);
  if (monitored instanceof EventBridgeToMomento) return kinds.commands(monitored);
  if (monitored instanceof DynamoDbToMomento) return kinds.table(monitored);
  return fail(
    scope,
    'monitored must have constructs of cdk-momento-eventbridge, such as a MomentoTopicToEventBridge, got ' +
      `${monitored.node.path}.`,
  );
}
