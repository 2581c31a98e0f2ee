import type { ParkedEvent } from './parked-event';

/** What PutEvents takes in one call. */
const MAX_ENTRIES = 10;
/** The limit was 256 KB until January 2026 and is 1 MB since; older partitions and most targets still have the lower one. */
const MAX_BYTES = 256 * 1024;
/** What EventBridge counts for an event's time. */
const TIME_BYTES = 14;

/**
 * Puts items together, in their order, so that the events of each batch fit into one call. An event that is too large for any
 * call is a batch by itself: EventBridge will refuse it.
 */
export function eventBatches<T extends { readonly event: ParkedEvent }>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = entryBytes(item.event);
    const batch = batches.at(-1);
    if (batch && batch.length < MAX_ENTRIES && bytes + size <= MAX_BYTES) {
      batch.push(item);
      bytes += size;
    } else {
      batches.push([item]);
      bytes = size;
    }
  }
  return batches;
}

function entryBytes({ source, detailType, detail, traceHeader = '', resources = [] }: ParkedEvent): number {
  return [source, detailType, detail, traceHeader, ...resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    TIME_BYTES,
  );
}
