import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  DynamoDbToMomentoAlarms,
  EventBridgeToMomentoAlarms,
  MomentoTopicToEventBridgeAlarms,
  MomentoWebhookToEventBridgeAlarms,
} from '../../../constructs';
import { Cached } from '../from-dynamodb/cached';
import { Topics } from '../from-momento/topics';
import { Webhook } from '../from-momento/webhook';
import { ToMomento } from '../to-momento/to-momento';

const ALARMS: Record<string, (actions: cloudwatch.IAlarmAction[]) => unknown> = {
  MomentoWebhookToEventBridge: (actions) => {
    const { stack, construct: monitored } = new Webhook();
    return new MomentoWebhookToEventBridgeAlarms(stack, 'Alarms', { monitored, actions });
  },
  MomentoTopicToEventBridge: (actions) => {
    const { stack, construct: monitored } = new Topics();
    return new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored, actions });
  },
  EventBridgeToMomento: (actions) => {
    const { stack, construct: monitored } = new ToMomento();
    return new EventBridgeToMomentoAlarms(stack, 'Alarms', { monitored, actions });
  },
  DynamoDbToMomento: (actions) => {
    const { stack, construct: monitored } = new Cached();
    return new DynamoDbToMomentoAlarms(stack, 'Alarms', { monitored, actions });
  },
};

for (const [name, make] of Object.entries(ALARMS)) {
  test(`the alarms of ${name} take five actions, as CloudWatch does, and reject a sixth`, () => {
    const actions = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ bind: () => ({ alarmActionArn: `arn:${i.toString()}` }) }));
    make(actions(5));
    assert.throws(() => make(actions(6)), /Alarms: actions must be at most 5, got 6\. Pass one SNS topic/);
  });
}
