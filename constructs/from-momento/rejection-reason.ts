/**
 * The reason why the handler rejected a request: the values of the dimension `Reason` of the metric `Rejected`.
 *
 * The answer to an unauthenticated request does not contain the reason.
 */
export enum RejectionReason {
  /**
   * The method was not POST (answer 405).
   */
  METHOD = 'Method',

  /**
   * The body exceeded the handler's limit (answer 413).
   */
  TOO_LARGE = 'TooLarge',

  /**
   * The signature was missing or wrong, or there were several different ones (answer 403).
   */
  UNAUTHORIZED = 'Unauthorized',

  /**
   * The signature was valid, but the body was not the payload of a Momento webhook (answer 400).
   */
  PAYLOAD = 'Payload',

  /**
   * The signature was valid, but the message was older than `maxEventAge` (answer 403).
   */
  STALE = 'Stale',

  /**
   * The signature was valid, but the message was further in the future than `maxClockSkew` (answer 403).
   */
  FUTURE = 'Future',

  /**
   * The signing secret was not available: it has no value yet, or Secrets Manager failed before the first read, or when a
   * signature matched none of the known secrets (answer 503).
   */
  NO_SECRET = 'NoSecret',

  /**
   * The signature was valid, but another execution environment is handling the same request (answer 503). Only with a table of
   * `ReplayProtection`.
   */
  IN_PROGRESS = 'InProgress',

  /**
   * The signature was valid, but the table of `ReplayProtection` was unavailable, with `ReplayTableOutage.REFUSE` (answer 503).
   */
  GUARD_UNAVAILABLE = 'GuardUnavailable',
}
