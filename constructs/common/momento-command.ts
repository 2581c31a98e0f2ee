/**
 * What an event can have Momento do. The values are the events' detail-types.
 */
export enum MomentoCommand {
  /**
   * Sets a cache item, for a time.
   */
  CACHE_SET = 'cacheSet',

  /**
   * Deletes a cache item. It is no failure when there is none.
   */
  CACHE_DELETE = 'cacheDelete',

  /**
   * Publishes a message to a topic.
   */
  TOPIC_PUBLISH = 'topicPublish',
}
