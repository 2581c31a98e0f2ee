/**
 * What becomes of a genuine message while the table of `ReplayProtection` is unavailable. Each is counted in the metric
 * `ReplayGuardUnavailable`.
 */
export enum ReplayTableOutage {
  /**
   * It is taken, unless this environment has taken it before: nothing is lost, but a recorded request can pass again in
   * another environment while it is fresh.
   */
  ACCEPT = 'ACCEPT',

  /**
   * It is refused (answer 503). Momento does not send it again: while the table is unavailable, messages are lost.
   */
  REFUSE = 'REFUSE',
}
