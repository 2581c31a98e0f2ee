import { setTimeout as delay } from 'node:timers/promises';
import type { LocalAws } from '../../tools';
import { run } from '../cli/command-line';

const PAUSE_MS = 1000;

/** An operator who does not give up. */
export interface Operator {
  /** Lets the runs end that are under way. */
  stop(): Promise<void>;
}

/**
 * Runs the command line's redrive on all of these queues at the same time, again and again. What happens to the calls of functions
 * happens to those of the command line too: it fails, and it is killed in the middle.
 */
export function redriveAgainAndAgain(aws: LocalAws, queueUrls: readonly string[], ...options: string[]): Operator {
  let isStopped = false;
  const environment = { ...aws.environment, AWS_ENDPOINT_URL: aws.faults.endpoint };
  const work = async () => {
    do {
      const args = queueUrls.map((url) => ['redrive', '--yes', '--queue-url', url, ...options]);
      await Promise.all(args.map((each) => run(each, { environment })));
      if (!isStopped) await delay(PAUSE_MS);
    } while (!isStopped);
  };
  const working = work();
  return {
    stop: () => {
      isStopped = true;
      return working;
    },
  };
}
