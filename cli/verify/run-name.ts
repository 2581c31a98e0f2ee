import { randomBytes } from 'node:crypto';

/** How the names of the buckets and stacks of all runs begin. */
const PREFIX = 'cdk-momento-eventbridge-verify-';
/** The tag of everything that a run makes. Its value is the run's name. */
export const RUN_TAG = 'cdk-momento-eventbridge:verify';

/** A stack of a run: its name, and what sentences call it. */
export interface StackName {
  readonly name: string;
  readonly title: string;
}

/** The stacks of a run. The main one uses those queues: it is deployed last, and deleted first. */
export function stacksOf(run: string): { readonly main: StackName; readonly queues: StackName } {
  return {
    main: { name: run, title: 'the stack' },
    queues: { name: `${run}-queues`, title: 'the stack of the encrypted queues' },
  };
}

/** The secret with the Momento API key of a run. No stack has it: it must be there before the connection that copies it. */
export function momentoSecretName(run: string): string {
  return `${run}-momento`;
}

/** A name that no other run has: that of its bucket and of its stack. Bucket names of all accounts are one namespace. */
export function nextRunName(region: string): string {
  return `${PREFIX}${region}-${randomBytes(6).toString('hex')}`;
}

/** Whether a bucket has a name as the runs in a region give it. */
export function isRunName(name: string, region: string): boolean {
  return name.startsWith(`${PREFIX}${region}-`) && /^[0-9a-f]{12}$/.test(name.slice(PREFIX.length + region.length + 1));
}
