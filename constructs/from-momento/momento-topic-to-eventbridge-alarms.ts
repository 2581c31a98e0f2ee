import { createHash } from 'node:crypto';
import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { checkMinutes } from '../common/prop-checks';
import { ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoTopicToEventBridgeAlarmsProps } from './momento-topic-to-eventbridge-alarms-props';
import type { MomentoTopic } from './momento-topic-to-eventbridge-props';
import { deadLetterQueueNotEmpty, parkedTooLong, redriveErrors } from './parking-alarms';

/** The period of the metrics that the handler writes once a minute. */
const MINUTE = { period: Duration.minutes(1) };

/**
 * Alarms for what needs a person in a `MomentoTopicToEventBridge`: topics that nobody is subscribed to, messages that are
 * missed or delayed, and functions that fail. CloudWatch bills each alarm, 0.10 USD a month in us-east-1, and `parkedTooLong`
 * twice that: 1.00 USD, and 0.20 USD more for each topic.
 *
 * `heartbeatMissing` also goes off when it is created with the construct that it monitors, until the handler's first heartbeat
 * a minute or two later.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { MomentoTopicToEventBridgeAlarms } from 'cdk-momento-eventbridge';
 *
 * new MomentoTopicToEventBridgeAlarms(this, 'Alarms', { monitored: topics, actions: [new actions.SnsAction(topic)] });
 */
export class MomentoTopicToEventBridgeAlarms extends Construct {
  /**
   * Goes off when the handler has shown no sign of life for `maxInterruption`: no topic is subscribed to.
   */
  public readonly heartbeatMissing: cloudwatch.Alarm;

  /**
   * Goes off when topics have been without a subscription for `maxInterruption`.
   */
  public readonly subscriptionsNotHeld: cloudwatch.Alarm;

  /**
   * Goes off when Momento no longer had the messages that a subscription resumed at.
   */
  public readonly messagesMissed: cloudwatch.Alarm;

  /**
   * Goes off when Momento has not accepted the API key for 3 minutes. A rotation takes seconds.
   */
  public readonly apiKeyRefused: cloudwatch.Alarm;

  /**
   * For each topic, in the order of `topics`: goes off when Momento refused the subscription.
   */
  public readonly subscriptionRefused: cloudwatch.Alarm[];

  /**
   * For each topic, in the order of `topics`: goes off when the subscription was silent, and so was resumed, in each of two
   * periods of 5 minutes.
   */
  public readonly subscriptionSilent: cloudwatch.Alarm[];

  /**
   * Goes off when the dead-letter queue holds a message, and stays so until it is empty.
   */
  public readonly deadLetterQueueNotEmpty: cloudwatch.Alarm;

  /**
   * Goes off when the fallback queue has held messages for `maxParkedTime`.
   */
  public readonly parkedTooLong: cloudwatch.Alarm;

  /**
   * Goes off when the subscribe handler failed.
   */
  public readonly handlerErrors: cloudwatch.Alarm;

  /**
   * Goes off when Lambda throttled the subscribe handler.
   */
  public readonly handlerThrottles: cloudwatch.Alarm;

  /**
   * Goes off when the redrive handler failed. A message that the bus does not take is not a failure of the handler.
   */
  public readonly redriveErrors: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: MomentoTopicToEventBridgeAlarmsProps) {
    super(scope, id);
    const { monitored, maxInterruption = Duration.minutes(5), maxParkedTime, actions } = props;
    const interruption = checkMinutes(this, 'maxInterruption', maxInterruption, Duration.days(1));

    this.heartbeatMissing = new ThresholdAlarm(this, 'HeartbeatMissing', {
      actions,
      metric: monitored.metricHeartbeat(MINUTE),
      evaluationPeriods: interruption,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      alarmDescription:
        'No function is subscribed to the Momento topics. Momento keeps messages for an unspecified time only. The log of ' +
        'the subscribe handler has the reason, in one line if it cannot start. If it has no new lines, look at the schedule ' +
        "and its role, and at the account's concurrency.",
    });
    this.subscriptionsNotHeld = new ThresholdAlarm(this, 'SubscriptionsNotHeld', {
      actions,
      metric: monitored.metricSubscriptionsNotHeld(MINUTE),
      evaluationPeriods: interruption,
      alarmDescription:
        'Momento topics have not been subscribed to for maxInterruption. Momento keeps messages for an unspecified time only. ' +
        'The log of the subscribe handler names the topics and the reason, at level WARN.',
    });
    this.messagesMissed = new ThresholdAlarm(this, 'MessagesMissed', {
      actions,
      metric: monitored.metricMessagesMissed(),
      alarmDescription:
        'Momento no longer had some messages of a topic when its subscription resumed. They are not on the event bus. An ' +
        'event Topic Messages Missed on the bus names the topic and the sequence numbers.',
    });
    this.apiKeyRefused = new ThresholdAlarm(this, 'ApiKeyRefused', {
      actions,
      metric: monitored.metricApiKeyRefused(MINUTE),
      evaluationPeriods: 3,
      alarmDescription:
        'Momento does not accept the API key in the secret: it has expired, was revoked, or belongs to another cell. Put a ' +
        'valid key in the secret. The handler reads the secret again by itself.',
    });
    this.subscriptionRefused = monitored.topics.map(
      (topic, index) =>
        new ThresholdAlarm(this, `SubscriptionRefused${idOf(topic, index)}`, {
          actions,
          metric: monitored.metricSubscriptionRefused({ topic }),
          alarmDescription:
            `Momento refuses the subscription to the topic ${topic.topicName} of the cache ${topic.cacheName}: the API key has ` +
            'no permission for it, or there is no such cache.',
        }),
    );
    this.subscriptionSilent = monitored.topics.map(
      (topic, index) =>
        new ThresholdAlarm(this, `SubscriptionSilent${idOf(topic, index)}`, {
          actions,
          metric: monitored.metricSubscriptionSilent({ topic }),
          evaluationPeriods: 2,
          alarmDescription:
            `The subscription to the topic ${topic.topicName} of the cache ${topic.cacheName} is silent again and again: ` +
            'Momento sends neither messages nor heartbeats. The handler resumes it each time. Ask Momento, and look at the ' +
            'network if the handler is in a VPC.',
        }),
    );
    this.deadLetterQueueNotEmpty = deadLetterQueueNotEmpty(this, monitored, actions);
    this.parkedTooLong = parkedTooLong(this, monitored, maxParkedTime, actions);
    this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
      actions,
      metric: monitored.handler.metricErrors(),
      alarmDescription:
        'The subscribe handler failed. The next invocation resumes from the checkpoints within 90 seconds, and messages can ' +
        'arrive twice. The log of the handler has the reason, in one line if it cannot start.',
    });
    this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
      actions,
      metric: monitored.handler.metricThrottles(),
      alarmDescription:
        'Lambda throttled the subscribe handler. If no other invocation runs, the Momento topics are not subscribed to. Raise ' +
        "the account's concurrency.",
    });
    this.redriveErrors = redriveErrors(this, monitored, actions);
  }
}

/** The end of a topic's construct ids: the same wherever the topic stands in the list, if its name is known. */
function idOf({ cacheName, topicName }: MomentoTopic, index: number): string {
  const name = JSON.stringify([cacheName, topicName]);
  return Token.isUnresolved(name) ? index.toString() : createHash('sha256').update(name).digest('hex').slice(0, 16);
}
