import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { HandlerCode } from '../../constructs/handler-code';
import { MomentoWebhookToEventBridge } from '../../constructs/momento-webhook-to-eventbridge';
import type { MomentoWebhookToEventBridgeProps } from '../../constructs/momento-webhook-to-eventbridge-props';

export interface PolicyStatement {
  readonly Action: unknown;
  readonly Effect: string;
  readonly Resource: unknown;
}

/** A webhook in a stack of its own, with code that needs no build. */
export class Webhook {
  public readonly construct: MomentoWebhookToEventBridge;

  public constructor(
    props: MomentoWebhookToEventBridgeProps | ((stack: Stack) => MomentoWebhookToEventBridgeProps) = {},
    stackProps: StackProps = {},
    public readonly stack = new Stack(new App(), 'Stack', stackProps),
  ) {
    this.construct = new MomentoWebhookToEventBridge(stack, 'In', {
      handlerCode: codeInBucket(stack),
      ...(typeof props === 'function' ? props(stack) : props),
    });
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  /** What the only resource of `type` is made with. */
  public only(type: string): Record<string, unknown> {
    const found = Object.values(this.template.findResources(type));
    if (found.length !== 1) {
      throw new Error(`there are ${found.length.toString()} resources of ${type}`);
    }
    return (found[0] as { Properties: Record<string, unknown> }).Properties;
  }

  /** The id in the template of the resource that a construct stands for. */
  public id(construct: { readonly node: { readonly defaultChild?: unknown } }): string {
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  public get roleStatements(): PolicyStatement[] {
    const policy = this.only('AWS::IAM::Policy').PolicyDocument as { Statement: PolicyStatement[] };
    return policy.Statement;
  }
}

export function codeInBucket(stack: Stack): HandlerCode {
  const bucket = s3.Bucket.fromBucketName(stack, 'CodeBucket', 'code-bucket');
  return HandlerCode.fromCode(lambda.Code.fromBucket(bucket, 'webhook.zip', 'version'));
}
