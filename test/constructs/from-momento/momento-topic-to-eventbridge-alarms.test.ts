import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration, Fn } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { MomentoTopicToEventBridgeAlarms } from '../../../constructs/from-momento/momento-topic-to-eventbridge-alarms';
import type { MomentoTopicToEventBridgeAlarmsProps } from '../../../constructs/from-momento/momento-topic-to-eventbridge-alarms-props';
import { ROOM, Topics } from './topics';

const OTHER = { cacheName: 'chat', topicName: 'room-282' };
const both = () => new Topics({ topics: [ROOM, OTHER] });

function alarmsOf(
  topics: Topics,
  props: Partial<MomentoTopicToEventBridgeAlarmsProps> = {},
): MomentoTopicToEventBridgeAlarms {
  return new MomentoTopicToEventBridgeAlarms(topics.stack, 'Alarms', { monitored: topics.construct, ...props });
}

function all(alarms: MomentoTopicToEventBridgeAlarms): cloudwatch.Alarm[] {
  return [
    alarms.heartbeatMissing,
    alarms.subscriptionsNotHeld,
    alarms.messagesMissed,
    alarms.apiKeyRefused,
    ...alarms.subscriptionRefused,
    ...alarms.subscriptionSilent,
    alarms.deadLetterQueueNotEmpty,
    alarms.parkedTooLong,
    alarms.handlerErrors,
    alarms.handlerThrottles,
    alarms.redriveErrors,
  ];
}

