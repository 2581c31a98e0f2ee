/**
 * Which of Momento's messages are meant. A message must match every member that is given; with none, all match.
 *
 * Names are compared exactly. They may be tokens, that is, known only at deployment.
 */
export interface MomentoMessageFilter {
  /**
   * The cache that the message's topic belongs to.
   *
   * @default - messages of any cache
   */
  readonly cacheName?: string;

  /**
   * The topic that the message was published to.
   *
   * @default - messages of any topic
   */
  readonly topicName?: string;

  /**
   * The id that the publisher's Momento token was issued with. Messages published with a token that has no id never
   * match.
   *
   * @default - messages of any publisher
   */
  readonly tokenId?: string;
}
