import type { EventBus } from '../event-bus';
import { Failure } from '../failure';
import { printable } from '../printable';
import { Queue, type ReceivedMessage } from '../queue';
import { warn } from '../warning';
import { ALIVE_MS, type RuleAndQueue, TemporaryResources } from './temporary-resources';

/** How often a sign of life is given. */
const SIGN_OF_LIFE_MS = ALIVE_MS / 5;

/** A temporary rule on a bus, and a queue that it sends to: shows what is on the bus while it is open. */
export class Tap {
  /**
   * Opens a tap for as long as `use` takes, and removes its rule and its queue afterwards, whatever happens. Removes what killed
   * processes left, too.
   *
   * @param pattern the event pattern, as JSON
   */
  public static async with<T>(bus: EventBus, pattern: string, use: (tap: Tap) => Promise<T>): Promise<T> {
    const region = bus.arn.split(':')[3] ?? '';
    const resources = await TemporaryResources.in(region);
    await resources.removeLeftovers();
    const names = resources.nextName(bus);
    try {
      const url = await resources.createQueue(names);
      await resources.createRule(names, pattern);
      return await use(new Tap(resources, url, await Queue.open(url, region)));
    } finally {
      await remove(names, resources);
    }
  }

  private aliveAt = Date.now();

  private constructor(
    private readonly resources: TemporaryResources,
    private readonly url: string,
    private readonly queue: Queue,
  ) {}

  /** Waits for events, for a second at most, and takes them. Their bodies are the whole events. */
  public async take(): Promise<ReceivedMessage[]> {
    const pause = Date.now() - this.aliveAt;
    if (pause > ALIVE_MS) {
      throw new Failure(
        'This was suspended for so long that others may have removed its rule and queue: start it again.',
      );
    }
    if (pause > SIGN_OF_LIFE_MS) {
      await this.resources.keepAlive(this.url);
      this.aliveAt = Date.now();
    }
    return this.queue.take();
  }
}

async function remove(names: RuleAndQueue, resources: TemporaryResources): Promise<void> {
  try {
    await resources.remove(names);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const name = printable(names.name);
    warn(
      `The temporary rule and queue ${name} could not be removed: ${error.message} ` +
        'The next tail or doctor in this account and region removes them, 10 minutes from now or later.',
    );
  }
}
