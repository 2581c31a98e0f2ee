import { App, Arn, ArnFormat } from 'aws-cdk-lib';
import { ExistingBusStack, type Existing } from './existing-bus-stack';
import { ReceivingStack } from './receiving-stack';

/** Where the messages are forwarded to. */
interface Forwarding {
  readonly account: string;
  readonly region: string;
  readonly eventBusName: string;
  readonly organizationId?: string;
}

const app = new App();
// What your organisation has, and where the messages are forwarded to: cdk.json names it.
const { existing, forwarding } = app.node.getAllContext() as {
  readonly existing: Existing;
  readonly forwarding?: Forwarding;
};
const { account: senderAccount = '' } = Arn.split(existing.eventBusArn, ArnFormat.SLASH_RESOURCE_NAME);
let forwardTo: string | undefined;
if (forwarding) {
  const { account, region, ...props } = forwarding;
  const receiving = new ReceivingStack(app, 'Receiving', { ...props, senderAccount, env: { account, region } });
  forwardTo = receiving.formatArn({
    service: 'events',
    resource: 'event-bus',
    resourceName: forwarding.eventBusName,
  });
}
new ExistingBusStack(app, 'ExistingBus', {
  existing,
  forwardTo,
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
