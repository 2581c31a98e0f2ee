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
const { account: senderAccount = '', region } = Arn.split(existing.eventBusArn, ArnFormat.SLASH_RESOURCE_NAME);
let forwardTo: string | undefined;
if (forwarding) {
  const { account, region: receiverRegion, ...props } = forwarding;
  const env = { account, region: receiverRegion };
  const receiving = new ReceivingStack(app, 'Receiving', { ...props, senderAccount, env });
  forwardTo = receiving.formatArn({
    service: 'events',
    resource: 'event-bus',
    resourceName: forwarding.eventBusName,
  });
}
new ExistingBusStack(app, 'ExistingBus', {
  existing,
  forwardTo,
  // Those of the bus: the other stack is deployed with credentials of another account.
  env: { account: senderAccount, region },
});
