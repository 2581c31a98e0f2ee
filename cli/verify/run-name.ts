import { randomBytes } from 'node:crypto';

/** How the names of the buckets and stacks of all runs begin. */
const PREFIX = 'cdk-momento-eventbridge-verify-';
/** The tag of everything that a run makes. Its value is the run's name. */
export const RUN_TAG = 'cdk-momento-eventbridge:verify';

/** A name that no other run has: that of its bucket and of its stack. Bucket names of all accounts are one namespace. */
export function nextRunName(region: string): string {
  return `${PREFIX}${region}-${randomBytes(6).toString('hex')}`;
}

/** Whether a bucket has a name as the runs in a region give it. */
export function isRunName(name: string, region: string): boolean {
  return name.startsWith(`${PREFIX}${region}-`) && /^[0-9a-f]{12}$/.test(name.slice(PREFIX.length + region.length + 1));
}
