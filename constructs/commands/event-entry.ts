/** Where a command comes from and goes to. */
export interface EventOptions {
  /** The event's source: who sends the command, such as `orders`. */
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

export function eventEntry(
  detailType: string,
  detail: Readonly<Record<string, string | number>>,
  { source, eventBusName }: EventOptions,
): EventEntry {
  if (typeof source !== 'string' || source === '') {
    throw new TypeError(`${detailType}: source is not a string of one character or more.`);
  }
  return {
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    ...(eventBusName !== undefined && { EventBusName: eventBusName }),
  };
}
