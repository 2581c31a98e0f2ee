import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  Delivery,
  EventBridgeToMomento,
  MomentoCommand,
  MomentoEventBridgeDashboard,
  MomentoEventBridgeLogQueries,
  MomentoEventSchemas,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
  MomentoWebhookToEventBridgeAlarms,
  type MomentoWebhookToEventBridgeProps,
} from 'cdk-momento-eventbridge';
import { QuickstartStack } from '../../examples/quickstart/quickstart-stack';
import { LocalEndpoint } from '../../tools/run-example/local-endpoint';
import type { Subscription } from './deployed-subscription';

// The handlers run as processes of this machine.
const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;

/** Synthesizes the quickstart by webhook. */
export function synthesizeQuickstart(): string {
  return synthesize((app) => new QuickstartStack(app, 'Quickstart', { source: 'webhook', architecture }));
}

/** What `synthesizeWebhook` calls its stack. */
export const WEBHOOK_STACK = 'Webhook';

/** Synthesizes what the quickstart is, with other props for its construct, and a rule for every message. */
export function synthesizeWebhook(props: (stack: Stack) => MomentoWebhookToEventBridgeProps): string {
  return synthesize((app) => {
    const stack = new Stack(app, WEBHOOK_STACK);
    const messages = new sqs.Queue(stack, 'Messages');
    const momento = new MomentoWebhookToEventBridge(stack, 'Momento', { architecture, ...props(stack) });
    momento.onMessage('All', { target: new targets.SqsQueue(messages) });
    new CfnOutput(stack, 'MessagesUrl', { value: messages.queueUrl });
    return stack;
  });
}

/** What `synthesizeMonitored` calls its dashboard. */
export const DASHBOARD = 'everything';

/** Synthesizes a webhook as `synthesizeWebhook` does, and commands, with alarms, log queries and one dashboard. */
export function synthesizeMonitored(): string {
  return synthesize((app) => {
    const stack = new Stack(app, 'Monitored');
    const messages = new sqs.Queue(stack, 'Messages');
    const webhook = new MomentoWebhookToEventBridge(stack, 'Momento', { architecture });
    webhook.onMessage('All', { target: new targets.SqsQueue(messages) });
    new CfnOutput(stack, 'MessagesUrl', { value: messages.queueUrl });
    const commands = new EventBridgeToMomento(stack, 'ToMomento', {
      apiKey: new secretsmanager.Secret(stack, 'ApiKey'),
      delivery: Delivery.lambdaFunction({ architecture }),
      commands: [MomentoCommand.TOPIC_PUBLISH],
    });
    const { alarms } = new MomentoWebhookToEventBridgeAlarms(stack, 'Alarms', { monitored: webhook });
    const monitored = [webhook, commands];
    new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored, alarms, dashboardName: DASHBOARD });
    new MomentoEventBridgeLogQueries(stack, 'Queries', { monitored });
    return stack;
  });
}

/** Synthesizes a webhook as `synthesizeWebhook` does, with an archive of its messages and a rule that replays pass by. */
export function synthesizeArchived(): string {
  return synthesize((app) => {
    const stack = new Stack(app, 'Archived');
    const eventBus = new events.EventBus(stack, 'Bus');
    const momento = new MomentoWebhookToEventBridge(stack, 'Momento', { architecture, eventBus });
    const messages = new sqs.Queue(stack, 'Messages');
    momento.onMessage('All', { target: new targets.SqsQueue(messages) });
    const live = new sqs.Queue(stack, 'Live');
    const rule = momento.onMessage('OnlyLive', { target: new targets.SqsQueue(live) });
    (rule.node.defaultChild as events.CfnRule).addPropertyOverride('EventPattern.replay-name', [{ exists: false }]);
    const { archiveArn } = eventBus.archive('Archive', { eventPattern: MomentoWebhookToEventBridge.pattern() });
    new CfnOutput(stack, 'MessagesUrl', { value: messages.queueUrl });
    new CfnOutput(stack, 'LiveUrl', { value: live.queueUrl });
    new CfnOutput(stack, 'BusArn', { value: eventBus.eventBusArn });
    new CfnOutput(stack, 'ArchiveArn', { value: archiveArn });
    return stack;
  });
}

/** Synthesizes the schemas of all events, with a registry of their own or in one of that name. */
export function synthesizeEventSchemas(existingRegistryName?: string): string {
  return synthesize((app) => {
    const stack = new Stack(app, 'EventSchemas');
    const { registryName } = new MomentoEventSchemas(stack, 'Schemas', { existingRegistryName });
    new CfnOutput(stack, 'RegistryName', { value: registryName });
    return stack;
  });
}

/** Synthesizes a subscription, with a webhook beside it whose events go to another bus. */
export function synthesizeSubscription(momentoUrl: string, { environment = {}, ...props }: Subscription): string {
  return synthesize((app) => {
    const stack = new Stack(app, 'Subscription');
    const queue = new sqs.Queue(stack, 'Events');
    const apiKey = new secretsmanager.Secret(stack, 'ApiKey');
    const eventBus = new events.EventBus(stack, 'Bus');
    const endpoint = new LocalEndpoint(momentoUrl);
    const momento = new MomentoTopicToEventBridge(stack, 'Momento', {
      architecture,
      apiKey,
      endpoint,
      eventBus,
      ...props,
    });
    for (const [name, value] of Object.entries(environment)) momento.handler.addEnvironment(name, value);
    momento.onMessage('Messages', { target: new targets.SqsQueue(queue) });
    momento.onMissedMessages('Gaps', { target: new targets.SqsQueue(queue) });
    new CfnOutput(stack, 'EventsUrl', { value: queue.queueUrl });
    new CfnOutput(stack, 'ApiKeyArn', { value: apiKey.secretArn });
    new CfnOutput(stack, 'FallbackQueueUrl', { value: momento.fallbackQueue.queueUrl });
    new CfnOutput(stack, 'DeadLetterQueueUrl', { value: momento.deadLetterQueue.queueUrl });

    const webhookQueue = new sqs.Queue(stack, 'WebhookEvents');
    const webhook = new MomentoWebhookToEventBridge(stack, 'Webhook', {
      architecture,
      eventBus: new events.EventBus(stack, 'WebhookBus'),
    });
    webhook.onMessage('Messages', { target: new targets.SqsQueue(webhookQueue) });
    new CfnOutput(stack, 'WebhookEventsUrl', { value: webhookQueue.queueUrl });
    return stack;
  });
}

function synthesize(addStack: (app: App) => Stack): string {
  const assembly = mkdtempSync(join(tmpdir(), 'webhook-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  addStack(app);
  return app.synth().directory;
}
