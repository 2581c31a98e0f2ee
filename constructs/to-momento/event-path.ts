import type { IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';

/** The members of an event (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html). */
const MEMBERS = ['account', 'detail', 'detail-type', 'id', 'region', 'resources', 'source', 'time', 'version'];

/** A member and what follows it: members after a dot, elements of arrays by their index. */
const PATH = /^[^.[\]]+(\[\d+\])*(\.[^.[\]]+(\[\d+\])*)*$/;

/**
 * Rejects what is not a place in an event, such as `detail.items[0].sku`.
 *
 * The handler reads paths by the same rules (handler/src/deliver/event_path.rs): test/vectors/event-paths.json binds both.
 */
export function checkEventPath(scope: IConstruct, prop: string, path: string): void {
  const [first = ''] = path.split(/[.[]/);
  if (!PATH.test(path) || !MEMBERS.includes(first)) {
    fail(
      scope,
      `${prop} must have paths in the event, got ${JSON.stringify(path)}. Begin with ${MEMBERS.join(', ')}; write ` +
        'detail.order.id for a member, and detail.items[0] for an element. A literal brace is {{ or }}.',
    );
  }
}
