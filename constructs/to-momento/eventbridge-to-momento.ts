import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Route } from './bound-delivery';
import { allowRules, newDeadLetterQueue } from './dead-letters';
import { Delivery } from './delivery';
import {
  checkedCommands,
  checkedRateLimits,
  checkedRetries,
  checkedSources,
  checkGivenResources,
  checkPatternSize,
} from './eventbridge-to-momento-checks';
import type { EventBridgeToMomentoProps } from './eventbridge-to-momento-props';
import type { MomentoCommand } from '../common/momento-command';
import { MomentoEndpoint } from './momento-endpoint';
import { refuse } from '../common/prop-checks';

/**
 * Turns events into Momento cache items and topic messages: the detail-types `cacheSet`, `cacheDelete` and
 * `topicPublish` become calls of Momento's HTTP API.
 *
 * Each such event matches exactly one rule. Those that are commands are delivered; the others, and those that could not be
 * delivered, are in the dead-letter queue.
 */
export class EventBridgeToMomento extends Construct {
  /**
   * The bus that the commands are put on.
   */
  public readonly eventBus: events.IEventBus;

  /**
   * Where commands go that are none, that Momento refused, or that were tried in vain, each as the whole event.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * The API key that Momento is called with.
   */
  public readonly apiKey: secretsmanager.ISecret;

  /**
   * The rules that accept commands: by API destination one for each command and kind of key, by Lambda one for each command.
   */
  public readonly deliveryRules: events.Rule[];

  /**
   * The rules that take to the dead-letter queue what has the detail-type of a command and is none: by API destination one
   * for each command, by Lambda none, as the function does it.
   */
  public readonly refusalRules: events.Rule[];

  /**
   * What EventBridge delivers as: it may call the API destinations, and nothing else. Only the delivery by API destinations
   * has one.
   */
  public readonly deliveryRole?: iam.Role;

  /**
   * What holds EventBridge's copy of the API key. Only the delivery by API destinations has one.
   */
  public readonly connection?: events.Connection;

  /**
   * The API destinations, by the detail-type of their command. Only the delivery by API destinations has any.
   */
  public readonly apiDestinations: Record<string, events.ApiDestination>;

  /**
   * The function that gives the connection the API key when the secret has changed. Only with `followSecretRotation`.
   */
  public readonly followRotationHandler?: lambda.Function;

  /**
   * The rule that runs that function when Secrets Manager says that the secret has changed.
   */
  public readonly apiKeyChangedRule?: events.Rule;

  /**
   * The rule that runs that function every 15 minutes.
   */
  public readonly apiKeyScheduleRule?: events.Rule;

  /**
   * Where commands wait for the function that delivers them. Only the delivery by Lambda has one.
   */
  public readonly commandQueue?: sqs.IQueue;

  /**
   * The function that delivers. Only the delivery by Lambda has one.
   */
  public readonly deliverHandler?: lambda.Function;

  /**
   * Goes off when events have failed for good in the last 5 minutes: by API destination at Momento, by Lambda on their way
   * into the queue of commands.
   */
  public readonly failedInvocationsAlarm: cloudwatch.Alarm;

  /**
   * Is on while the dead-letter queue is not empty.
   */
  public readonly deadLettersAlarm: cloudwatch.Alarm;

  /**
   * Goes off when the function that delivers has failed, and its batch is tried again. Only the delivery by Lambda has one.
   */
  public readonly deliverErrorsAlarm?: cloudwatch.Alarm;

  /**
   * Goes off when Lambda had no room to run the function that delivers. Only the delivery by Lambda has one.
   */
  public readonly deliverThrottlesAlarm?: cloudwatch.Alarm;

  /**
   * Goes off when commands have waited for half of `maxEventAge`. Only the delivery by Lambda has one.
   */
  public readonly commandsWaitingAlarm?: cloudwatch.Alarm;

  /**
   * Goes off when the connection could not be given the API key. Only with `followSecretRotation`.
   */
  public readonly followRotationErrorsAlarm?: cloudwatch.Alarm;

  /**
   * What events may have Momento do.
   */
  public readonly commands: MomentoCommand[];

  /**
   * The sources that commands are taken from; with none, every source.
   */
  public readonly sources: string[];

