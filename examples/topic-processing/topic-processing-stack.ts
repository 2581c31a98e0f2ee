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
  MomentoWebhookToEventBridge,
  type RateLimits,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';
import { join } from 'node:path';

export interface TopicProcessingStackProps extends StackProps {
  /**
   * The topic whose messages are processed.
   *
   * @default topic1
   */
  readonly inputTopic?: string;
  /**
   * The topic that the processed messages are published to, in the cache that the message came from.
   *
   * @default topic2
   */
  readonly outputTopic?: string;
  /**
   * The name of the secret whose string is the Momento API key.
   *
   * @default momento-api-key
   */
  readonly apiKeySecretName?: string;
  /**
   * Where Momento's HTTP API is called.
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

/** Publishes the messages of one topic, processed, to another topic of the same cache, whichever cache that is. */
export class TopicProcessingStack extends Stack {
  public constructor(scope: Construct, id: string, props: TopicProcessingStackProps = {}) {
    super(scope, id, props);
    const { inputTopic = 'topic1', outputTopic = 'topic2', architecture = lambda.Architecture.ARM_64 } = props;
    if (inputTopic === outputTopic) {
      throw new Error(`Both topics are ${inputTopic}: each message would be processed again, and again.`);
    }
    const fromMomento = new MomentoWebhookToEventBridge(this, 'FromMomento', { architecture });
    const toMomento = new EventBridgeToMomento(this, 'ToMomento', {
      apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', props.apiKeySecretName ?? 'momento-api-key'),
      commands: [MomentoCommand.TOPIC_PUBLISH],
      // By API destination, messages would arrive in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
      endpoint: props.endpoint,
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
    fromMomento.onMessage('Input', {
      topicName: inputTopic,
      target: new targets.LambdaFunction(processor, { deadLetterQueue }),
    });
  }
}
