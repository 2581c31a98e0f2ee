/**
 * How many calls a second are sent to Momento at most, for each command. EventBridge delays what exceeds it; a command
 * that has waited for `maxEventAge` is a dead letter.
 *
 * Whole numbers from 1. EventBridge itself sends 300 a second to an API destination, unless AWS has raised that quota for
 * the account.
 */
export interface RateLimits {
  /**
   * Items set a second.
   *
   * @default 100, Momento's soft limit for all operations on caches. Setting and deleting are limited apart, so both at
   * their most exceed it: Momento then answers 429, and EventBridge tries again
   */
  readonly cacheSet?: number;

  /**
   * Items deleted a second.
   *
   * @default 100, Momento's soft limit for all operations on caches
   */
  readonly cacheDelete?: number;

  /**
   * Messages published a second.
   *
   * @default 10, Momento's soft limit for all operations on topics, to which the delivery to each subscriber counts too
   */
  readonly topicPublish?: number;
}
