/**
 * Whether a genuine message is accepted while the table of `ReplayProtection` is unavailable. The metric
 * `ReplayGuardUnavailable` counts these messages.
 */
export enum ReplayTableOutage {
  /**
   * It is accepted, unless the same execution environment has accepted it before. Nothing is lost, but a replay can pass in
   * another environment while it is fresh.
   */
  ACCEPT = 'ACCEPT',

  /**
   * It is rejected (answer 503). Momento does not retry: while the table is unavailable, messages are lost.
   */
  REFUSE = 'REFUSE',
}
