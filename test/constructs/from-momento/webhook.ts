import { App, Stack, type StackProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { HandlerCode } from '../../../constructs/handlers/handler-code';
import { MomentoWebhookToEventBridge } from '../../../constructs/from-momento/momento-webhook-to-eventbridge';
import type { MomentoWebhookToEventBridgeProps } from '../../../constructs/from-momento/momento-webhook-to-eventbridge-props';
import { InStack } from '../in-stack';

export type Props = MomentoWebhookToEventBridgeProps | ((stack: Stack) => MomentoWebhookToEventBridgeProps);

/** A webhook in a stack of its own, with code that needs no build. */
export class Webhook extends InStack {
  public readonly construct: MomentoWebhookToEventBridge;

  public constructor(
    props: Props = {},
    stackProps: StackProps = {},
    stack = new Stack(new App(), 'Stack', stackProps),
  ) {
    super(stack);
    this.construct = new MomentoWebhookToEventBridge(stack, 'In', {
      handlerCode: codeInBucket(stack),
      ...(typeof props === 'function' ? props(stack) : props),
    });
  }
}

export function codeInBucket(stack: Stack): HandlerCode {
  const bucket = s3.Bucket.fromBucketName(stack, 'CodeBucket', 'code-bucket');
  const code = (zip: string) => lambda.Code.fromBucket(bucket, zip, 'version');
  return HandlerCode.fromCode({
    webhook: code('webhook.zip'),
    subscribe: code('subscribe.zip'),
    redrive: code('redrive.zip'),
    deliver: code('deliver.zip'),
    followRotation: code('follow-rotation.zip'),
    changes: code('changes.zip'),
  });
}

export const allow = (action: string | string[], resource: unknown) => ({
  Action: action,
  Effect: 'Allow',
  Resource: resource,
});
