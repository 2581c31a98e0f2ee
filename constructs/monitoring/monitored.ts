import type { IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';

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
