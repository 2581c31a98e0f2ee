/** The document of an event, as the handler parks it. */
export interface ParkedDocument {
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
  readonly time: number;
  readonly traceHeader?: string;
}

/** The text of every message: nothing but `--show-text` may print it. */
export const TEXT = 'Here I am, \u001b[31mred\u202e!!';

/** An event as it is parked. White space and escapes in the detail show whether it is passed on as it is. */
export function parked(sequenceNumber: number, changes: Partial<ParkedDocument> = {}): ParkedDocument {
  const time = 1_683_219_699_123 + sequenceNumber;
  const text = JSON.stringify(TEXT).replace('H', '\\u0048');
  return {
    source: 'Momento',
    detailType: 'chat#room-281',
    detail:
      `{ "cache": "chat", "topic": "room-281", "event_timestamp": ${time.toString()}, "publish_timestamp": ` +
      `${time.toString()}, "topic_sequence_number": ${sequenceNumber.toString()}, "token_id": null, "text": ${text} }`,
    time,
    ...changes,
  };
}
