import { jsonObject, type ParkedEvent, readParkedEvent } from './parked-event';

/** An event in a line, and the name or ARN of the event bus it belongs to, where the line says so. */
export interface LoggedEvent {
  readonly event: ParkedEvent;
  readonly bus: string | undefined;
}

/**
 * Finds the event in a line: a parked event's document, or a line of the handler's log, whose member `event` is one and whose
 * member `event_bus` names the bus. What stands before the first brace is ignored: tools that show logs put times and stream
 * names there.
 *
 * @returns the event; a sentence on what is wrong with the line; `undefined` for a line that is not meant to hold an event
 */
export function readLoggedEvent(line: string): LoggedEvent | string | undefined {
  const brace = line.indexOf('{');
  // Lambda's own lines, such as REPORT, and empty ones.
  if (brace === -1) return undefined;
  const document = line.slice(brace);
  const members = jsonObject(document);
  if (!members) return 'it is not a whole JSON object (were long lines cut?)';
  const isLogLine = 'level' in members || '_aws' in members;
  if (isLogLine && members.event === undefined) return undefined;
  const event = readParkedEvent(isLogLine && typeof members.event === 'string' ? members.event : document);
  if (typeof event === 'string') return `it does not hold a parked event, because ${event}`;
  return { event, bus: isLogLine && typeof members.event_bus === 'string' ? members.event_bus : undefined };
}
