/**
 * What goes on the bus, in the form in which the handler parks an event, and logs it as a last resort.
 */
export interface ParkedEvent {
  readonly source: string;
  readonly detailType: string;
  /** A JSON object as text. */
  readonly detail: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The X-Ray trace that it belongs to. */
  readonly traceHeader?: string;
}

/** What the detail of an event says about the message, as far as that can be read. */
export interface MessageFacts {
  readonly topicSequenceNumber?: number;
  readonly text?: string;
}

/**
 * Reads an event of a queue: as the handler parks it, or whole as EventBridge hands it on, which is how dead commands are kept.
 * Returns what is wrong with it, in words that fit behind "because", where it is neither.
 */
export function readQueuedEvent(document: string): ParkedEvent | string {
  const members = jsonObject(document);
  return members && 'detail-type' in members ? readBusEvent(members) : readParkedEvent(document);
}

function readBusEvent({ source, 'detail-type': detailType, detail, time }: Members): ParkedEvent | string {
  if (typeof source !== 'string') return 'its member source is not a string';
  if (typeof detailType !== 'string') return 'its member detail-type is not a string';
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return 'its member detail is not a JSON object';
  }
  const millis = typeof time === 'string' ? Date.parse(time) : NaN;
  if (Number.isNaN(millis)) return 'its member time is not a time';
  return { source, detailType, detail: JSON.stringify(detail), time: millis };
}

/** Reads a parked event. Returns what is wrong with it, in words that fit behind "because", where it is none. */
export function readParkedEvent(document: string): ParkedEvent | string {
  const members = jsonObject(document);
  if (!members) return 'it is not a JSON object';
  const { source, detailType, detail, time, traceHeader } = members;
  if (typeof source !== 'string') return 'its member source is not a string';
  if (typeof detailType !== 'string') return 'its member detailType is not a string';
  if (typeof detail !== 'string') return 'its member detail is not a string';
  if (!jsonObject(detail)) return 'its member detail is not the text of a JSON object';
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) {
    return 'its member time is not a whole number of milliseconds';
  }
  if (traceHeader !== undefined && traceHeader !== null && typeof traceHeader !== 'string') {
    return 'its member traceHeader is not a string';
  }
  return { source, detailType, detail, time, ...(typeof traceHeader === 'string' && { traceHeader }) };
}

/** What the event's detail says about the message. */
export function messageFacts({ detail }: ParkedEvent): MessageFacts {
  // A topic message has a text, a command a message.
  const { topic_sequence_number: number, message, text = message } = jsonObject(detail) ?? {};
  return {
    ...(typeof number === 'number' && { topicSequenceNumber: number }),
    ...(typeof text === 'string' && { text }),
  };
}

type Members = Readonly<Record<string, unknown>>;

/** The members of a JSON object, or nothing where the text is not one. */
export function jsonObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}
