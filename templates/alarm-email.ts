import { CfnCondition, type CfnParameter, type CfnResource, Fn } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { OneClickStack } from './one-click-stack';

/** Empty, or one address: a name, an at sign and a domain, without what only a display name or a list has. */
const ADDRESS_PATTERN = (() => {
  const character = String.raw`[^\s@<>()\[\]",:;\\]`;
  return String.raw`^(${character}{1,64}@${character}+\.[A-Za-z0-9-]{2,63})?$`;
})();

/** What a reader of a template should know of them, by logical id. */
export const ALARM_COMMENTS = {
  AlarmTopic: 'The topic, its subscription and the alarms are made only if AlarmEmail has an address.',
} as const;

/** Alarms that are sent to the e-mail address of a parameter. While that is empty, there are none. */
export class AlarmEmail extends Construct {
  private readonly address: CfnParameter;
  private readonly isGiven: CfnCondition;

  public constructor(stack: OneClickStack) {
    super(stack, 'Notification');
    this.address = stack.parameter('AlarmEmail', {
      group: 'Alarms',
      label: 'E-mail address',
      description:
        'Where alarms are sent. AWS first sends a message with a link that confirms the subscription. Leave it empty for a ' +
        'stack without alarms. CloudWatch bills each alarm.',
      type: 'String',
      default: '',
      allowedPattern: ADDRESS_PATTERN,
      constraintDescription: 'must be empty, or one e-mail address, such as alarms@example.com',
    });
    this.isGiven = new CfnCondition(this, 'AlarmEmailIsGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(this.address.valueAsString, '')),
    });
  }

  /**
   * Adds alarms that are sent to the address.
   *
   * @param create makes the alarms of a construct, with these actions
   */
  public addAlarms(create: (actions: cloudwatch.IAlarmAction[]) => { readonly alarms: cloudwatch.Alarm[] }): void {
    const topic = new sns.Topic(this, 'AlarmTopic');
    const subscription = new sns.Subscription(this, 'AlarmSubscription', {
      topic,
      protocol: sns.SubscriptionProtocol.EMAIL,
      endpoint: this.address.valueAsString,
    });
    for (const { node } of [topic, subscription, ...create([new SnsAction(topic)]).alarms]) {
      (node.defaultChild as CfnResource).cfnOptions.condition = this.isGiven;
    }
  }
}
