import type { DeployedWebhook } from './deployed-webhook';

/** Finds where messages are. It remembers what it has taken out of queues, so it can be asked again. */
export class MessageLocator {
  private readonly onTheBus: string[] = [];
  private readonly dead: string[] = [];

  public constructor(private readonly webhook: DeployedWebhook) {}

  /**
   * Where the message with this body is, as long as it is the only one: for example `bus`, `2 × bus`, `fallback queue`,
   * `bus, fallback queue`, or `nowhere`.
   */
  public async of(body: string): Promise<string> {
    // In this order, which is that of a message's way, one that moves meanwhile is seen twice rather than not at all.
    const parked = await this.webhook.parkedCount();
    const dead = await this.take('dead');
    const onTheBus = await this.take('onTheBus');
    const lost = await this.webhook.lostDetails();
    const message = JSON.stringify(JSON.parse(body));
    const counts: Record<string, number> = {
      bus: count(onTheBus, message),
      'fallback queue': parked,
      'dead-letter queue': count(dead, body),
      log: count(lost, body),
    };
    const places = Object.entries(counts).filter(([, number]) => number > 0);
    return (
      places.map(([place, number]) => (number > 1 ? `${number.toString()} × ${place}` : place)).join(', ') || 'nowhere'
    );
  }

  private async take(where: 'dead' | 'onTheBus'): Promise<string[]> {
    const found = this[where];
    for (;;) {
      // Nothing is on its way to these queues: the local AWS delivers before it answers.
      const events = await (where === 'dead' ? this.webhook.takeDead(10, 5) : this.webhook.takeFromBus(10, 5));
      if (events.length === 0) return found;
      for (const { detail } of events) found.push(typeof detail === 'string' ? detail : JSON.stringify(detail));
    }
  }
}

function count(all: readonly string[], one: string): number {
  return all.filter((each) => each === one).length;
}
