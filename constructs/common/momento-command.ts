/**
 * A command to Momento. The values are the detail-types of the events.
 */
export enum MomentoCommand {
  /**
   * Sets a cache item, with a time to live.
   */
  CACHE_SET = 'cacheSet',

  /**
   * Deletes a cache item. A missing item is not an error.
   */
  CACHE_DELETE = 'cacheDelete',

  /**
   * Publishes a message to a topic.
   */
  TOPIC_PUBLISH = 'topicPublish',
}
