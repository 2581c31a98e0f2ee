import { jsonMembers, uniqueMembers } from './json-members';
import { printable } from './printable';

/**
 * An event for the bus, in the form in which the handler parks it, and logs it as a last resort.
 */
export interface ParkedEvent {
  readonly source: string;
  readonly detailType: string;
  /** A JSON object as text: never parsed and re-serialised, which would change numbers beyond 2^53 and repeated members. */
  readonly detail: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly resources?: readonly string[];
  /** The X-Ray trace that it belongs to. */
  readonly traceHeader?: string;
  /** The template by which a rule of `onEvent()` makes a command of it: a JSON object as text. */
  readonly template?: string;
}

/** What the detail of an event says about the message, as far as that can be read. */
export interface MessageFacts {
  /** In its digits where a number of JavaScript could not hold it. */
  readonly topicSequenceNumber?: number | string;
  /** What a template makes of the event; the names are then those of the template. */
  readonly command?: string;
  readonly cache?: string;
  readonly topic?: string;
  /** Of a command to a cache. */
  readonly key?: string;
  /** The same in base64, where that is how the command has it. */
  readonly keyBase64?: string;
  readonly text?: string;
  /** Of a gap: how many messages are missed, where that is known. */
  readonly missed?: number;
}

/**
 * Reads an event of a queue: as the handler parks it, or whole as EventBridge hands it on, which is how dead commands are kept, or
 * whole beside the template of a command. If it is neither, returns what is wrong with it, in words that fit behind "because".
 */
export function readQueuedEvent(document: string): ParkedEvent | string {
  const members = readMembers(document);
  if (typeof members === 'string') return members;
  const event = members.get('event');
  const template = members.get('template');
  if (event !== undefined && template !== undefined) return readTemplatedEvent(event, template);
  return members.has('detail-type') ? readBusEvent(members) : readParkedMembers(members);
}

function readTemplatedEvent(document: string, template: string): ParkedEvent | string {
  const members = readMembers(document);
  if (typeof members === 'string') return `its member event is not an event, because ${members}`;
  const event = readBusEvent(members);
  return typeof event === 'string' ? `its member event is not an event, because ${event}` : { ...event, template };
}

/** Reads a parked event. If it is not one, returns what is wrong with it, in words that fit behind "because". */
export function readParkedEvent(document: string): ParkedEvent | string {
  const members = readMembers(document);
  return typeof members === 'string' ? members : readParkedMembers(members);
}

function readBusEvent(members: Members): ParkedEvent | string {
  const { source, 'detail-type': detailType, time, resources = [] } = valuesOf(members, BUS_FIELDS);
  const detail = members.get('detail') ?? '';
  if (typeof source !== 'string') return 'its member source is not a string';
  if (typeof detailType !== 'string') return 'its member detail-type is not a string';
  if (!jsonMembers(detail)) return 'its member detail is not a JSON object';
  if (!isStrings(resources)) return 'its member resources is not an array of strings';
  const millis = typeof time === 'string' ? Date.parse(time) : NaN;
  if (Number.isNaN(millis)) return 'its member time is not a time';
  return { source, detailType, detail, time: millis, ...(resources.length > 0 && { resources }) };
}

function readParkedMembers(members: Members): ParkedEvent | string {
  const { source, detailType, detail, time, traceHeader } = valuesOf(members, PARKED_FIELDS);
  if (typeof source !== 'string') return 'its member source is not a string';
  if (typeof detailType !== 'string') return 'its member detailType is not a string';
  if (typeof detail !== 'string') return 'its member detail is not a string';
  if (!jsonMembers(detail)) return 'its member detail is not the text of a JSON object';
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) {
    return 'its member time is not a whole number of milliseconds';
  }
  if (traceHeader !== undefined && traceHeader !== null && typeof traceHeader !== 'string') {
    return 'its member traceHeader is not a string';
  }
  return { source, detailType, detail, time, ...(typeof traceHeader === 'string' && { traceHeader }) };
}

const BUS_FIELDS = ['source', 'detail-type', 'time', 'resources'] as const;
const PARKED_FIELDS = ['source', 'detailType', 'detail', 'time', 'traceHeader'] as const;

/** The source of an event about missed messages. */
export const GAP = 'Momento.Subscription';

/** What the event's detail says about the message. */
export function messageFacts({ source, detail, template }: ParkedEvent): MessageFacts {
  // What an event of another kind holds is not known: nothing of it is shown.
  if (template !== undefined) return templateFacts(jsonObject(template) ?? {});
  // A command has other names than a topic message: `cacheName`, `topicName` and `message`.
  const { cacheName, topicName, message, ...members } = jsonObject(detail) ?? {};
  const { cache = cacheName, topic = topicName, key, key_base64: keyBase64, text = message } = members;
  const { topic_sequence_number: number, missed } = members;
  const digits = jsonMembers(detail)
    ?.filter(({ name }) => name === 'topic_sequence_number')
    .at(-1)?.json;
  return {
    ...(typeof number === 'number' && { topicSequenceNumber: Number.isSafeInteger(number) ? number : digits }),
    ...(typeof cache === 'string' && { cache }),
    ...(typeof topic === 'string' && { topic }),
    ...(typeof key === 'string' && { key }),
    ...(typeof keyBase64 === 'string' && { keyBase64 }),
    ...(typeof text === 'string' && { text }),
    ...(source === GAP && typeof missed === 'number' && { missed }),
  };
}

function templateFacts({ command, cacheName, topicName, key }: Readonly<Record<string, unknown>>): MessageFacts {
  return {
    ...(typeof command === 'string' && { command }),
    ...(typeof cacheName === 'string' && { cache: cacheName }),
    ...(typeof topicName === 'string' && { topic: topicName }),
    ...(typeof key === 'string' && { key }),
  };
}

type Members = ReadonlyMap<string, string>;

function readMembers(document: string): Members | string {
  const members = jsonMembers(document);
  if (!members) return 'it is not a JSON object';
  const unique = uniqueMembers(members);
  return typeof unique === 'string' ? `its member ${printable(unique)} is there more than once` : unique;
}

function valuesOf<const Name extends string>(members: Members, names: readonly Name[]): Partial<Record<Name, unknown>> {
  const values: Partial<Record<Name, unknown>> = {};
  for (const name of names) {
    const json = members.get(name);
    if (json !== undefined) values[name] = JSON.parse(json) as unknown;
  }
  return values;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The members of a JSON object by name, of several with one name the last; nothing where the text is not an object. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const members = jsonMembers(text);
  return members && Object.fromEntries(members.map(({ name, json }) => [name, JSON.parse(json) as unknown]));
}
