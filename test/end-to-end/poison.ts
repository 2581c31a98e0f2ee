/** Messages that no redrive can put on a bus. Each has its number in it, and is unlike any other. */
export function poison(number: number): string {
  const id = `poison-${number.toString()}`;
  const event = {
    source: 'Momento',
    detailType: 'chat#room-281',
    detail: JSON.stringify({ id }),
    time: 1_700_000_000_000,
  };
  const kinds: readonly (() => string)[] = [
    () => `not an event: ${id}`,
    // Momento's events are the only ones that may come out of the fallback queue.
    () => JSON.stringify({ ...event, source: 'aws.health' }),
    // It makes the whole call invalid that it is in.
    () => JSON.stringify({ ...event, traceHeader: 'x'.repeat(501) }),
    // These fail by themselves.
    () => JSON.stringify({ ...event, detailType: 'x'.repeat(129) }),
    () => JSON.stringify({ ...event, detail: `["${id}"]` }),
  ];
  return (kinds[number % kinds.length] as () => string)();
}