  public constructor(scope: Construct, id: string, props: EventBridgeToMomentoProps) {
    super(scope, id);
    checkGivenResources(this, props);
    this.commands = checkedCommands(this, props.commands);
    this.sources = checkedSources(this, props.sources);

    this.apiKey = props.apiKey;
    this.eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    this.deadLetterQueue = props.deadLetterQueue ?? newDeadLetterQueue(this, 'DeadLetterQueue');
    const endpoint = props.endpoint ?? MomentoEndpoint.forRegion(Stack.of(this).region);
    const { maxEventAge, retryAttempts } = checkedRetries(this, props);
    const delivery = (props.delivery ?? Delivery.apiDestinations())._bind(this, {
      ...props,
      eventBus: this.eventBus,
      maxEventAge,
      retryAttempts,
      url: endpoint.bind(this),
      commands: this.commands,
      rateLimits: checkedRateLimits(this, props),
      deadLetterQueue: this.deadLetterQueue,
    });
    this.deliveryRole = delivery.role;
    this.connection = delivery.connection;
    this.apiDestinations = { ...delivery.apiDestinations };
    this.followRotationHandler = delivery.followRotationHandler;
    this.apiKeyChangedRule = delivery.followRotationHandler?.changeRule;
    this.apiKeyScheduleRule = delivery.followRotationHandler?.scheduleRule;
    this.commandQueue = delivery.commandQueue;
    this.deliverHandler = delivery.deliverHandler;

    const routes = this.commands.map((command) => delivery.routes(command, this.sources));
    this.deliveryRules = routes.flatMap(({ delivered }) => delivered.map((route) => this.rule(route)));
    this.refusalRules = routes.flatMap(({ refused }) => refused.map((route) => this.rule(route)));
    delivery.allow(this.deliveryRules);
    allowRules(this.deadLetterQueue, [...this.deliveryRules, ...this.refusalRules]);

    this.failedInvocationsAlarm = this.alarm('FailedInvocationsAlarm', props, {
      metric: this.metricFailedInvocations(),
      alarmDescription:
        'Commands to Momento have failed for good. They are in the dead-letter queue, if it could take them.',
    });
    this.deadLettersAlarm = this.alarm('DeadLettersAlarm', props, {
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      alarmDescription: 'The dead-letter queue of the commands to Momento is not empty.',
    });
    if (this.deliverHandler) {
      this.deliverErrorsAlarm = this.alarm('DeliverErrorsAlarm', props, {
        metric: this.deliverHandler.metricErrors(),
        alarmDescription:
          'The function that takes commands to Momento has failed. They stay in their queue and are tried again after its ' +
          'visibility timeout. The log of the function says why; where it cannot start, in one line.',
      });
      this.deliverThrottlesAlarm = this.alarm('DeliverThrottlesAlarm', props, {
        metric: this.deliverHandler.metricThrottles(),
        alarmDescription:
          'Lambda had no room to run the function that takes commands to Momento. They stay in their queue. Raise the ' +
          "account's concurrency.",
      });
      this.commandsWaitingAlarm = this.alarm('CommandsWaitingAlarm', props, {
        metric: this.metricOldestCommandAge(),
        threshold: maxEventAge.toSeconds() / 2,
        alarmDescription:
          'Commands have waited for half of maxEventAge, after which they are dead letters. Either there are more of them ' +
          'than rateLimits lets through, or the function that takes them to Momento fails: its log says which.',
      });
    }
    if (this.followRotationHandler) {
      this.followRotationErrorsAlarm = this.alarm('FollowRotationErrorsAlarm', props, {
        metric: this.followRotationHandler.metricErrors(),
        alarmDescription:
          'The connection to Momento could not be given the API key of the secret. It keeps the one it has, and is tried ' +
          'again within 15 minutes. The log of the function says why.',
      });
    }
  }

