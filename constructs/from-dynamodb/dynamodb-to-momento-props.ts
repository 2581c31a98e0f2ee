import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { CacheItemTtl } from './cache-item-ttl';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';
import type { HandlerOptions } from '../handlers/handler-options';

/**
 * What an item of a table is in a cache.
 */
export interface CacheItemMapping {
  /**
   * The key of the cache item: a text with attributes of the table's key in braces, such as `weather-{Location}`. `{{` and
   * `}}` are the braces themselves. Bytes are written as base64.
   *
   * Of the table's key, and of nothing else, since that is all that is known of an item that was deleted. Items that differ
   * only in what the template leaves out share a cache item.
   *
   * Different values never make the same key. With several attributes, such as `{pk}#{sk}`, `%` and the characters between
   * two attributes (letters and digits excepted) are percent-encoded in the values: `a#b` and `c` make `a%23b#c`. So two
   * attributes need a character between them that is not a letter, a digit or `%`. With one attribute, nothing is encoded.
   */
  readonly key: string;

  /**
   * The value: a text with attributes in braces, such as `{MinTemp} to {MaxTemp}`. A text or a number is written as it is,
   * anything else as JSON. An item that lacks one of them is a dead letter, and its cache item is deleted.
   *
   * A template that is a JSON object, array or string, such as `{{"name":"{name}","n":{n}}}`, makes valid JSON of every item:
   * within double quotes the value of an attribute is escaped, elsewhere it is written as JSON, a text with its quotes.
   *
   * @default - the whole item as plain JSON, such as `{"Location":"Oslo","MaxTemp":3}`: its attributes in the order of their
   * names, numbers with all their digits, bytes as base64, sets as arrays
   */
  readonly value?: string;

  /**
   * How long it lives.
   */
  readonly ttl: CacheItemTtl;
}

/**
 * The topic that the changes of a table are published to.
 */
export interface TopicMapping {
  /**
   * Its name, which may have attributes of the table's key in braces, written as in a cache item's key.
   */
  readonly name: string;

  /**
   * Whether a message has the item as it is now. Momento takes 4 KB: a larger message ends in the dead-letter queue of
   * `momento`.
   *
   * @default true
   */
  readonly includeItem?: boolean;
}

/**
 * Where in a table's stream to begin.
 */
export enum StreamStart {
  /**
   * With the changes that come after the deployment.
   */
  LATEST = 'LATEST',

  /**
   * With the oldest change that the stream still has: up to 24 hours ago.
   */
  TRIM_HORIZON = 'TRIM_HORIZON',
}

/**
 * What `DynamoDbToMomento` can be told.
 */
export interface DynamoDbToMomentoProps extends HandlerOptions {
  /**
   * The table, of the stack's own region and with a stream that has new images: `NEW_IMAGE` or `NEW_AND_OLD_IMAGES`.
   * (`KEYS_ONLY` is enough for a topic without items.)
   *
   * AWS advises that no more than two readers share a stream. This is one.
   */
  readonly table: dynamodb.ITable;

  /**
   * What takes commands from a bus to Momento. Several tables can share it.
   */
  readonly momento: EventBridgeToMomento;

  /**
   * The cache, which exists.
   */
  readonly cacheName: string;

  /**
   * What an item is in the cache.
   *
   * @default - nothing: changes are only published
   */
  readonly cacheItem?: CacheItemMapping;

  /**
   * The topic that each change is published to, as JSON: `{"change":"MODIFY","keys":{…},"item":{…},"sequenceNumber":"…"}`.
   * `change` is `INSERT`, `MODIFY` or `REMOVE`, which has no item. Of two changes of an item, the later one has the larger
   * sequence number, which has more digits than a double.
   *
   * @default - none: nothing is published
   */
  readonly topic?: TopicMapping;

  /**
   * Which records of the stream to take: those that match one of up to five patterns, made with
   * `lambda.FilterCriteria.filter()`. The others are neither read nor billed.
   *
   * A filter that looks at an item's values can leave a cache item behind: an item that matches no longer is no deletion. It
   * then lives until its time is over.
   *
   * @default - all
   */
  readonly filters?: Record<string, unknown>[];

  /**
   * The source of the commands on the bus. If `momento` has sources, this must be one of them.
   *
   * @default 'DynamoDbToMomento'
   */
  readonly source?: string;

  /**
   * Where in the stream to begin. Another value later replaces the pipe.
   *
   * @default StreamStart.LATEST
   */
  readonly startingPosition?: StreamStart;

  /**
   * How old a record may become while the bus, or this construct, does not take it. Then it is given up, and the queue gets a
   * message that says which records these were, without their contents, as Pipes has it. Meanwhile it holds up its shard.
   *
   * From 1 minute to 24 hours, which is as long as the stream keeps it, in whole seconds.
   *
   * @default Duration.hours(1)
   */
  readonly maxRecordAge?: Duration;

  /**
   * How often a batch is tried again that fails. From 0 to 10,000. Failures inside Pipes itself do not count.
   *
   * @default - as often as `maxRecordAge` allows
   */
  readonly retryAttempts?: number;

  /**
   * How many batches of a shard are processed at once. Changes of one item stay in their order. From 1 to 10.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;

  /**
   * Where a record goes that cannot become the command it should: the whole record, with the reason in the message attribute
   * `Reason`. A standard queue of the stack's own account and region.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, messages kept for 14 days. It is deleted
   * with the stack, with what it holds
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * What the alarms do when they go off.
   *
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}
