/**
 * Why the handler refused a request: the values of the dimension `Reason` of the metric `Rejected`.
 *
 * The answer to an unauthenticated request never says so; the metric does.
 */
export enum RejectionReason {
  /**
   * The method was not POST (answer 405).
   */
  METHOD = 'Method',

  /**
   * The body was larger than the handler takes (answer 413).
   */
  TOO_LARGE = 'TooLarge',

  /**
   * The signature was missing, wrong, or there were several that differ (answer 403).
   */
  UNAUTHORIZED = 'Unauthorized',

  /**
   * Signed, but not the payload of a Momento webhook (answer 400).
   */
  PAYLOAD = 'Payload',

  /**
   * Signed, but published longer ago than `maxEventAge` (answer 403).
   */
  STALE = 'Stale',

  /**
   * Signed, but published further in the future than `maxClockSkew` (answer 403).
   */
  FUTURE = 'Future',

  /**
   * No signing secret could be read to check the signature with: not filled yet, or Secrets Manager failed before it
   * was read for the first time (answer 503).
   */
  NO_SECRET = 'NoSecret',

  /**
   * Signed, and another environment of the handler is about to take the same request (answer 503). Only with a table of
   * `ReplayProtection`.
   */
  IN_PROGRESS = 'InProgress',

  /**
   * Signed, but the table of `ReplayProtection` was unavailable, and `ReplayTableOutage.REFUSE` was chosen (answer 503).
   */
  GUARD_UNAVAILABLE = 'GuardUnavailable',
}
