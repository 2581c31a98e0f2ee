import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventBridgeToMomento } from '../../../constructs/to-momento/eventbridge-to-momento';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';

export const IRELAND = { env: { account: '111111111111', region: 'eu-west-1' } };

type Props = Partial<EventBridgeToMomentoProps>;

export interface Target {
  readonly Arn: unknown;
  readonly RoleArn?: unknown;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly HttpParameters?: Record<string, unknown>;
  readonly RetryPolicy?: unknown;
  readonly DeadLetterConfig?: unknown;
}

export interface Rule {
  readonly EventBusName: unknown;
  readonly EventPattern: Record<string, unknown>;
  readonly ScheduleExpression?: string;
  readonly Targets: readonly [Target];
}

interface L2 {
  readonly node: { readonly defaultChild?: unknown };
}

interface Statement {
  readonly Action: unknown;
  readonly Effect: string;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** The construct in a stack of its own, by default in Ireland, with an API key that exists. */
export class ToMomento {
  public readonly stack: Stack;
  public readonly construct: EventBridgeToMomento;

  public constructor(props: Props | ((stack: Stack) => Props) = {}, stackProps: StackProps = IRELAND) {
    this.stack = new Stack(new App(), 'Stack', stackProps);
    this.construct = new EventBridgeToMomento(this.stack, 'Out', {
      apiKey: apiKey(this.stack),
      ...(typeof props === 'function' ? props(this.stack) : props),
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

  /** What the role of a function allows it. */
  public allowed(handler: lambda.Function | undefined): Statement[] {
    const role = { Ref: this.id(handler?.role) };
    const policies = this.template.findResources('AWS::IAM::Policy', { Properties: { Roles: [role] } });
    return Object.values(policies).flatMap(
      (policy) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    );
  }

  /** What the resource policy of a queue says. */
  public queuePolicy(queue: sqs.IQueue | undefined): unknown {
    const policies = this.template.findResources('AWS::SQS::QueuePolicy', {
      Properties: { Queues: [{ Ref: this.id(queue) }] },
    });
    const [policy, ...more] = Object.values(policies) as { Properties: { PolicyDocument: { Statement: unknown } } }[];
    if (more.length > 0) throw new Error('the queue has several policies');
    return policy?.Properties.PolicyDocument.Statement;
  }

  /** What a rule of the template is made with, by its construct id. */
  public rule(id: string): Rule {
    const { deliveryRules, invalidCommandRules } = this.construct;
    const rule = [...deliveryRules, ...invalidCommandRules].find(({ node }) => node.id === id);
    if (!rule) {
      throw new Error(`there is no rule ${id}`);
    }
    const { Properties } = this.template.findResources('AWS::Events::Rule')[this.id(rule)] as { Properties: Rule };
    return Properties;
  }
}

export function apiKey(stack: Stack, id = 'ApiKey'): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretCompleteArn(
    stack,
    id,
    `arn:aws:secretsmanager:${stack.region}:111111111111:secret:momento-AbCdEf`,
  );
}
