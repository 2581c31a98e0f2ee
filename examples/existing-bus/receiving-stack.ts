import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

export interface ReceivingStackProps extends StackProps {
  /** The name of the bus: the sender's rule has to know it before this stack is deployed. */
  readonly eventBusName: string;
  /** The account of the existing bus: the only one whose rules may forward to this bus. */
  readonly senderAccount: string;
  /**
   * The id of the organization (`o-…`) that the sender has to be in, too: if its account leaves, nothing is received any more.
   *
   * @default - the account alone decides
   */
  readonly organizationId?: string;
}

/** In another account or region: a bus that takes the messages of Momento from the existing bus, and a queue of them. */
export class ReceivingStack extends Stack {
  public constructor(scope: Construct, id: string, props: ReceivingStackProps) {
    super(scope, id, props);
    const { eventBusName, senderAccount, organizationId } = props;
    const eventBus = new events.EventBus(this, 'Bus', { eventBusName });
    eventBus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Sender',
        principals: [new iam.AccountPrincipal(senderAccount)],
        actions: ['events:PutEvents'],
        resources: [eventBus.eventBusArn],
        conditions: organizationId ? { StringEquals: { 'aws:PrincipalOrgID': organizationId } } : undefined,
      }),
    );
    // Your own target goes here.
    const messages = new sqs.Queue(this, 'Messages', { enforceSSL: true });
    new events.Rule(this, 'ToMessages', {
      description: 'Puts the messages of Momento topics in a queue',
      eventBus,
      eventPattern: MomentoWebhookToEventBridge.pattern(),
      targets: [new targets.SqsQueue(messages)],
    });
    new CfnOutput(this, 'MessagesUrl', { value: messages.queueUrl });
  }
}
