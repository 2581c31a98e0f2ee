import { describe, test } from 'node:test';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ApiKeyRotation } from '../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../constructs/to-momento/delivery';
import { MomentoTopicToEventBridgeAlarms } from '../../constructs/from-momento/momento-topic-to-eventbridge-alarms';
import { MomentoWebhookToEventBridgeAlarms } from '../../constructs/from-momento/momento-webhook-to-eventbridge-alarms';
import { ReplayProtection } from '../../constructs/from-momento/replay-protection';
import { MomentoEventBridgeDashboard } from '../../constructs/monitoring/momento-eventbridge-dashboard';
import { lint } from './lint';
import { Monitored } from './monitoring/monitored';
import { quickstart } from './quickstart';
import { ToMomento } from './to-momento/to-momento';
import { Topics } from './from-momento/topics';
import { codeInBucket, Webhook } from './from-momento/webhook';

describe('cfn-lint finds nothing', () => {
  test('in the construct as it is without props', () => {
    lint(new Webhook().stack);
  });

  test('in the construct with every optional resource', () => {
    const replayProtection = ReplayProtection.table();
    const webhook = new Webhook({ tracing: lambda.Tracing.ACTIVE, reservedConcurrency: 5, replayProtection });
    const actions = [new SnsAction(new Topic(webhook.stack, 'Topic'))];
    new MomentoWebhookToEventBridgeAlarms(webhook.stack, 'Alarms', { monitored: webhook.construct, actions });
    lint(webhook.stack);
  });

  test('in the subscription to topics with alarms, in a region that is known and in one that is not', () => {
    const { stack, construct } = new Topics({}, { env: { account: '111111111111', region: 'us-east-1' } });
    const actions = [new SnsAction(new Topic(stack, 'Topic'))];
    new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored: construct, actions });
    lint(stack);
    lint(new Topics({}, {}).stack);
  });

  test('in a dashboard of everything', () => {
    const { stack, all } = new Monitored();
    new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored: all });
    lint(stack);
  });

  test('in the commands to Momento, in a region that is known and in one that is not', () => {
    lint(new ToMomento({}, { env: { region: 'us-east-1' } }).stack);
    lint(new ToMomento({}, {}).stack);
  });

  test('in the commands to Momento by Lambda, and in the one that follows the rotation of its API key', () => {
    lint(new ToMomento((stack) => ({ delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }) })).stack);
    lint(
      new ToMomento((stack) => ({
        delivery: Delivery.apiDestinations({
          apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
        }),
      })).stack,
    );
  });

  test('in the quickstart', () => {
    lint(quickstart());
    lint(quickstart({ source: 'webhook' }));
  });
});
