import { createHash } from 'node:crypto';
import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { checkMinutes } from '../common/prop-checks';
import { logCommand, wholeLogCommand } from '../common/runbook';
import { alarmsOf, ThresholdAlarm } from '../common/threshold-alarm';
import type { MomentoTopicToEventBridgeAlarmsProps } from './momento-topic-to-eventbridge-alarms-props';
import type { MomentoTopic } from './momento-topic-to-eventbridge-props';
import { deadLetterQueueNotEmpty, noMessages, parkedTooLong, redriveErrors } from './parking-alarms';

/** The characters of a name that a description shows. */
const MAX_SHOWN = 100;

/** The period of the metrics that the handler writes once a minute. */
const MINUTE = { period: Duration.minutes(1) };

/**
 * Alarms for what needs a person in a `MomentoTopicToEventBridge`: topics that nobody is subscribed to, messages that are
 * missed or delayed, and functions that fail. CloudWatch bills each alarm, 0.10 USD a month in us-east-1, and `parkedTooLong`
 * twice that: 1.00 USD, and 0.20 USD more for each topic, or once with `perTopic: false`.
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
   * For each topic, in the order of `topics`, or with `perTopic: false` one for all: goes off when Momento refused the
   * subscription.
   */
  public readonly subscriptionRefused: cloudwatch.Alarm[];

  /**
   * For each topic, in the order of `topics`, or with `perTopic: false` one for all: goes off when the subscription was silent,
   * and so was resumed, in each of two periods of 5 minutes.
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

  /**
   * Goes off when no message was accepted for `maxSilence`. Only with `maxSilence`.
   */
  public readonly noMessages?: cloudwatch.Alarm;

  /**
   * All of these alarms, for `MomentoEventBridgeDashboard`.
   */
  public readonly alarms: cloudwatch.Alarm[];

  public constructor(scope: Construct, id: string, props: MomentoTopicToEventBridgeAlarmsProps) {
    super(scope, id);
    const { monitored, maxInterruption = Duration.minutes(5), maxParkedTime, maxSilence, actions } = props;
    // An alarm of all topics together has neither the name of one nor an id made of it.
    const watched: readonly (MomentoTopic | undefined)[] = (props.perTopic ?? true) ? monitored.topics : [undefined];
    const { handler } = monitored;
    const interruption = checkMinutes(this, 'maxInterruption', maxInterruption, Duration.days(1));

    this.heartbeatMissing = new ThresholdAlarm(this, 'HeartbeatMissing', {
      actions,
      metric: monitored.metricHeartbeat(MINUTE),
      evaluationPeriods: interruption,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      runbook: {
        happened:
          'no function is subscribed to the Momento topics. Momento keeps messages for an unspecified time only.',
        look: `${wholeLogCommand(handler)}; without new lines, the schedule and its role, and the account's concurrency.`,
        act: 'fix what the log names, or enable the schedule. The subscriptions then resume by themselves within a minute.',
        paragraph: 'heartbeatmissing',
      },
    });
    this.subscriptionsNotHeld = new ThresholdAlarm(this, 'SubscriptionsNotHeld', {
      actions,
      metric: monitored.metricSubscriptionsNotHeld(MINUTE),
      evaluationPeriods: interruption,
      runbook: {
        happened:
          'Momento topics have not been subscribed to for maxInterruption. Momento keeps messages for an unspecified time only.',
        look: `${wholeLogCommand(handler)} names the topics and the reason.`,
        act: 'correct the API key, its permissions or the cache. The handler keeps trying, so that nothing needs a restart.',
        paragraph: 'subscriptionsnotheld',
      },
    });
    this.messagesMissed = new ThresholdAlarm(this, 'MessagesMissed', {
      actions,
      metric: monitored.metricMessagesMissed(),
      runbook: {
        happened:
          'Momento no longer had some messages of a topic when its subscription resumed. They are not on the event bus.',
        look: `${logCommand(handler, 'WARN')}: the lines "messages are missing" have the topic and the sequence numbers.`,
        act: 'have the publishers send them again, if they can. Then find out why nobody was subscribed.',
        paragraph: 'messagesmissed',
      },
    });
    this.apiKeyRefused = new ThresholdAlarm(this, 'ApiKeyRefused', {
      actions,
      metric: monitored.metricApiKeyRefused(MINUTE),
      evaluationPeriods: 3,
      runbook: {
        happened: 'Momento does not accept the API key in the secret. No topic is subscribed to.',
        look: "the key's expiry and cell in Momento's console: it has expired, was revoked, or belongs to another cell.",
        act: `\`aws secretsmanager put-secret-value --secret-id ${monitored.apiKey.secretArn} --secret-string KEY\`. The handler reads it by itself.`,
        paragraph: 'apikeyrefused-subscription',
      },
    });
    this.subscriptionRefused = watched.map(
      (topic, index) =>
        new ThresholdAlarm(this, `SubscriptionRefused${idOf(topic, index)}`, {
          actions,
          metric: monitored.metricSubscriptionRefused({ topic }),
          runbook: {
            happened: `Momento refuses the subscription to ${described(topic)}.`,
            look: `${logCommand(handler, 'ERROR')}: NotFound, or PermissionDenied.`,
            act: 'create the cache, or give the API key the permission to subscribe. The handler keeps trying.',
            paragraph: 'subscriptionrefused',
          },
        }),
    );
    this.subscriptionSilent = watched.map(
      (topic, index) =>
        new ThresholdAlarm(this, `SubscriptionSilent${idOf(topic, index)}`, {
          actions,
          metric: monitored.metricSubscriptionSilent({ topic }),
          evaluationPeriods: 2,
          runbook: {
            happened:
              `the subscription to ${described(topic)} is silent again and again: ` +
              'neither messages nor heartbeats arrive. The handler resumes it each time.',
            look: "Momento's status page, and the network if the handler is in a VPC: NAT gateway, routes, firewall.",
            act: 'ask Momento, or correct the network. Messages arrive late meanwhile, and none is skipped.',
            paragraph: 'subscriptionsilent',
          },
        }),
    );
    this.deadLetterQueueNotEmpty = deadLetterQueueNotEmpty(this, monitored, actions);
    this.parkedTooLong = parkedTooLong(this, monitored, maxParkedTime, actions);
    this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
      actions,
      metric: handler.metricErrors(),
      runbook: {
        happened:
          'the subscribe handler failed. The next invocation resumes from the checkpoints within 90 seconds, and messages can ' +
          'arrive twice.',
        look: wholeLogCommand(handler),
        act: 'nothing, if it was once. Otherwise fix what the log names. A handler that cannot start says why in one line.',
        paragraph: 'handlererrors-subscription',
      },
    });
    this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
      actions,
      metric: handler.metricThrottles(),
      runbook: {
        happened: 'Lambda throttled the subscribe handler. If no other invocation runs, no topic is subscribed to.',
        look: "the account's metric ConcurrentExecutions: which function uses the concurrency?",
        act: "raise the account's concurrency in Service Quotas, or limit that function.",
        paragraph: 'handlerthrottles-subscription',
      },
    });
    this.redriveErrors = redriveErrors(this, monitored, actions);
    this.noMessages = noMessages(
      this,
      monitored,
      maxSilence,
      {
        look: `does anybody publish? Are the topics subscribed to (alarms heartbeatMissing, subscriptionsNotHeld)? ${wholeLogCommand(handler)}`,
        act: 'publish a test message to one of the topics: the log says `published` within a second.',
      },
      actions,
    );
    this.alarms = alarmsOf(this);
  }
}

/** The end of a topic's construct ids: the same wherever the topic stands in the list, if its name is known. */
function idOf(topic: MomentoTopic | undefined, index: number): string {
  if (!topic) {
    return '';
  }
  const { cacheName, topicName } = topic;
  const name = JSON.stringify([cacheName, topicName]);
  return Token.isUnresolved(name) ? index.toString() : createHash('sha256').update(name).digest('hex').slice(0, 16);
}

/** A topic in a description, or any of them. */
function described(topic: MomentoTopic | undefined): string {
  return topic ? `the topic ${shown(topic.topicName)} of the cache ${shown(topic.cacheName)}` : 'a topic';
}

/** A name in a description, which has no room for Momento's longest ones. */
function shown(name: string): string {
  return Token.isUnresolved(name) || name.length <= MAX_SHOWN ? name : `${name.slice(0, MAX_SHOWN)}…`;
}
