import { Failure } from '../failure';
import { isInterrupted } from '../interruption';
import type { Check, Outcome } from './check';
import type { Trial } from './trial';

/** A check with its outcome. */
export interface Result {
  readonly check: Check;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}

/** How to run checks. */
export interface RunOptions {
  /** No check begins later, in milliseconds since the Unix epoch. Each ends within minutes by itself. */
  readonly deadline: number;
  /** Told of each check before it is tried. */
  readonly onStart: (check: Check) => void;
  /** Told of each outcome. */
  readonly onResult: (result: Result) => void;
}

/**
 * Tries each promise, one after the other but for those that go on beside the others, until the time is over or the command is interrupted. What was not tried is undecided, and
 * so is a check whose own calls fail: the others are tried.
 */
export async function runChecks(
  checks: readonly Check[],
  trial: Trial,
  { deadline, onStart, onResult }: RunOptions,
): Promise<Result[]> {
  const attemptInTime = async (check: Check): Promise<Result> => {
    const started = Date.now();
    const reason = isInterrupted() ? 'the run was stopped' : started > deadline ? 'the time was over' : undefined;
    if (reason === undefined) onStart(check);
    const outcome = reason === undefined ? await attempt(check, trial) : undecided(`Not tried: ${reason}.`);
    return { check, outcome, milliseconds: Date.now() - started };
  };
  const begun = new Map(checks.filter(({ alongside }) => alongside).map((check) => [check, attemptInTime(check)]));
  // An error of this program ends the run when the turn of its check comes.
  for (const result of begun.values()) result.catch(() => undefined);
  const results: Result[] = [];
  for (const check of checks) {
    const result = await (begun.get(check) ?? attemptInTime(check));
    results.push(result);
    onResult(result);
  }
  return results;
}

async function attempt(check: Check, trial: Trial): Promise<Outcome> {
  try {
    return await check.run(trial);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undecided(isInterrupted() ? 'The run was stopped meanwhile.' : error.message);
  }
}

function undecided(seen: string): Outcome {
  return { kind: 'undecided', seen };
}
