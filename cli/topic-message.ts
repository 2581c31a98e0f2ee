/** One message of a Momento topic: the body of a webhook, its fields in the order in which Momento's documentation had them. */
export interface TopicMessage {
  readonly cache: string;
  readonly topic: string;
  /** Milliseconds since the Unix epoch. */
  readonly event_timestamp: number;
  /** Milliseconds since the Unix epoch. */
  readonly publish_timestamp: number;
  readonly topic_sequence_number: number;
  readonly token_id: string;
  readonly text: string;
}
