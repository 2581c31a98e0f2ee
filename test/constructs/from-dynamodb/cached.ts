import assert from 'node:assert/strict';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import {
  CacheItemTtl,
  DynamoDbToMomento,
  type DynamoDbToMomentoProps,
  EventBridgeToMomento,
  type EventBridgeToMomentoProps,
} from '../../../constructs';
import { codeInBucket } from '../from-momento/webhook';
import { InStack, IRELAND } from '../in-stack';
import { apiKey } from '../to-momento/to-momento';

export type Props = Partial<DynamoDbToMomentoProps>;
type Properties = Record<string, unknown>;
export const KEY = { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) };

/** The construct in a stack of its own, with a table of weather. */
export class Cached extends InStack {
  public readonly momento: EventBridgeToMomento;
  public readonly construct: DynamoDbToMomento;

  public constructor(
    props: Props | ((stack: Stack) => Props) = {},
    momentoProps: Partial<EventBridgeToMomentoProps> = {},
  ) {
    super(new Stack(new App(), 'Stack', IRELAND));
    const given = typeof props === 'function' ? props(this.stack) : props;
    this.momento = new EventBridgeToMomento(this.stack, 'Out', { apiKey: apiKey(this.stack), ...momentoProps });
    this.construct = new DynamoDbToMomento(this.stack, 'Cached', {
      table: given.table ?? weather(this.stack),
      momento: this.momento,
      cacheName: 'weather',
      cacheItem: KEY,
      handlerCode: codeInBucket(this.stack),
      ...given,
    });
  }

  public stream(): Properties {
    const { SourceParameters } = this.only('AWS::Pipes::Pipe') as { SourceParameters: Record<string, Properties> };
    return SourceParameters.DynamoDBStreamParameters ?? {};
  }

  /** What the environment variables of the handler say of the mapping. */
  public mapping(): Properties {
    const { DEAD_LETTER_QUEUE_URL, LOG_LEVEL, ...mapping } = this.environment(this.construct.handler);
    assert.ok(DEAD_LETTER_QUEUE_URL);
    assert.equal(LOG_LEVEL, 'info');
    return mapping;
  }
}

export function weather(stack: Stack, props: Partial<dynamodb.TableProps> = {}): dynamodb.Table {
  return new dynamodb.Table(stack, 'Weather', {
    partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    ...props,
  });
}