  /**
   * Lets somebody put commands on the bus: events with the detail-types of this construct's commands, and no others.
   *
   * @param grantee who
   */
  public grantPutCommands(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['events:PutEvents'],
      resourceArns: [this.eventBus.eventBusArn],
      conditions: { StringEquals: { 'events:detail-type': this.commands } },
    });
  }

  /**
   * Lets somebody receive and delete dead letters.
   *
   * @param grantee who
   */
  public grantConsumeDeadLetters(grantee: iam.IGrantable): iam.Grant {
    return this.deadLetterQueue.grantConsumeMessages(grantee);
  }

  /**
   * A metric that EventBridge writes, in the namespace `AWS/Events`, for one of the rules.
   *
   * @param rule one of `deliveryRules` or `refusalRules`
   * @param metricName such as `Invocations` or `RetryInvocationAttempts`
   * @param props by default the sum over 5 minutes
   */
  public metricOfRule(rule: events.IRule, metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    // EventBridge has the name of the bus among the dimensions for every bus but the default one.
    const isDefault = this.eventBus.eventBusName === 'default';
    return new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName,
      dimensionsMap: {
        ...(!isDefault && { EventBusName: this.eventBus.eventBusName }),
        RuleName: rule.ruleName,
      },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }

  /**
   * How many events failed for good: by API destination refused by Momento or tried in vain, by Lambda not taken by the queue
   * of commands; and such as the dead-letter queue did not take.
   *
   * @param props by default over 5 minutes
   */
  public metricFailedInvocations(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Failed invocations', props, (options) =>
      this.ofRules([...this.deliveryRules, ...this.refusalRules], 'FailedInvocations', options),
    );
  }

  /**
   * How many commands Momento took.
   *
   * @param props by default over 5 minutes
   */
  public metricDelivered(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Delivered', props, (options) =>
      this.deliverHandler
        ? [ofHandler(this.deliverHandler, 'Delivered', options)]
        : this.ofRules(this.deliveryRules, 'SuccessfulInvocationAttempts', options),
    );
  }

  /**
   * How many events were sent to the dead-letter queue: commands that were not delivered, and what is no command. What SQS
   * itself moves there, after 1000 attempts, is not among them.
   *
   * @param props by default over 5 minutes
   */
  public metricDeadLettered(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Dead letters', props, (options) => [
      ...this.ofRules(this.deliveryRules, 'InvocationsSentToDlq', options),
      ...this.ofRules(this.refusalRules, 'Invocations', options),
      ...(this.deliverHandler ? [ofHandler(this.deliverHandler, 'DeadLettered', options)] : []),
    ]);
  }

  /**
   * How many seconds the oldest command has waited to be tried. Only the delivery by Lambda has the metric. SQS leaves out
   * what it has handed out three times.
   *
   * @param props by default the maximum over a minute
   */
  public metricOldestCommandAge(props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    if (!this.commandQueue) {
      refuse(
        this,
        'metricOldestCommandAge is of the queue of Delivery.lambda(). API destinations have no such metric.',
      );
    }
    return this.commandQueue.metricApproximateAgeOfOldestMessage({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
      ...props,
    });
  }

  private rule({ id, description, pattern, target }: Route): events.Rule {
    checkPatternSize(this, pattern);
    return new events.Rule(this, id, {
      description,
      eventBus: this.eventBus,
      eventPattern: pattern,
      targets: [target],
    });
  }

  private ofRules(rules: events.Rule[], metricName: string, options: cloudwatch.MetricOptions): cloudwatch.Metric[] {
    return rules.map((rule) => this.metricOfRule(rule, metricName, options));
  }

  private sum(
    label: string,
    props: cloudwatch.MathExpressionOptions = {},
    metricsOver: (options: cloudwatch.MetricOptions) => cloudwatch.Metric[],
  ): cloudwatch.MathExpression {
    const metrics = metricsOver({ period: props.period });
    // A metric is written only when it is not zero, and what is missing from a sum would leave nothing of it.
    const expression = metrics.map((_, i) => `FILL(m${i.toString()}, 0)`).join(' + ');
    return new cloudwatch.MathExpression({
      label,
      ...props,
      expression,
      usingMetrics: Object.fromEntries(metrics.map((metric, i) => [`m${i.toString()}`, metric])),
    });
  }

  private alarm(
    id: string,
    props: EventBridgeToMomentoProps,
    what: { metric: cloudwatch.IMetric; alarmDescription: string; threshold?: number },
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...what,
    });
    if (props.alarmActions?.length) {
      alarm.addAlarmAction(...props.alarmActions);
    }
    return alarm;
  }
}

/** A metric that a handler writes, in the namespace `MomentoEventBridge`. */
function ofHandler(
  { functionName }: lambda.Function,
  metricName: string,
  options: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'MomentoEventBridge',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: cloudwatch.Stats.SUM,
    ...options,
  });
}
