/** The sources of the commands that the stack takes, by the way they take to Momento. */
export const SOURCES = { byDestination: 'verify.destination', byFunction: 'verify.function' } as const;

/** How often a failed call of an API destination is repeated. Enough to see that it is. */
export const RETRY_ATTEMPTS = 1;
