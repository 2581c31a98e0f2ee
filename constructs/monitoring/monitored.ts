import type { IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';

/** So many of the sections with the most metrics stay below CloudWatch's limits for a dashboard; a test counts them. */
export const MAX_MONITORED = 20;

/** Rejects a list of constructs to monitor that is empty, too long, or has one of them twice. */
export function checkMonitored(scope: IConstruct, monitored: readonly IConstruct[], most: number): void {
  if (monitored.length === 0 || monitored.length > most) {
    fail(scope, `monitored must have 1 to ${most.toString()} constructs, got ${monitored.length.toString()}.`);
  }
  const twice = monitored.find((one, index) => monitored.indexOf(one) !== index);
  if (twice) {
    fail(scope, `monitored must have each construct once, got ${twice.node.path} twice. Leave one out.`);
  }
}

/** Rejects a construct that is not one of this library's. */
export function failOfStranger(scope: IConstruct, stranger: IConstruct): never {
  return fail(
    scope,
    'monitored must have constructs of cdk-momento-eventbridge, such as a MomentoTopicToEventBridge, got ' +
      `${stranger.node.path}.`,
  );
}
