import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { checkWholeNumber, fail } from '../common/prop-checks';
import { logCommand, queueCommands, wholeLogCommand } from '../common/runbook';
import { alarmsOf, messagesIn, ThresholdAlarm } from '../common/threshold-alarm';
import type { EventBridgeToMomentoAlarmsProps } from './eventbridge-to-momento-alarms-props';

/** The most that an alarm can read (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html). */
const MAX_METRICS = 10;

/**
 * Alarms for what needs a person in an `EventBridgeToMomento`: dead letters, permanent failures, commands that wait, and
 * functions that fail. CloudWatch bills each alarm by the metrics it reads, 0.10 USD a month for each in us-east-1:
 * `failedInvocations` reads one for each rule, `nothingDelivered` two for each rule that delivers. An alarm reads at most 10: with
 * more rules, because of `onEvent()`, `alarms` has further ones of the same kind.
 *
 * @example
 * import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
 * import { EventBridgeToMomentoAlarms } from 'cdk-momento-eventbridge';
 *
 * new EventBridgeToMomentoAlarms(this, 'Alarms', { monitored: toMomento, actions: [new actions.SnsAction(topic)] });
 */
export class EventBridgeToMomentoAlarms extends Construct {
  /**
   * Goes off when the dead-letter queue holds a message, and stays so until it is empty.
   */
  public readonly deadLetterQueueNotEmpty: cloudwatch.Alarm;

  /**
   * Goes off when events failed permanently in the last 5 minutes: with `Delivery.apiDestinations()` at Momento, with
   * `Delivery.lambdaFunction()` on their way to the command queue.
   */
  public readonly failedInvocations: cloudwatch.Alarm;

  /**
   * Goes off when the oldest command has waited in the command queue for `maxWaitingTime`. Only with
   * `Delivery.lambdaFunction()`.
   */
  public readonly commandsWaitingTooLong?: cloudwatch.Alarm;

  /**
   * Goes off when Momento has not accepted the API key for 3 minutes. A rotation takes seconds. Only with
   * `Delivery.lambdaFunction()`.
   */
  public readonly apiKeyRefused?: cloudwatch.Alarm;

  /**
   * Goes off when for 15 minutes EventBridge has retried commands and Momento has accepted none: most likely, the connection's
   * API key is not valid. Only with `Delivery.apiDestinations()`.
   */
  public readonly nothingDelivered?: cloudwatch.Alarm;

  /**
   * Goes off when the function that delivers failed; its batch is retried. Only with `Delivery.lambdaFunction()`.
   */
  public readonly handlerErrors?: cloudwatch.Alarm;

  /**
   * Goes off when Lambda throttled the function that delivers. Only with `Delivery.lambdaFunction()`.
   */
  public readonly handlerThrottles?: cloudwatch.Alarm;

  /**
   * Goes off when the function that copies a rotated API key to the connection failed. Only with
   * `ApiKeyRotation.followSecret()`.
   */
  public readonly followRotationErrors?: cloudwatch.Alarm;

  /**
   * All of these alarms, for `MomentoEventBridgeDashboard`.
   */
  public readonly alarms: cloudwatch.Alarm[];

