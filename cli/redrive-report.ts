import type { EventBus } from './event-bus';
import { print } from './output';
import { messageFacts, type ParkedEvent } from './parked-event';
import { counted, isoTime, printable } from './printable';

/** Reports the outcome of each event, and the totals at the end. */
export class RedriveReport {
  private readonly putCounts = new Map<string, number>();
  private leftCount = 0;
  private skippedCount = 0;
  private undeletedCount = 0;
  private cameInCount = 0;
  private notReceivedCount = 0;

  public constructor(
    /** Nothing is put. */
    public readonly dryRun: boolean,
  ) {}

  /** Whether everything that was found is on the bus, and only there. */
  public get allWell(): boolean {
    return this.leftCount === 0 && this.undeletedCount === 0 && this.notReceivedCount === 0;
  }

  /** The event is on the bus, or would be. */
  public put(event: ParkedEvent, { name }: EventBus, eventId?: string): void {
    this.putCounts.set(name, (this.putCounts.get(name) ?? 0) + 1);
    print(
      eventId === undefined
        ? `would be put: ${describe(event)}`
        : `put: ${describe(event)}, event id ${printable(eventId)}`,
    );
  }

  /** It stays where it was. */
  public left(what: ParkedEvent | string, reason: string): void {
    this.leftCount += 1;
    print(`left: ${typeof what === 'string' ? what : describe(what)}: ${reason}`);
  }

  /** It is on the bus, but in the queue too. */
  public undeleted(event: ParkedEvent, reason: string): void {
    this.undeletedCount += 1;
    print(`still in the queue, and would be put again: ${describe(event)}: ${reason}`);
  }

  /** A line holds no event, and is not meant to. */
  public skipped(): void {
    this.skippedCount += 1;
  }

  /** A message came into the queue, or back to it, since this began. */
  public cameIn(): void {
    this.cameInCount += 1;
  }

  /** So many messages, about, were in the queue at the start and were not handed out. */
  public notReceived(count: number): void {
    this.notReceivedCount = count;
  }

  /** Says how many. */
  public end(): void {
    const buses = [...this.putCounts].map(([name, count]) => ({ name: printable(name), count }));
    const total = buses.reduce((sum, { count }) => sum + count, 0);
    const [only] = buses;
    const where =
      buses.length > 1
        ? ` on the event buses ${buses.map(({ name, count }) => `${name} (${count.toString()})`).join(', ')}`
        : only
          ? ` on the event bus ${only.name}`
          : '';
    const put = `${counted(total, 'event')} ${this.dryRun ? 'would be ' : ''}put${where}`;
    const undeleted = this.undeletedCount > 0 ? `, ${this.undeletedCount.toString()} of them not deleted` : '';
    const skipped =
      this.skippedCount > 0
        ? `, ${counted(this.skippedCount, 'line without an event', 'lines without an event')} skipped`
        : '';
    print(`${put}${undeleted}, ${this.leftCount.toString()} left${skipped}.`);
    if (this.cameInCount > 0) {
      print(
        `${counted(this.cameInCount, 'more message')} came in, or came back, after this began: left in the queue. ` +
          'If they came back, fix the cause before you run it again.',
      );
    }
    if (this.notReceivedCount > 0) {
      print(
        `About ${counted(this.notReceivedCount, 'message')} of the queue could not be received, perhaps because another ` +
          'consumer receives from it: run this again.',
      );
    }
  }
}

function describe(event: ParkedEvent): string {
  const { topicSequenceNumber } = messageFacts(event);
  const number = topicSequenceNumber === undefined ? '' : `, number ${topicSequenceNumber.toString()}`;
  return `${printable(event.detailType)}${number}, published ${isoTime(event.time) ?? event.time.toString()}`;
}
