import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { MomentoWebhookToEventBridgeAlarms } from '../../../constructs/from-momento/momento-webhook-to-eventbridge-alarms';
import type { MomentoWebhookToEventBridgeAlarmsProps } from '../../../constructs/from-momento/momento-webhook-to-eventbridge-alarms-props';
import { Webhook } from './webhook';

function alarmsOf(
  webhook: Webhook,
  props: Partial<MomentoWebhookToEventBridgeAlarmsProps> = {},
): MomentoWebhookToEventBridgeAlarms {
  return new MomentoWebhookToEventBridgeAlarms(webhook.stack, 'Alarms', { monitored: webhook.construct, ...props });
}

function all(alarms: MomentoWebhookToEventBridgeAlarms): cloudwatch.Alarm[] {
  return [
    alarms.messageLost,
    alarms.deadLetterQueueNotEmpty,
    alarms.parkedTooLong,
    alarms.requestsRejected,
    alarms.handlerErrors,
    alarms.handlerThrottles,
    alarms.redriveErrors,
  ];
}

describe('the alarms', () => {
  const webhook = new Webhook();
  const alarms = alarmsOf(webhook);
  const { handler, redriveHandler, deadLetterQueue, fallbackQueue } = webhook.construct;
  const of = (FunctionName: string) => [{ Name: 'FunctionName', Value: { Ref: FunctionName } }];
  const queued = (QueueName: string) => [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [QueueName, 'QueueName'] } }];
  const firstSum = { Statistic: 'Sum', Period: 300, EvaluationPeriods: 1, Threshold: 1 };

  const expected: [name: string, alarm: cloudwatch.Alarm, properties: Record<string, unknown>][] = [
    [
      'messageLost',
      alarms.messageLost,
      { ...firstSum, Namespace: 'MomentoEventBridge', MetricName: 'Lost', Dimensions: of(webhook.id(handler)) },
    ],
    [
      'deadLetterQueueNotEmpty',
      alarms.deadLetterQueueNotEmpty,
      {
        ...firstSum,
        Period: 60,
        Statistic: 'Maximum',
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: queued(webhook.id(deadLetterQueue)),
      },
    ],
    [
      'requestsRejected',
      alarms.requestsRejected,
      {
        ...firstSum,
        Namespace: 'MomentoEventBridge',
        MetricName: 'Rejected',
        Dimensions: of(webhook.id(handler)),
        Threshold: 100,
      },
    ],
    [
      'handlerErrors',
      alarms.handlerErrors,
      { ...firstSum, Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: of(webhook.id(handler)) },
    ],
    [
      'handlerThrottles',
      alarms.handlerThrottles,
      { ...firstSum, Namespace: 'AWS/Lambda', MetricName: 'Throttles', Dimensions: of(webhook.id(handler)) },
    ],
    [
      'redriveErrors',
      alarms.redriveErrors,
      { ...firstSum, Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: of(webhook.id(redriveHandler)) },
    ],
  ];
  for (const [name, alarm, properties] of expected) {
    test(`${name} watches ${String(properties.MetricName)}`, () => {
      const { AlarmDescription, ...actual } = webhook.properties(alarm);
      assert.deepEqual(actual, {
        ...properties,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      });
      assert.ok(AlarmDescription);
    });
  }

  test('parkedTooLong watches, each minute for half an hour, that the fallback queue holds no messages', () => {
    const { AlarmDescription, ...actual } = webhook.properties(alarms.parkedTooLong);
    const of = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: {
        Metric: { Dimensions: queued(webhook.id(fallbackQueue)), MetricName, Namespace: 'AWS/SQS' },
        Period: 60,
        Stat: 'Maximum',
      },
      ReturnData: false,
    });
    assert.deepEqual(actual, {
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 30,
      Metrics: [
        { Expression: 'due + waiting', Id: 'expr_1', Label: 'Parked messages', ReturnData: true },
        of('due', 'ApproximateNumberOfMessagesVisible'),
        of('waiting', 'ApproximateNumberOfMessagesNotVisible'),
      ],
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
    assert.ok(AlarmDescription);
  });

  test('are all there is, and tell nobody', () => {
    webhook.template.resourceCountIs('AWS::CloudWatch::Alarm', all(alarms).length);
    for (const alarm of all(alarms)) assert.ok(!('AlarmActions' in webhook.properties(alarm)));
  });

  test('noMessages goes off after maxSilence without an accepted message, which has no data, and only where it is asked for', () => {
    assert.equal(alarms.noMessages, undefined);
    const webhook = new Webhook();
    const { noMessages, alarms: allAlarms } = alarmsOf(webhook, { maxSilence: Duration.hours(2) });
    const { AlarmDescription, ...actual } = webhook.properties(noMessages);
    assert.deepEqual(actual, {
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 120,
      Metrics: [
        { Expression: 'FILL(accepted, 0)', Id: 'expr_1', Label: 'Accepted messages', ReturnData: true },
        {
          Id: 'accepted',
          MetricStat: {
            Metric: {
              Dimensions: of(webhook.id(webhook.construct.handler)),
              MetricName: 'Accepted',
              Namespace: 'MomentoEventBridge',
            },
            Period: 60,
            Stat: 'Sum',
          },
          ReturnData: false,
        },
      ],
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
    assert.ok(AlarmDescription);
    assert.ok(noMessages && allAlarms.includes(noMessages));
  });

  test('take their thresholds from the props', () => {
    const webhook = new Webhook();
    const alarms = alarmsOf(webhook, { maxParkedTime: Duration.days(1), rejectedThreshold: 1 });
    assert.equal(webhook.properties(alarms.parkedTooLong).EvaluationPeriods, 24 * 60);
    assert.equal(webhook.properties(alarms.requestsRejected).Threshold, 1);
  });

  test('all have the given actions', () => {
    const webhook = new Webhook();
    const topic = new sns.Topic(webhook.stack, 'Topic');
    const alarms = alarmsOf(webhook, { actions: [new actions.SnsAction(topic)] });
    for (const alarm of all(alarms)) {
      assert.deepEqual(webhook.properties(alarm).AlarmActions, [{ Ref: webhook.id(topic) }]);
    }
  });
});

describe('invalid props of the alarms are rejected', () => {
  const time = 'must be a whole number of minutes from 1 to 1440 (1 day), got';
  const threshold = 'must be a whole number from 1, got';
  const refusals: [mistake: string, props: Partial<MomentoWebhookToEventBridgeAlarmsProps>, sentence: string][] = [
    ['no time', { maxParkedTime: Duration.minutes(0) }, `maxParkedTime ${time} Duration.minutes(0).`],
    ['a fraction', { maxParkedTime: Duration.seconds(90) }, `maxParkedTime ${time} Duration.seconds(90).`],
    ['more than a day', { maxParkedTime: Duration.hours(25) }, `maxParkedTime ${time} Duration.hours(25).`],
    [
      'a silence that is shorter than metrics take to arrive',
      { maxSilence: Duration.minutes(4) },
      'maxSilence must be a whole number of minutes from 5 to 1440 (1 day), got Duration.minutes(4).',
    ],
    ['a threshold of zero', { rejectedThreshold: 0 }, `rejectedThreshold ${threshold} 0.`],
    ['half a request', { rejectedThreshold: 1.5 }, `rejectedThreshold ${threshold} 1.5.`],
  ];
  for (const [mistake, props, sentence] of refusals) {
    test(`${mistake}, with what to do`, () => {
      assert.throws(() => alarmsOf(new Webhook(), props), { message: `Stack/Alarms: ${sentence}` });
    });
  }
});
