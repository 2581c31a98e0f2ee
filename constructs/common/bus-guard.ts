import * as events from 'aws-cdk-lib/aws-events';
import type { Construct, IConstruct } from 'constructs';

/**
 * Makes the deployment fail if the bus does not exist, and keeps the bus from being deleted.
 *
 * EventBridge accepts events for a bus that does not exist, and drops them. But it neither makes a rule on such a bus, nor
 * deletes a bus that has rules. A disabled rule matches nothing and costs nothing.
 */
export class BusGuard extends events.CfnRule {
  public constructor(scope: Construct, id: string, eventBus: events.IEventBus) {
    super(scope, id, {
      description: 'Matches nothing. Without its event bus it cannot be created, and with it the bus cannot be deleted',
      eventBusName: eventBus.eventBusName,
      eventPattern: { source: ['Momento'] },
      state: 'DISABLED',
    });
  }

  /**
   * Has functions wait until the bus is known to exist. Otherwise an update to another bus could have them put events on one
   * that does not exist until the update has failed and is rolled back.
   */
  public precede(...functions: readonly IConstruct[]): void {
    for (const { node } of functions) {
      node.addDependency(this);
    }
  }
}
