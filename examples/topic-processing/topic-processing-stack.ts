import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
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
import { FollowUp } from './follow-up';
import { MessageCounts } from './message-counts';
import { SavedMessages } from './saved-messages';

export interface TopicProcessingStackProps extends StackProps {
  /**
   * How the messages get from Momento to the bus: by a subscription, or by a webhook, which Momento calls deprecated.
   *
   * @default subscription
   */
  readonly source?: 'subscription' | 'webhook';
  /**
   * The cache that all topics belong to.
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
   * How long after a message its follow-up is published to `topic4`.
   *
   * @default 10 s
   */
  readonly followUpDelay?: Duration;
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

/**
 * Processes the messages of one topic: publishes the results to other topics of the same cache, saves and counts the messages,
 * and starts a workflow for each.
 */
export class TopicProcessingStack extends Stack {
  /** Puts the messages of the first topic on the bus. */
  public readonly fromMomento: MomentoToEventBridge;

  public constructor(scope: Construct, id: string, props: TopicProcessingStackProps = {}) {
    super(scope, id, props);
    const { source = 'subscription', cache = 'orders', inputTopic = 'topic1' } = props;
    const { endpoint, architecture = lambda.Architecture.ARM_64 } = props;
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

    // One dead-letter queue for every failure: in what processes, and on the way to Momento.
    const { deadLetterQueue } = toMomento;
    const processor = new lambda.Function(this, 'Processor', {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture,
      handler: 'bootstrap',
      timeout: Duration.seconds(10),
      code: lambda.Code.fromAsset(join(props.functions ?? join(__dirname, 'lambda'), 'topic-processing')),
      environment: { EVENT_BUS_NAME: toMomento.eventBus.eventBusName },
      logGroup: new logs.LogGroup(this, 'ProcessorLog', { retention: logs.RetentionDays.ONE_MONTH }),
      deadLetterQueue,
    });
    toMomento.grantPutCommands(processor);
    this.fromMomento.onMessage('Input', {
      ...input,
      target: new targets.LambdaFunction(processor, { deadLetterQueue }),
    });

    // Without code. Keep those that you need.
    const messages = { source: this.fromMomento, cacheName: cache, deadLetterQueue };
    const saved = new SavedMessages(this, 'Saved', messages);
    const counts = new MessageCounts(this, 'Counts', messages);
    new FollowUp(this, 'FollowUp', {
      ...messages,
      topicName: inputTopic,
      delay: props.followUpDelay ?? Duration.seconds(10),
      outputTopic: 'topic4',
      commandBus: toMomento.eventBus,
    });
    new CfnOutput(this, 'SavedTable', { value: saved.table.tableName });
    new CfnOutput(this, 'CountsTable', { value: counts.table.tableName });
  }
}
