import { type MessageFacts, messageFacts, type ParkedEvent } from './parked-event';
import { isoTime, printable } from './printable';

/** What tells an event from others. */
export interface EventFacts extends MessageFacts {
  readonly detailType: string;
  readonly source: string;
  readonly publishedAt?: string;
}

/** What tells the event from others, and its text where that may be shown. */
export function eventFacts(event: ParkedEvent, { showText }: { readonly showText: boolean }): EventFacts {
  const { detailType, source, time } = event;
  const { text, ...facts } = messageFacts(event);
  const publishedAt = isoTime(time);
  return {
    detailType,
    source,
    ...facts,
    ...(publishedAt !== undefined && { publishedAt }),
    ...(showText && text !== undefined && { text }),
  };
}

/** The same in a line, without the text. */
export function describeEvent(event: Partial<EventFacts>): string {
  const { topicSequenceNumber: number, publishedAt } = event;
  const named = (name: string, value: string | undefined): string | undefined =>
    value === undefined ? undefined : `${name} ${printable(value)}`;
  return [
    printable(event.detailType ?? ''),
    named('source', event.source),
    named('command', event.command),
    named('cache', event.cache),
    named('topic', event.topic),
    named('key', event.key),
    named('key in base64', event.keyBase64),
    named('number', number?.toString()),
    named('missed', event.missed?.toString()),
    named('published', publishedAt),
  ]
    .filter((fact) => fact !== undefined)
    .join(', ');
}
