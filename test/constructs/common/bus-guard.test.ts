import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { ToMomento } from '../to-momento/to-momento';
import { Topics } from '../from-momento/topics';
import { Webhook } from '../from-momento/webhook';

describe('a bus that is passed in', () => {
  test('has a rule of MomentoWebhookToEventBridge: it cannot be missing at deployment, nor deleted after it', () => {
    const webhook = new Webhook((stack) => ({
      eventBus: events.EventBus.fromEventBusName(stack, 'Bus', 'orders'),
    }));
    const rule = webhook.only('AWS::Events::Rule');
    assert.deepEqual([rule.EventBusName, rule.State, rule.Targets], ['orders', 'DISABLED', undefined]);
  });

  test('has the same rule of MomentoTopicToEventBridge', () => {
    const topics = new Topics((stack) => ({ eventBus: events.EventBus.fromEventBusName(stack, 'Bus', 'orders') }));
    const rule = topics.only('AWS::Events::Rule');
    assert.deepEqual([rule.EventBusName, rule.State, rule.Targets], ['orders', 'DISABLED', undefined]);
  });

  test('has one, too, when another stack of the app makes it', () => {
    const app = new App();
    const eventBus = new events.EventBus(new Stack(app, 'Shared'), 'Bus');
    const webhook = new Webhook({ eventBus }, {}, new Stack(app, 'Stack'));
    webhook.template.hasResourceProperties('AWS::Events::Rule', { State: 'DISABLED' });
  });

  test('has each function that puts events on it wait for that rule, so that none puts them on a bus that is not there', () => {
    const eventBus = (stack: Stack) => events.EventBus.fromEventBusName(stack, 'Bus', 'orders');
    for (const inStack of [
      new Webhook((stack) => ({ eventBus: eventBus(stack) })),
      new Topics((stack) => ({ eventBus: eventBus(stack) })),
    ]) {
      const [guard = ''] = Object.keys(inStack.template.findResources('AWS::Events::Rule'));
      const functions = Object.values(inStack.template.findResources('AWS::Lambda::Function'));
      assert.equal(functions.length, 2);
      for (const { DependsOn } of functions as { DependsOn: string[] }[]) assert.ok(DependsOn.includes(guard));
    }
  });

  test('has the rules of the commands of EventBridgeToMomento, in either delivery', () => {
    const out = new ToMomento((stack) => ({ eventBus: events.EventBus.fromEventBusName(stack, 'Bus', 'orders') }));
    const rules = Object.values(out.template.findResources('AWS::Events::Rule'));
    assert.ok(rules.length > 0);
    for (const { Properties } of rules as { Properties: { EventBusName: unknown } }[]) {
      assert.equal(Properties.EventBusName, 'orders');
    }
  });

  test('has no such rule when it is the default bus, which every account has', () => {
    new Webhook().template.resourceCountIs('AWS::Events::Rule', 0);
    new Topics().template.resourceCountIs('AWS::Events::Rule', 0);
  });
});
