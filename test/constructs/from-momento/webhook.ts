import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { HandlerCode } from '../../../constructs/handlers/handler-code';
import { MomentoWebhookToEventBridge } from '../../../constructs/from-momento/momento-webhook-to-eventbridge';
import type { MomentoWebhookToEventBridgeProps } from '../../../constructs/from-momento/momento-webhook-to-eventbridge-props';

export type Props = MomentoWebhookToEventBridgeProps | ((stack: Stack) => MomentoWebhookToEventBridgeProps);

export interface PolicyStatement {
  readonly Action: unknown;
  readonly Effect: string;
  readonly Resource: unknown;
}

interface L2 {
  readonly node: { readonly defaultChild?: unknown };
}

/** A webhook in a stack of its own, with code that needs no build. */
export class Webhook {
  public readonly construct: MomentoWebhookToEventBridge;

  public constructor(
    props: Props = {},
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
  public id(construct: L2): string {
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  /** What the resource that a construct stands for is made with. */
  public properties(construct: L2): Record<string, unknown> {
    const resources = this.template.toJSON().Resources as Record<string, { Properties: Record<string, unknown> }>;
    return resources[this.id(construct)]?.Properties ?? {};
  }

  public arn(construct: L2): Record<string, unknown> {
    return { 'Fn::GetAtt': [this.id(construct), 'Arn'] };
  }

  /** The environment variables of a function. */
  public environment(handler: lambda.Function): Record<string, unknown> {
    return (this.properties(handler).Environment as { Variables: Record<string, unknown> }).Variables;
  }

  /** What the policies of a role allow. */
  public statements(role: iam.IRole): PolicyStatement[] {
    const policies = this.template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: this.id(role) }] },
    });
    return Object.values(policies).flatMap(
      (policy) =>
        (policy as { Properties: { PolicyDocument: { Statement: PolicyStatement[] } } }).Properties.PolicyDocument
          .Statement,
    );
  }

  /** What the role of a function allows it. */
  public allowed(handler: lambda.Function): PolicyStatement[] {
    if (!handler.role) throw new Error(`${handler.node.path} has no role`);
    return this.statements(handler.role);
  }
}

export function codeInBucket(stack: Stack): HandlerCode {
  const bucket = s3.Bucket.fromBucketName(stack, 'CodeBucket', 'code-bucket');
  const code = (zip: string) => lambda.Code.fromBucket(bucket, zip, 'version');
  return HandlerCode.fromCode({
    webhook: code('webhook.zip'),
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
