/** Where a command comes from and goes to. */
export interface EventOptions {
  /** The event's source: who sends the command, such as `orders`. It does not begin with `aws.`. */
  readonly source: string;
  /** The name or ARN of the event bus. Default: the account's default bus. */
  readonly eventBusName?: string;
}

/** An event, as the `PutEventsCommand` of the AWS SDK takes it among its `Entries`. */
export interface EventEntry {
  readonly Source: string;
  readonly DetailType: string;
  /** The JSON text of the command. */
  readonly Detail: string;
  readonly EventBusName?: string;
}

/** EventBridge takes less than this in one call, in bytes: entries together, each with its source, detail-type and detail. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Makes an event of a command.
 *
 * @throws TypeError, RangeError
 */
export function eventEntry(
  detailType: string,
  detail: Readonly<Record<string, string | number>>,
  options: EventOptions,
): EventEntry {
  // JavaScript can pass nothing.
  const { source, eventBusName } = Object(options) as EventOptions;
  const entry = {
    Source: sourceOf(detailType, source),
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    ...(eventBusName !== undefined && { EventBusName: nonEmptyText(detailType, 'eventBusName', eventBusName) }),
  };
  const bytes = [entry.Source, entry.DetailType, entry.Detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes >= MAX_EVENT_BYTES) {
    throw new RangeError(`${detailType}: the event must have less than ${MAX_EVENT_BYTES.toString()} bytes.`);
  }
  return entry;
}

function sourceOf(command: string, source: unknown): string {
  const text = nonEmptyText(command, 'source', source);
  if (text.startsWith('aws.'))
    throw new TypeError(`${command}: source must not begin with aws., which EventBridge reserves.`);
  return text;
}

/** A field that has to be text of one character or more. */
export function nonEmptyText(command: string, field: string, value: unknown): string {
  const expected = 'a string of one character or more';
  const text = wellFormedText(command, field, value, expected);
  if (text === '') throw new TypeError(`${command}: ${field} must be ${expected}.`);
  return text;
}

/**
 * A field that has to be text.
 *
 * Half of a surrogate pair is not text: JSON can write it, but UTF-8 cannot, so its readers reject the whole event.
 */
export function wellFormedText(command: string, field: string, value: unknown, expected: string): string {
  if (typeof value !== 'string') throw new TypeError(`${command}: ${field} must be ${expected}.`);
  if (/\p{Surrogate}/u.test(value)) {
    throw new TypeError(
      `${command}: ${field} must be well-formed text, but has half of a surrogate pair: it may have been cut within an emoji.`,
    );
  }
  return value;
}
