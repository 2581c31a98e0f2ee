import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ApiKeyRotation } from '../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../constructs/to-momento/delivery';
import { MomentoTopicToEventBridgeAlarms } from '../../constructs/from-momento/momento-topic-to-eventbridge-alarms';
import { MomentoWebhookToEventBridgeAlarms } from '../../constructs/from-momento/momento-webhook-to-eventbridge-alarms';
import { ReplayProtection } from '../../constructs/from-momento/replay-protection';
import { MomentoEventBridgeDashboard } from '../../constructs/monitoring/momento-eventbridge-dashboard';
import { explained, findings, ruleOf } from './nag-findings';
import { quickstart } from './quickstart';
import { ToMomento } from './to-momento/to-momento';
import { Topics } from './from-momento/topics';
import { codeInBucket, Webhook } from './from-momento/webhook';

describe('cdk-nag finds nothing but what is explained', () => {
  test('in the construct as it is without props', () => {
    assert.deepEqual(findings(new Webhook().stack), [
      `${ruleOf(explained.createdSecret)} /Stack/In/SigningSecret/Resource`,
    ]);
  });

  test('in the construct with tracing on', () => {
    assert.deepEqual(findings(new Webhook({ tracing: lambda.Tracing.ACTIVE }).stack), [
      `${ruleOf(explained.tracing)} /Stack/In/HandlerRole/DefaultPolicy/Resource`,
      `${ruleOf(explained.tracing)} /Stack/In/RedriveHandlerRole/DefaultPolicy/Resource`,
      `${ruleOf(explained.createdSecret)} /Stack/In/SigningSecret/Resource`,
    ]);
  });

  test('in the construct with a replay table and alarms', () => {
    const webhook = new Webhook({ replayProtection: ReplayProtection.table() });
    new MomentoWebhookToEventBridgeAlarms(webhook.stack, 'Alarms', { monitored: webhook.construct });
    assert.deepEqual(findings(webhook.stack), [
      `${ruleOf(explained.createdTable)} /Stack/In/ReplayTable/Resource`,
      `${ruleOf(explained.createdSecret)} /Stack/In/SigningSecret/Resource`,
    ]);
  });

  test('in the subscription to topics, with alarms', () => {
    const { stack, construct } = new Topics();
    new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored: construct });
    assert.deepEqual(findings(stack), [`${ruleOf(explained.checkpointTable)} /Stack/In/CheckpointTable/Resource`]);
  });

  test('in a dashboard', () => {
    const webhook = new Webhook();
    const before = findings(new Webhook().stack);
    new MomentoEventBridgeDashboard(webhook.stack, 'Dashboard', { monitored: [webhook.construct] });
    assert.deepEqual(findings(webhook.stack), before);
  });

  test('in the commands to Momento, with its API key given', () => {
    assert.deepEqual(findings(new ToMomento().stack), [
      `${ruleOf(explained.deadLetterQueue)} /Stack/Out/DeadLetterQueue/Resource`,
    ]);
  });

  test('in the commands to Momento by Lambda', () => {
    const toMomento = new ToMomento((stack) => ({
      delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
    }));
    assert.deepEqual(findings(toMomento.stack), []);
  });

  test('in the commands to Momento that follows the rotation of its API key', () => {
    const toMomento = new ToMomento((stack) => ({
      delivery: Delivery.apiDestinations({
        apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
      }),
    }));
    assert.deepEqual(findings(toMomento.stack), [
      `${ruleOf(explained.deadLetterQueue)} /Stack/Out/DeadLetterQueue/Resource`,
    ]);
  });

  test('in the quickstart', () => {
    assert.deepEqual(findings(quickstart()), [
      `${ruleOf(explained.checkpointTable)} /Quickstart/Momento/CheckpointTable/Resource`,
      `${ruleOf(explained.exampleQueue)} /Quickstart/Messages/Resource`,
    ]);
    assert.deepEqual(findings(quickstart({ source: 'webhook' })), [
      `${ruleOf(explained.createdSecret)} /Quickstart/Momento/SigningSecret/Resource`,
      `${ruleOf(explained.exampleQueue)} /Quickstart/Messages/Resource`,
    ]);
  });
});
