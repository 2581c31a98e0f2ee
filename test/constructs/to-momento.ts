import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EventBridgeToMomento } from '../../constructs/eventbridge-to-momento';
import type { EventBridgeToMomentoProps } from '../../constructs/eventbridge-to-momento-props';

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
  readonly Targets: readonly [Target];
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
  public id(construct: { readonly node: { readonly defaultChild?: unknown } }): string {
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  /** What a rule of the template is made with, by its construct id. */
  public rule(id: string): Rule {
    const { deliveryRules, refusalRules } = this.construct;
    const rule = [...deliveryRules, ...refusalRules].find(({ node }) => node.id === id);
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
