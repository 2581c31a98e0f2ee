import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

export const IRELAND = { env: { account: '111111111111', region: 'eu-west-1' } };

export interface PolicyStatement {
  readonly Action: unknown;
  readonly Effect: string;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** A construct of the CDK that stands for one resource. */
export interface L2 {
  readonly node: { readonly defaultChild?: unknown };
}

/** A construct of ours in a stack of its own, and what the stack's template says. */
export class InStack {
  public constructor(public readonly stack: Stack) {}

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
  public id(construct: L2 | undefined): string {
    if (!construct) throw new Error('there is no such construct');
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  /** What the resource that a construct stands for is made with. */
  public properties(construct: L2 | undefined): Record<string, unknown> {
    const resources = this.template.toJSON().Resources as Record<string, { Properties: Record<string, unknown> }>;
    return resources[this.id(construct)]?.Properties ?? {};
  }

  public arn(construct: L2 | undefined): Record<string, unknown> {
    return { 'Fn::GetAtt': [this.id(construct), 'Arn'] };
  }

  /** The environment variables of a function. */
  public environment(handler: lambda.Function | undefined): Record<string, unknown> {
    return (this.properties(handler).Environment as { Variables: Record<string, unknown> }).Variables;
  }

  /** What the policies of a role allow. */
  public statements(role: iam.IRole | undefined): PolicyStatement[] {
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
  public allowed(handler: lambda.Function | undefined): PolicyStatement[] {
    return this.statements(handler?.role);
  }
}
