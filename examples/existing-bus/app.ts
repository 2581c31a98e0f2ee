import { App } from 'aws-cdk-lib';
import { ExistingBusStack, type Existing } from './existing-bus-stack';

const app = new App();
// What your organisation has: cdk.json names it.
const existing = app.node.getContext('existing') as Existing;
new ExistingBusStack(app, 'ExistingBus', {
  existing,
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
