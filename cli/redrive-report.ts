import { print } from './output';
import { messageFacts, type ParkedEvent } from './parked-event';
import { counted, isoTime, printable } from './printable';

/** Says what becomes of each event, and at the end of how many. */
export class RedriveReport {
  private putCount = 0;
  private leftCount = 0;
  private passedOverCount = 0;
  private undeletedCount = 0;

  public constructor(
    private readonly bus: string,
    /** Nothing is put. */
    public readonly dryRun: boolean,
  ) {}

  /** Whether everything that was found is on the bus, and only there. */
  public get allWell(): boolean {
    return this.leftCount === 0 && this.undeletedCount === 0;
  }

  /** The event is on the bus, or would be. */
  public put(event: ParkedEvent, eventId?: string): void {
    this.putCount += 1;
    print(eventId === undefined ? `would be put: ${describe(event)}` : `put: ${describe(event)}, event id ${eventId}`);
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
  public passedOver(): void {
    this.passedOverCount += 1;
  }

  /** Says how many. */
  public end(): void {
    const put = `${counted(this.putCount, 'event')} ${this.dryRun ? 'would be ' : ''}put on the event bus ${printable(this.bus)}`;
    const undeleted = this.undeletedCount > 0 ? `, ${this.undeletedCount.toString()} of them not deleted` : '';
    const passedOver =
      this.passedOverCount > 0 ? `, ${counted(this.passedOverCount, 'line')} without one passed over` : '';
    print(`${put}${undeleted}, ${this.leftCount.toString()} left${passedOver}.`);
  }
}

function describe(event: ParkedEvent): string {
  const { topicSequenceNumber } = messageFacts(event);
  const number = topicSequenceNumber === undefined ? '' : `, number ${topicSequenceNumber.toString()}`;
  return `${printable(event.detailType)}${number}, published ${isoTime(event.time) ?? event.time.toString()}`;
}
