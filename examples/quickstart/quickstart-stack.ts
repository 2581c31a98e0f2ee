import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

export interface QuickstartStackProps extends StackProps {
  /** What the handler runs on; arm64 unless given. */
  readonly architecture?: lambda.Architecture;
}

/** Carries the messages of every topic of the cache `chat` to a queue. */
export class QuickstartStack extends Stack {
  public constructor(scope: Construct, id: string, props: QuickstartStackProps = {}) {
    super(scope, id, props);
    const messages = new sqs.Queue(this, 'Messages', { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true });
    const momento = new MomentoWebhookToEventBridge(this, 'Momento', { architecture: props.architecture });
    momento.onMessage('Chat', { cacheName: 'chat', target: new targets.SqsQueue(messages) });
    new CfnOutput(this, 'MessagesUrl', { value: messages.queueUrl });
  }
}