describe('the alarms', () => {
  const topics = both();
  const alarms = alarmsOf(topics);
  const { handler, redriveHandler, deadLetterQueue, fallbackQueue } = topics.construct;
  const by = (construct: typeof handler) => [{ Name: 'FunctionName', Value: { Ref: topics.id(construct) } }];
  const queued = (queue: typeof deadLetterQueue) => [
    { Name: 'QueueName', Value: { 'Fn::GetAtt': [topics.id(queue), 'QueueName'] } },
  ];
  const ofTopic = (topic: string) => [...by(handler), { Name: 'Topic', Value: topic }];
  const firstSum = {
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 1,
    Period: 300,
    Statistic: 'Sum',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  };
  const own = (MetricName: string, Dimensions: unknown = by(handler)) => ({
    ...firstSum,
    Namespace: 'MomentoEventBridge',
    MetricName,
    Dimensions,
  });
  const ofLambda = (MetricName: string, construct: typeof handler) => ({
    ...firstSum,
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: by(construct),
  });

  const expected: [name: string, alarm: cloudwatch.Alarm | undefined, properties: Record<string, unknown>][] = [
    [
      'heartbeatMissing goes off after 5 minutes without data',
      alarms.heartbeatMissing,
      {
        ...own('Heartbeat'),
        ComparisonOperator: 'LessThanThreshold',
        EvaluationPeriods: 5,
        Period: 60,
        TreatMissingData: 'breaching',
      },
    ],
    [
      'subscriptionsNotHeld goes off after 5 minutes, each with a topic that nobody holds',
      alarms.subscriptionsNotHeld,
      { ...own('SubscriptionsNotHeld'), EvaluationPeriods: 5, Period: 60, Statistic: 'Maximum' },
    ],
    ['messagesMissed goes off at the first gap', alarms.messagesMissed, own('MessagesMissed')],
    [
      'apiKeyRefused outlasts a rotation',
      alarms.apiKeyRefused,
      { ...own('ApiKeyRefused'), EvaluationPeriods: 3, Period: 60 },
    ],
    [
      'subscriptionRefused goes off for its topic',
      alarms.subscriptionRefused[0],
      own('SubscriptionRefused', ofTopic('chat#room-281')),
    ],
    [
      'subscriptionRefused goes off for the other topic, too',
      alarms.subscriptionRefused[1],
      own('SubscriptionRefused', ofTopic('chat#room-282')),
    ],
    [
      'subscriptionSilent forgives once',
      alarms.subscriptionSilent[1],
      { ...own('SubscriptionSilent', ofTopic('chat#room-282')), EvaluationPeriods: 2 },
    ],
    [
      'deadLetterQueueNotEmpty goes off at the first message',
      alarms.deadLetterQueueNotEmpty,
      {
        ...firstSum,
        Period: 60,
        Statistic: 'Maximum',
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: queued(deadLetterQueue),
      },
    ],
    ['handlerErrors goes off at the first error', alarms.handlerErrors, ofLambda('Errors', handler)],
    ['handlerThrottles goes off at the first throttle', alarms.handlerThrottles, ofLambda('Throttles', handler)],
    ['redriveErrors goes off at the first error', alarms.redriveErrors, ofLambda('Errors', redriveHandler)],
  ];
  for (const [name, alarm, properties] of expected) {
    test(name, () => {
      const { AlarmDescription, ...actual } = topics.properties(alarm);
      assert.deepEqual(actual, properties);
      assert.ok(AlarmDescription);
    });
  }

  test('parkedTooLong goes off when the fallback queue has held messages for half an hour', () => {
    const { EvaluationPeriods, Metrics } = topics.properties(alarms.parkedTooLong);
    assert.equal(EvaluationPeriods, 30);
    assert.ok(JSON.stringify(Metrics).includes(topics.id(fallbackQueue)));
  });

  test('are all there is, and tell nobody', () => {
    topics.template.resourceCountIs('AWS::CloudWatch::Alarm', all(alarms).length);
    assert.equal(all(alarms).length, 9 + 2 * 2);
    for (const alarm of all(alarms)) assert.ok(!('AlarmActions' in topics.properties(alarm)));
  });

  test('noMessages goes off after maxSilence without an accepted message, and only where it is asked for', () => {
    assert.equal(alarms.noMessages, undefined);
    const topics = both();
    const { noMessages } = alarmsOf(topics, { maxSilence: Duration.minutes(5) });
    const { EvaluationPeriods, ComparisonOperator, TreatMissingData } = topics.properties(noMessages);
    assert.deepEqual([EvaluationPeriods, ComparisonOperator, TreatMissingData], [5, 'LessThanThreshold', 'breaching']);
  });

  test('take their times from the props', () => {
    const topics = new Topics();
    const alarms = alarmsOf(topics, { maxInterruption: Duration.minutes(3), maxParkedTime: Duration.hours(1) });
    const periods = (alarm: cloudwatch.Alarm) => topics.properties(alarm).EvaluationPeriods;
    assert.deepEqual(
      [alarms.heartbeatMissing, alarms.subscriptionsNotHeld, alarms.parkedTooLong].map(periods),
      [3, 3, 60],
    );
  });

  test('all have the given actions', () => {
    const topics = both();
    const topic = new sns.Topic(topics.stack, 'Topic');
    const alarms = alarmsOf(topics, { actions: [new actions.SnsAction(topic)] });
    for (const alarm of all(alarms)) {
      assert.deepEqual(topics.properties(alarm).AlarmActions, [{ Ref: topics.id(topic) }]);
    }
  });

  test('keep their ids in the template when the topics are in another order, so that they keep their history', () => {
    const idsByTopic = (order: (typeof ROOM)[]) => {
      const topics = new Topics({ topics: order });
      const { subscriptionRefused } = alarmsOf(topics);
      return new Map(order.map(({ topicName }, index) => [topicName, topics.id(subscriptionRefused[index])]));
    };
    const [one, other] = [idsByTopic([ROOM, OTHER]), idsByTopic([OTHER, ROOM])];
    for (const { topicName } of [ROOM, OTHER]) assert.equal(one.get(topicName), other.get(topicName));
  });

  test('take topics whose names are known only at deployment', () => {
    const topics = new Topics({ topics: [ROOM, { cacheName: 'chat', topicName: Fn.importValue('topic') }] });
    const alarms = alarmsOf(topics);
    assert.equal(alarms.subscriptionRefused.length, 2);
  });

  test('are of all topics together with perTopic: false, also of those that CloudWatch cannot name', () => {
    const topics = new Topics({ topics: [ROOM, { cacheName: 'chat', topicName: 'Öffentliches' }] });
    assert.throws(() => alarmsOf(topics), /Use the metrics of all topics together, and alarms with perTopic: false\.$/);
    const others = new Topics({ topics: topics.construct.topics });
    const { subscriptionRefused, subscriptionSilent, alarms } = alarmsOf(others, { perTopic: false });
    for (const [metric, [alarm, ...more], periods] of [
      ['SubscriptionRefused', subscriptionRefused, 1],
      ['SubscriptionSilent', subscriptionSilent, 2],
    ] as const) {
      assert.ok(alarm);
      assert.deepEqual(more, []);
      const { Properties } = others.template.findResources('AWS::CloudWatch::Alarm')[others.id(alarm)] as {
        Properties: Record<string, unknown>;
      };
      assert.deepEqual(
        [Properties.MetricName, Properties.Dimensions, Properties.EvaluationPeriods],
        [metric, [{ Name: 'FunctionName', Value: { Ref: others.id(others.construct.handler) } }], periods],
      );
      assert.match(JSON.stringify(Properties.AlarmDescription), / the subscription to a topic[ .]/);
    }
    assert.equal(alarms.length, 11);
  });
});

describe('invalid props of the alarms are rejected', () => {
  const time = 'must be a whole number of minutes from 1 to 1440 (1 day), got';
  const refusals: [props: Partial<MomentoTopicToEventBridgeAlarmsProps>, sentence: string][] = [
    [{ maxInterruption: Duration.seconds(90) }, `maxInterruption ${time} Duration.seconds(90).`],
    [{ maxInterruption: Duration.hours(25) }, `maxInterruption ${time} Duration.hours(25).`],
    [{ maxParkedTime: Duration.minutes(0) }, `maxParkedTime ${time} Duration.minutes(0).`],
  ];
  for (const [props, sentence] of refusals) {
    test(`${sentence.split(' ')[0] ?? ''} of ${sentence.split('got ')[1] ?? ''}, with what to do`, () => {
      assert.throws(() => alarmsOf(new Topics(), props), { message: `Stack/Alarms: ${sentence}` });
    });
  }
});
