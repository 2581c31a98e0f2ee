/**
 * A filter for topics. A topic must match every member that is given; an empty filter matches all.
 *
 * Names are compared exactly. They may be tokens, that is, known only at deployment.
 */
export interface MomentoTopicFilter {
  /**
   * The name of the topic's cache.
   *
   * @default - topics of any cache
   */
  readonly cacheName?: string;

  /**
   * The name of the topic.
   *
   * @default - topics of any name
   */
  readonly topicName?: string;
}

/**
 * A filter for Momento's messages. A message must match every member that is given; an empty filter matches all.
 *
 * Names are compared exactly. They may be tokens, that is, known only at deployment.
 */
export interface MomentoMessageFilter extends MomentoTopicFilter {
  /**
   * The id of the publisher's Momento token. Messages published with a token without an id never match.
   *
   * @default - messages of any publisher
   */
  readonly tokenId?: string;
}
