import { EventBus } from './event-bus';
import { Failure } from './failure';
import { printable } from './printable';

/** What the command line says about the bus. */
export interface BusOptions {
  /** The name or ARN given with `--event-bus`; what says that it belongs to another bus is then left. */
  readonly chosen?: string;
  /** The bus of what says nothing, unless one is given: only where nothing is deleted. */
  readonly fallback?: string;
  /** Whether it is put on `chosen` anyway. */
  readonly ignoreRecorded: boolean;
  /** Where a bus is that is given by its name. */
  readonly region?: string;
}

/** Finds the bus of each event, and never guesses one. */
export class EventBuses {
  /** @throws Failure if the bus that was given does not exist */
  public static async open(options: BusOptions): Promise<EventBuses> {
    const { chosen, region } = options;
    return new EventBuses(options, chosen === undefined ? undefined : await EventBus.find(chosen, region));
  }

  private readonly found = new Map<string, Promise<EventBus | string>>();

  private constructor(
    private readonly options: BusOptions,
    private readonly chosen: EventBus | undefined,
  ) {}

  /**
   * The bus to put an event on, or why it is not put on any.
   *
   * @param recorded the name or ARN of the bus that it says it belongs to
   */
  public async busFor(recorded: string | undefined): Promise<EventBus | string> {
    const { chosen, options } = this;
    if (chosen && (recorded === undefined || options.ignoreRecorded)) return chosen;
    const own = recorded ?? options.fallback;
    if (own === undefined) return 'it does not say which event bus it belongs to: give --event-bus';
    const bus = await this.find(own);
    if (typeof bus === 'string' || !chosen || bus.arn === chosen.arn) return bus;
    return (
      `it belongs to the event bus ${printable(own)}, not ${printable(chosen.name)}: omit --event-bus, or add ` +
      '--ignore-recorded-bus'
    );
  }

  private async find(nameOrArn: string): Promise<EventBus | string> {
    const known =
      this.found.get(nameOrArn) ??
      // Anyone who may send to the queue can name any bus: one that cannot be used costs only the messages that name it.
      EventBus.find(nameOrArn, this.options.region).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        return `its event bus cannot be used: ${error.message}`;
      });
    this.found.set(nameOrArn, known);
    return known;
  }
}
