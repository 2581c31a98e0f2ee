import { Failure } from './failure';

/** Why a command should stop before its end. */
type Interruption = 'SIGHUP' | 'SIGINT' | 'SIGTERM' | 'EPIPE';

let interruption: Interruption | undefined;

/** Asks the running command to stop at the next point where nothing is half done. */
export function interrupt(reason: Interruption): void {
  interruption ??= reason;
}

/** From now on a signal asks the command to stop; a second one ends it at once. */
export function interruptOnSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupt(signal);
    });
  }
}

/** The command was asked to stop. */
export function isInterrupted(): boolean {
  return interruption !== undefined;
}

/**
 * A point where the command can stop.
 *
 * @throws Failure if it was asked to: there may be work left
 */
export function stopIfInterrupted(): void {
  if (interruption === undefined) return;
  const reason = interruption === 'EPIPE' ? 'its output was closed' : interruption;
  throw new Failure(`Stopped before the end: ${reason}. What was not finished is left where it was.`);
}
