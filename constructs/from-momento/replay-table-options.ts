import type { ReplayTableOutage } from './replay-table-outage';

/**
 * How the table of `ReplayProtection` is used.
 */
export interface ReplayTableOptions {
  /**
   * What becomes of a genuine message while the table cannot say whether it has been seen before.
   *
   * @default ReplayTableOutage.ACCEPT
   */
  readonly whenUnavailable?: ReplayTableOutage;
}
