import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  type MomentoEndpoint,
  type MomentoToEventBridge,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

export interface QuickstartStackProps extends StackProps {
  /**
   * How the messages get from Momento to the bus: by a subscription, or by a webhook, which Momento calls deprecated.
   *
   * @default subscription
   */
  readonly source?: 'subscription' | 'webhook';
  /**
   * The name of the secret whose string is the Momento API key. A webhook needs none.
   *
   * @default momento/api-key
   */
  readonly apiKeySecretName?: string;
  /**
   * Where Momento is.
   *
   * @default - Momento's cell in the stack's region
   */
  readonly endpoint?: MomentoEndpoint;
  /**
   * What the handlers run on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
}

/** Carries the messages of the topic `room-281` of the cache `chat` to a queue. */
export class QuickstartStack extends Stack {
  /** Puts the messages on the bus. */
  public readonly fromMomento: MomentoToEventBridge;

  public constructor(scope: Construct, id: string, props: QuickstartStackProps = {}) {
    super(scope, id, props);
    const { source = 'subscription', apiKeySecretName = 'momento/api-key', endpoint, architecture } = props;
    const messages = new sqs.Queue(this, 'Messages', { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true });
    this.fromMomento =
      source === 'webhook'
        ? new MomentoWebhookToEventBridge(this, 'Momento', { architecture })
        : new MomentoTopicToEventBridge(this, 'Momento', {
            topics: [{ cacheName: 'chat', topicName: 'room-281' }],
            apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', apiKeySecretName),
            endpoint,
            architecture,
          });
    // Of every topic of the cache that comes: a webhook may be for several.
    this.fromMomento.onMessage('Chat', { cacheName: 'chat', target: new targets.SqsQueue(messages) });
    new CfnOutput(this, 'MessagesUrl', { value: messages.queueUrl });
  }
}
