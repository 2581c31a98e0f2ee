import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { CacheItemTtl } from './cache-item-ttl';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';
import type { HandlerOptions } from '../handlers/handler-options';

/**
 * How an item of a table becomes a cache item.
 */
export interface CacheItemMapping {
  /**
   * The key of the cache item: a text with attributes of the table's key in braces, such as `weather-{Location}`. `{{` and
   * `}}` are literal braces. Binary attributes are written as base64.
   *
   * Only attributes of the table's key, because nothing else is known of a deleted item. Items that differ only in what the
   * template leaves out share a cache item.
   *
   * Different values never make the same key. With several attributes, such as `{pk}#{sk}`, `%` and the characters between two
   * attributes (except letters and digits) are percent-encoded in the values: `a#b` and `c` make `a%23b#c`. So two attributes
   * need a character between them that is not a letter, a digit or `%`. With one attribute, nothing is encoded.
   */
  readonly key: string;

  /**
   * The value of the cache item: a text with attributes in braces, such as `{MinTemp} to {MaxTemp}`. A string or a number is
   * written as it is, anything else as JSON. An item without one of the attributes goes to the dead-letter queue, and its
   * cache item is deleted.
   *
   * A template that is a JSON object, array or string, such as `{{"name":"{name}","n":{n}}}`, makes valid JSON of every item:
   * within double quotes the value of an attribute is escaped, elsewhere it is written as JSON, a string with its quotes. The
   * synth warns of a template that begins like JSON but is not JSON, in which nothing is escaped.
   *
   * @default - the whole item as plain JSON, such as `{"Location":"Oslo","MaxTemp":3}`: attributes sorted by name, numbers with
   * all their digits, binary attributes as base64, sets as arrays
   */
  readonly value?: string;

  /**
   * The time to live of the cache item.
   */
  readonly ttl: CacheItemTtl;
}

/**
 * How the changes of a table are published to a topic.
 */
export interface TopicMapping {
  /**
   * The name of the topic. It may have attributes of the table's key in braces, like the key of a cache item.
   */
  readonly name: string;

  /**
   * Whether a message contains the new item. Momento accepts 4 KB: a larger message goes to the dead-letter queue of
   * `momento`.
   *
   * @default true
   */
  readonly includeItem?: boolean;
}

/**
 * Where to start in a table's stream.
 */
export enum StreamStart {
  /**
   * With the changes after the deployment.
   */
  LATEST = 'LATEST',

  /**
   * With the oldest change in the stream, up to 24 hours old.
   */
  TRIM_HORIZON = 'TRIM_HORIZON',
}

/**
 * Props for `DynamoDbToMomento`.
 */
export interface DynamoDbToMomentoProps extends HandlerOptions {
  /**
   * The table, in the stack's own account and region, with a stream that has new images: `NEW_IMAGE` or
   * `NEW_AND_OLD_IMAGES`. (`KEYS_ONLY` is enough for a topic without items.)
   *
   * AWS advises at most two readers for each stream. This construct is one of them.
   */
  readonly table: dynamodb.ITable;

  /**
   * The construct that delivers the commands to Momento. Several tables can share it.
   */
  readonly momento: EventBridgeToMomento;

  /**
   * The name of an existing cache.
   */
  readonly cacheName: string;

  /**
   * How an item becomes a cache item.
   *
   * @default - it does not: changes are only published
   */
  readonly cacheItem?: CacheItemMapping;

  /**
   * The topic to publish each change to, as JSON: `{"change":"MODIFY","keys":{…},"item":{…},"sequenceNumber":"…"}`.
   * `change` is `INSERT`, `MODIFY` or `REMOVE`, which has no item. Of two changes of an item, the later one has the larger
   * sequence number; it has more digits than a double can hold.
   *
   * @default - changes are not published
   */
  readonly topic?: TopicMapping;

  /**
   * The records of the stream to process: those that match one of 1 to 5 patterns, made with
   * `lambda.FilterCriteria.filter()`. Other records are neither processed nor billed.
   *
   * A filter on an item's values can leave a stale cache item: a change after which the item no longer matches is not
   * processed. The cache item then stays until it expires.
   *
   * @default - all
   */
  readonly filters?: Record<string, unknown>[];

  /**
   * The source of the commands on the bus. If `momento` has `sources`, it must be one of them.
   *
   * @default 'DynamoDbToMomento'
   */
  readonly source?: string;

  /**
   * Where to start in the stream. Another value later replaces the pipe.
   *
   * @default StreamStart.LATEST
   */
  readonly startingPosition?: StreamStart;

  /**
   * The maximum age of a record that the bus or the handler does not take. After that the pipe discards it, and the
   * dead-letter queue gets the position of the discarded records, without their contents: that is all that Pipes sends. Until
   * then the record blocks its shard.
   *
   * From 1 minute to 24 hours, the retention of the stream, in whole seconds.
   *
   * @default Duration.hours(1)
   */
  readonly maxRecordAge?: Duration;

  /**
   * How often a failed batch is retried. From 0 to 10,000. Failures inside Pipes itself do not count.
   *
   * @default - until `maxRecordAge`
   */
  readonly retryAttempts?: number;

  /**
   * The number of concurrent batches of a shard. Changes of one item stay in order. From 1 to 10.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;

  /**
   * The dead-letter queue, for records that cannot become a command: each as the whole record, with the reason in the message
   * attribute `Reason`. A standard queue in the stack's own account and region.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, with a retention period of 14 days.
   * `queueRemovalPolicy` says when it is deleted
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * The removal policy of the dead-letter queue that the construct creates. It can hold the only copy of a record. With the
   * default it is kept when the stack is deleted, and when an update no longer needs it: with a queue of your own, or under
   * another construct id. A kept queue is yours to empty and delete.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly queueRemovalPolicy?: RemovalPolicy;

  /**
   * Whether the stack has the output `DeadLetterQueueUrl`, for the queue that the construct creates.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
