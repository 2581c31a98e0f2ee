import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until there is an answer other than `undefined`, and fails when the time is over. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutMs = 30_000, everyMs = 10 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  do {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(everyMs);
  } while (Date.now() < deadline);
  throw new Error(`Waited ${timeoutMs.toString()} ms for ${what}, without success`);
}
