/**
 * The maximum number of calls a second to Momento, for each command. What exceeds it is delayed; a command that has waited
 * for `maxEventAge` goes to the dead-letter queue.
 *
 * Whole numbers from 1. EventBridge's own quota for an API destination is 300 a second, unless AWS has raised it for the
 * account.
 */
export interface RateLimits {
  /**
   * Cache items set per second.
   *
   * @default 100, Momento's soft limit for all cache operations. Setting and deleting have separate limits, so that both at
   * their maximum exceed it: Momento then answers 429, and the command is retried
   */
  readonly cacheSet?: number;

  /**
   * Cache items deleted per second.
   *
   * @default 100, Momento's soft limit for all cache operations
   */
  readonly cacheDelete?: number;

  /**
   * Messages published per second.
   *
   * @default 10, Momento's soft limit for all topic operations, which include the delivery to each subscriber
   */
  readonly topicPublish?: number;
}
