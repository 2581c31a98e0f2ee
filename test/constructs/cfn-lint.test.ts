import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ApiKeyRotation } from '../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../constructs/to-momento/delivery';
import { MomentoTopicToEventBridgeAlarms } from '../../constructs/from-momento/momento-topic-to-eventbridge-alarms';
import { MomentoWebhookToEventBridgeAlarms } from '../../constructs/from-momento/momento-webhook-to-eventbridge-alarms';
import { ReplayProtection } from '../../constructs/from-momento/replay-protection';
import { MomentoEventBridgeDashboard } from '../../constructs/monitoring/momento-eventbridge-dashboard';
import { findingsOfCfnLint } from './lint';
import { Monitored } from './monitoring/monitored';
import { quickstart } from './quickstart';
import { ToMomento } from './to-momento/to-momento';
import { Topics } from './from-momento/topics';
import { codeInBucket, Webhook } from './from-momento/webhook';

const STACKS: Readonly<Record<string, () => Stack>> = {
  'the construct as it is without props': () => new Webhook().stack,
  'the construct with every optional resource': () => {
    const replayProtection = ReplayProtection.table();
    const webhook = new Webhook({ tracing: lambda.Tracing.ACTIVE, reservedConcurrency: 5, replayProtection });
    const actions = [new SnsAction(new Topic(webhook.stack, 'Topic'))];
    new MomentoWebhookToEventBridgeAlarms(webhook.stack, 'Alarms', { monitored: webhook.construct, actions });
    return webhook.stack;
  },
  'the subscription to topics with alarms, in a region that is known': () => {
    const { stack, construct } = new Topics({}, { env: { account: '111111111111', region: 'us-east-1' } });
    const actions = [new SnsAction(new Topic(stack, 'Topic'))];
    new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored: construct, actions });
    return stack;
  },
  'the subscription to topics, in a region that is not known': () => new Topics({}, {}).stack,
  'a dashboard of everything': () => {
    const { stack, all } = new Monitored();
    new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored: all });
    return stack;
  },
  'the commands to Momento, in a region that is known': () => new ToMomento({}, { env: { region: 'us-east-1' } }).stack,
  'the commands to Momento, in a region that is not known': () => new ToMomento({}, {}).stack,
  'the commands to Momento by Lambda': () =>
    new ToMomento((stack) => ({ delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }) })).stack,
  'the commands to Momento that follow the rotation of the API key': () =>
    new ToMomento((stack) => ({
      delivery: Delivery.apiDestinations({
        apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
      }),
    })).stack,
  'the quickstart': () => quickstart(),
  'the quickstart by webhook': () => quickstart({ source: 'webhook' }),
};

describe('cfn-lint finds nothing in', () => {
  const names = Object.keys(STACKS);
  let findings: string[][];

  before(() => {
    findings = findingsOfCfnLint(Object.values(STACKS).map((stack) => stack()));
  });

  for (const [index, name] of names.entries()) {
    test(name, () => {
      assert.deepEqual(findings[index], []);
    });
  }
});
