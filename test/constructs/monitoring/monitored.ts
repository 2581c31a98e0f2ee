import assert from 'node:assert/strict';
import { App, Duration, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import {
  ApiKeyRotation,
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
  ReplayProtection,
} from '../../../constructs';
import { ROOM } from '../from-momento/topics';
import { codeInBucket } from '../from-momento/webhook';
import { IRELAND } from '../in-stack';
import { apiKey } from '../to-momento/to-momento';
import type { HandlerName } from './handler-output';

/** Each of the constructs that can be monitored, in one stack, with everything that is optional. */
export class Monitored {
  public readonly stack = new Stack(new App(), 'Stack', IRELAND);
  public readonly webhook: MomentoWebhookToEventBridge;
  public readonly topics: MomentoTopicToEventBridge;
  public readonly byApiDestinations: EventBridgeToMomento;
  public readonly byLambda: EventBridgeToMomento;
  public readonly cached: DynamoDbToMomento;

  public constructor() {
    const { stack } = this;
    const handlerCode = codeInBucket(stack);
    const secret = apiKey(stack);
    this.webhook = new MomentoWebhookToEventBridge(stack, 'Webhook', {
      handlerCode,
      replayProtection: ReplayProtection.table(),
    });
    const topics = [ROOM, { cacheName: 'chat', topicName: 'room-282' }];
    this.topics = new MomentoTopicToEventBridge(stack, 'Topics', { topics, apiKey: secret, handlerCode });
    this.byApiDestinations = new EventBridgeToMomento(stack, 'ByApiDestinations', {
      apiKey: secret,
      delivery: Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode }) }),
    });
    this.byLambda = new EventBridgeToMomento(stack, 'ByLambda', {
      apiKey: secret,
      delivery: Delivery.lambdaFunction({ handlerCode }),
    });
    this.cached = new DynamoDbToMomento(stack, 'Cached', {
      table: new dynamodb.Table(stack, 'Weather', {
        partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
        stream: dynamodb.StreamViewType.NEW_IMAGE,
      }),
      momento: this.byLambda,
      cacheName: 'weather',
      cacheItem: { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) },
      handlerCode,
    });
  }

  /** The functions of these constructs whose output is recorded, with the handler that each one runs. */
  public get handlers(): [HandlerName, lambda.Function][] {
    const { webhook, topics, byLambda, cached } = this;
    return [
      ['webhook', webhook.handler],
      ['redrive', webhook.redriveHandler],
      ['subscribe', topics.handler],
      ['redrive', topics.redriveHandler],
      ['deliver', byLambda.lambdaFunction?.handler ?? assert.fail()],
      ['changes', cached.handler],
    ];
  }

  public get all(): IConstruct[] {
    return [this.webhook, this.topics, this.byApiDestinations, this.byLambda, this.cached];
  }
}
