/** The sources of the commands that the stack takes, by the way they take to Momento. */
export const SOURCES = {
  byDestination: 'verify.destination',
  byFunction: 'verify.function',
  table: 'verify.table',
  ownQueues: 'verify.own-queues',
  momento: 'verify.momento',
} as const;

/** The table whose changes become commands: its key, the beginning of the keys that pass the pipe's filter, and the cached attribute. */
export const TABLE = { key: 'id', passes: 'verify-', value: 'value', cache: 'verify-table' } as const;

/** How often a failed call of an API destination is repeated. Enough to see that it is. */
export const RETRY_ATTEMPTS = 1;

/** From when in its time on an invocation of the subscription hands over to the next one. The schedule invokes once a minute. */
export const HAND_OVER_AFTER_S = { onAws: 30, locally: 1 } as const;

/** How many cacheDelete commands a second the API destination takes. Few, so that a short burst shows it. */
export const DELETES_A_SECOND = 2;
