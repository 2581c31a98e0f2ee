import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventBridgeToMomento } from '../../../constructs/to-momento/eventbridge-to-momento';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import { InStack, IRELAND } from '../in-stack';

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

/** Whom a rule sends as. */
export const EVENTS = { Service: 'events.amazonaws.com' };

/** What the policy of a key says, so that rules may send to the queues that it encrypts. */
export const EVENTS_MAY_USE_KEY = {
  KeyPolicy: {
    Statement: Match.arrayWith([
      {
        Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
        Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
        Effect: 'Allow',
        Principal: EVENTS,
        Resource: '*',
      },
    ]),
  },
};

/** The construct in a stack of its own, by default in Ireland, with an API key that exists. */
export class ToMomento extends InStack {
  public readonly construct: EventBridgeToMomento;

  public constructor(props: Props | ((stack: Stack) => Props) = {}, stackProps: StackProps = IRELAND) {
    super(new Stack(new App(), 'Stack', stackProps));
    this.construct = new EventBridgeToMomento(this.stack, 'Out', {
      apiKey: apiKey(this.stack),
      ...(typeof props === 'function' ? props(this.stack) : props),
    });
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
