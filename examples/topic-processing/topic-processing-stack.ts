import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Delivery,
  EventBridgeToMomento,
  MomentoCommand,
  type MomentoEndpoint,
  type MomentoToEventBridge,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
  type RateLimits,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';
import { join } from 'node:path';

export interface TopicProcessingStackProps extends StackProps {
  /**
   * How the messages get from Momento to the bus: by a subscription, or by a webhook, which Momento calls deprecated.
   *
   * @default subscription
   */
  readonly source?: 'subscription' | 'webhook';
  /**
   * The cache that both topics belong to.
   *
   * @default orders
   */
  readonly cache?: string;
  /**
   * The topic whose messages are processed.
   *
   * @default topic1
   */
  readonly inputTopic?: string;
  /**
   * The topic that the processed messages are published to.
   *
   * @default topic2
   */
  readonly outputTopic?: string;
  /**
   * The name of the secret whose string is the Momento API key. The key must be one that may subscribe and publish.
   *
   * @default momento-api-key
   */
  readonly apiKeySecretName?: string;
  /**
   * Where Momento is.
   *
   * @default - Momento's cell in the stack's region
   */
  readonly endpoint?: MomentoEndpoint;
  /**
   * How many messages are published a second at most.
   *
   * @default - Momento's soft limits
   */
  readonly rateLimits?: RateLimits;
  /**
   * What the functions run on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
  /**
   * The directory that `cargo lambda build` has put the function in.
   *
   * @default lambda, beside this file
   */
  readonly functions?: string;
}

/** Publishes the messages of one topic, processed, to another topic of the same cache. */
export class TopicProcessingStack extends Stack {
  /** Puts the messages of the first topic on the bus. */
  public readonly fromMomento: MomentoToEventBridge;

  public constructor(scope: Construct, id: string, props: TopicProcessingStackProps = {}) {
    super(scope, id, props);
    const { source = 'subscription', cache = 'orders', inputTopic = 'topic1', outputTopic = 'topic2' } = props;
    const { endpoint, architecture = lambda.Architecture.ARM_64 } = props;
    if (inputTopic === outputTopic) {
      throw new Error(`Both topics are ${inputTopic}: each message would be processed again, and again.`);
    }
    const apiKey = secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', props.apiKeySecretName ?? 'momento-api-key');
    const input = { cacheName: cache, topicName: inputTopic };
    this.fromMomento =
      source === 'webhook'
        ? new MomentoWebhookToEventBridge(this, 'FromMomento', { architecture })
        : new MomentoTopicToEventBridge(this, 'FromMomento', { topics: [input], apiKey, endpoint, architecture });
    const toMomento = new EventBridgeToMomento(this, 'ToMomento', {
      apiKey,
      commands: [MomentoCommand.TOPIC_PUBLISH],
      // By API destination, messages would arrive in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
      endpoint,
      rateLimits: props.rateLimits,
    });

    // One dead-letter queue for every failure: in the processor, and on the way to Momento.
    const { deadLetterQueue } = toMomento;
    const processor = new lambda.Function(this, 'Processor', {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture,
      handler: 'bootstrap',
      timeout: Duration.seconds(10),
      code: lambda.Code.fromAsset(join(props.functions ?? join(__dirname, 'lambda'), 'topic-processing')),
      environment: { EVENT_BUS_NAME: toMomento.eventBus.eventBusName, OUTPUT_TOPIC: outputTopic },
      logGroup: new logs.LogGroup(this, 'ProcessorLog', { retention: logs.RetentionDays.ONE_MONTH }),
      deadLetterQueue,
    });
    toMomento.grantPutCommands(processor);
    this.fromMomento.onMessage('Input', {
      ...input,
      target: new targets.LambdaFunction(processor, { deadLetterQueue }),
    });
  }
}