  public constructor(scope: Construct, id: string, props: EventBridgeToMomentoAlarmsProps) {
    super(scope, id);
    const { monitored, maxWaitingTime, actions } = props;
    const { apiDestinations, lambdaFunction, deliveryRules, invalidCommandRules } = monitored;
    const { show, redrive } = queueCommands(monitored.deadLetterQueue);

    this.deadLetterQueueNotEmpty = new ThresholdAlarm(this, 'DeadLetterQueueNotEmpty', {
      actions,
      metric: messagesIn(monitored.deadLetterQueue),
      runbook: {
        happened:
          'commands to Momento are invalid, were rejected, or ran out of retries. They are in the dead-letter queue.',
        look: `${show} lists each command with its reason.`,
        act: `fix the cause, then ${redrive}`,
        paragraph: 'deadletterqueuenotempty-commands',
      },
    });
    const failing = (rules: readonly events.Rule[], id: string) =>
      new ThresholdAlarm(this, id, {
        actions,
        metric: monitored._metricFailedInvocationsOf(rules),
        runbook: {
          happened:
            'EventBridge could not deliver commands to Momento, or to the command queue, and retries them no more. They are in the ' +
            'dead-letter queue, if it could accept them.',
          look: `${show} lists each command with its reason.`,
          act: `fix the cause, then ${redrive}`,
          paragraph: 'failedinvocations',
        },
      });
    const [rules = [], ...moreRules] = groupsOf([...deliveryRules, ...invalidCommandRules], MAX_METRICS);
    this.failedInvocations = failing(rules, 'FailedInvocations');
    moreRules.forEach((group, index) => failing(group, `FailedInvocations${(index + 2).toString()}`));
    if (lambdaFunction) {
      const { handler, commandQueue } = lambdaFunction;
      const seconds = (maxWaitingTime ?? halfOf(monitored.maxEventAge)).toSeconds({ integral: false });
      if (maxWaitingTime) {
        checkWholeNumber(this, 'maxWaitingTime in seconds', seconds, 1);
      }
      this.commandsWaitingTooLong = new ThresholdAlarm(this, 'CommandsWaitingTooLong', {
        actions,
        metric: monitored.metricOldestCommandAge(),
        threshold: seconds,
        runbook: {
          happened:
            'commands to Momento have waited too long in the command queue. After maxEventAge they go to the dead-letter queue.',
          look: `${logCommand(handler, 'WARN')}: the lines "postponed" have the reasons. The queue is ${commandQueue.queueUrl}`,
          act: 'raise rateLimits if more commands arrive than they permit; otherwise fix what the log names.',
          paragraph: 'commandswaitingtoolong',
        },
      });
      this.apiKeyRefused = new ThresholdAlarm(this, 'ApiKeyRefused', {
        actions,
        metric: monitored.metric('ApiKeyRefused', { period: Duration.minutes(1) }),
        evaluationPeriods: 3,
        runbook: {
          happened:
            'Momento does not accept the API key in the secret. Commands wait and are retried until maxEventAge.',
          look: "the key's expiry and cell in Momento's console: it has expired, was revoked, or belongs to another cell.",
          act: `\`aws secretsmanager put-secret-value --secret-id ${monitored.apiKey.secretArn} --secret-string KEY\`. The function reads it by itself.`,
          paragraph: 'apikeyrefused-commands',
        },
      });
      this.handlerErrors = new ThresholdAlarm(this, 'HandlerErrors', {
        actions,
        metric: handler.metricErrors(),
        runbook: {
          happened:
            'the function that delivers commands to Momento failed. The commands stay in the command queue and are retried after ' +
            'its visibility timeout.',
          look: wholeLogCommand(handler),
          act: 'fix what the log names. A function that cannot start says why in one line.',
          paragraph: 'handlererrors-commands',
        },
      });
      this.handlerThrottles = new ThresholdAlarm(this, 'HandlerThrottles', {
        actions,
        metric: handler.metricThrottles(),
        runbook: {
          happened:
            'Lambda throttled the function that delivers commands to Momento. The commands stay in the command queue.',
          look: "the account's metric ConcurrentExecutions: which function uses the concurrency?",
          act: "raise the account's concurrency in Service Quotas, or limit that function.",
          paragraph: 'handlerthrottles-commands',
        },
      });
    } else if (maxWaitingTime) {
      fail(this, 'maxWaitingTime needs Delivery.lambdaFunction(), got Delivery.apiDestinations(). Leave it out.');
    }
    if (apiDestinations) {
      const stuck = (rules: readonly events.Rule[], id: string) =>
        new ThresholdAlarm(this, id, {
          actions,
          metric: new cloudwatch.MathExpression({
            expression: 'IF(retries > 0 AND delivered == 0, 1, 0)',
            label: 'Only retries',
            usingMetrics: monitored._metricsRetriedAndDeliveredOf(rules),
          }),
          evaluationPeriods: 3,
          runbook: {
            happened:
              'for 15 minutes, EventBridge has retried commands and Momento has accepted none. Most likely the connection is not ' +
              'authorized (401): its API key has expired, was revoked or was rotated.',
            look: `\`aws events describe-connection --name ${apiDestinations.connection.connectionName}\`: which key does it have, since when? If the key is valid, Momento's status page.`,
            act:
              'give the connection the new key: deploy with its versionId, use ApiKeyRotation.followSecret(), or update the parameter of ' +
              'the one-click template. Commands are retried until maxEventAge.',
            paragraph: 'nothingdelivered',
          },
        });
      // Two metrics for each rule.
      const [delivering = [], ...moreDelivering] = groupsOf(deliveryRules, MAX_METRICS / 2);
      this.nothingDelivered = stuck(delivering, 'NothingDelivered');
      moreDelivering.forEach((group, index) => stuck(group, `NothingDelivered${(index + 2).toString()}`));
    }
    if (apiDestinations?.followRotation) {
      const { handler } = apiDestinations.followRotation;
      this.followRotationErrors = new ThresholdAlarm(this, 'FollowRotationErrors', {
        actions,
        metric: handler.metricErrors(),
        runbook: {
          happened:
            'the rotated API key could not be copied to the connection to Momento. The connection keeps its key, and the copy is ' +
            'retried within 15 minutes.',
          look: logCommand(handler, 'ERROR'),
          act: 'fix what the log names: the secret, or a permission. Keep the previous key valid meanwhile.',
          paragraph: 'followrotationerrors',
        },
      });
    }
    this.alarms = alarmsOf(this);
  }
}

/** The rules in their order, at most so many together. */
function groupsOf(rules: readonly events.Rule[], most: number): (readonly events.Rule[])[] {
  const starts = Array.from({ length: Math.ceil(rules.length / most) }, (_, index) => index * most);
  return starts.map((start) => rules.slice(start, start + most));
}

function halfOf(duration: Duration): Duration {
  return Duration.millis(duration.toMilliseconds() / 2);
}
