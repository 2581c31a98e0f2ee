import type { ReplayTableOutage } from './replay-table-outage';

/**
 * Options for the table of `ReplayProtection`.
 */
export interface ReplayTableOptions {
  /**
   * Whether a genuine message is accepted while the table is unavailable.
   *
   * @default ReplayTableOutage.ACCEPT
   */
  readonly whenUnavailable?: ReplayTableOutage;
}
