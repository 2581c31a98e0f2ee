import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ApiDestinations } from './api-destinations';
import { commandPatterns, type KeyKind } from './command-patterns';
import { allowRules, newDeadLetterQueue } from './dead-letters';
import type { EventBridgeToMomentoProps } from './eventbridge-to-momento-props';
import { momentoCall } from './momento-calls';
import { MomentoCommand } from './momento-command';
import { MomentoEndpoint } from './momento-endpoint';
import { checkAccount, checkOneOf, checkRegion, checkWholeNumber, refuse } from './prop-checks';

/** Momento's soft limits, operations a second: 100 on caches, 10 on topics. */
const RATE_LIMITS: Record<MomentoCommand, number> = {
  [MomentoCommand.CACHE_SET]: 100,
  [MomentoCommand.CACHE_DELETE]: 100,
  [MomentoCommand.TOPIC_PUBLISH]: 10,
};

/** EventBridge's quota for the characters of an event pattern, which only AWS can raise. */
const MAX_PATTERN_CHARACTERS = 2048;

const RULE_SUFFIXES: Record<KeyKind, string> = { key: 'ByKey', key_base64: 'ByKeyBase64' };

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
   * The rules that accept commands: one for each command and kind of key.
   */
  public readonly deliveryRules: events.Rule[];

  /**
   * The rules that take to the dead-letter queue what has the detail-type of a command and is none: one for each command.
   */
  public readonly refusalRules: events.Rule[];

  /**
   * What EventBridge delivers as: it may call the API destinations, and nothing else.
   */
  public readonly deliveryRole: iam.Role;

  /**
   * What holds EventBridge's copy of the API key. Optional, as only the delivery by API destinations has one.
   */
  public readonly connection?: events.Connection;

  /**
   * The API destinations, by the detail-type of their command. Only the delivery by API destinations has any.
   */
  public readonly apiDestinations: Record<string, events.ApiDestination>;

  /**
   * Goes off when commands have failed for good in the last 5 minutes.
   */
  public readonly failedInvocationsAlarm: cloudwatch.Alarm;

  /**
   * Is on while the dead-letter queue is not empty.
   */
  public readonly deadLettersAlarm: cloudwatch.Alarm;

  private readonly commands: MomentoCommand[];

  public constructor(scope: Construct, id: string, props: EventBridgeToMomentoProps) {
    super(scope, id);
    checkGivenResources(this, props);
    this.commands = checkedCommands(this, props.commands);
    const sources = checkedSources(this, props.sources);

    this.apiKey = props.apiKey;
    this.eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    this.deadLetterQueue = props.deadLetterQueue ?? newDeadLetterQueue(this, 'DeadLetterQueue');
    const endpoint = props.endpoint ?? MomentoEndpoint.forRegion(Stack.of(this).region);
    const delivery = new ApiDestinations(this, 'ApiDestinations', {
      ...props,
      ...checkedRetries(this, props),
      url: endpoint.bind(this),
      rateLimits: new Map(this.commands.map((command) => [command, checkedRateLimit(this, props, command)])),
      deadLetterQueue: this.deadLetterQueue,
    });
    this.connection = delivery.connection;
    this.deliveryRole = delivery.role;
    this.apiDestinations = Object.fromEntries(delivery.destinations);

    this.deliveryRules = [];
    this.refusalRules = [];
    for (const command of this.commands) {
      const { accepted, refused } = commandPatterns(command, sources);
      const name = momentoCall(command).id;
      for (const { keyKind, pattern } of accepted) {
        const suffix = keyKind === undefined ? 'Rule' : RULE_SUFFIXES[keyKind];
        const target = delivery.target(command, keyKind);
        this.deliveryRules.push(this.rule(`${name}${suffix}`, `Takes ${command} to Momento`, pattern, target));
      }
      const refuge = { bind: () => ({ arn: this.deadLetterQueue.queueArn }) };
      const description = `Takes what is no valid ${command} to the dead-letter queue`;
      this.refusalRules.push(this.rule(`${name}Refused`, description, refused, refuge));
    }
    // With its policy, without which the first commands would be dead letters.
    for (const rule of this.deliveryRules) {
      rule.node.addDependency(this.deliveryRole);
    }
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
   * How many commands failed for good: refused by Momento or tried in vain, and such as the dead-letter queue did not take.
   *
   * @param props by default over 5 minutes
   */
  public metricFailedInvocations(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Failed invocations', 'FailedInvocations', [...this.deliveryRules, ...this.refusalRules], props);
  }

  /**
   * How many commands were accepted, and then sent to the dead-letter queue instead of Momento.
   *
   * @param props by default over 5 minutes
   */
  public metricSentToDeadLetters(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Sent to dead letters', 'InvocationsSentToDlq', this.deliveryRules, props);
  }

  /**
   * How many events had the detail-type of a command, were none, and were sent to the dead-letter queue for that.
   *
   * @param props by default over 5 minutes
   */
  public metricRefused(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.sum('Refused', 'Invocations', this.refusalRules, props);
  }

  private rule(
    id: string,
    description: string,
    eventPattern: events.EventPattern,
    target: events.IRuleTarget,
  ): events.Rule {
    checkPatternSize(this, eventPattern);
    return new events.Rule(this, id, { description, eventBus: this.eventBus, eventPattern, targets: [target] });
  }

  private sum(
    label: string,
    metricName: string,
    rules: events.Rule[],
    props: cloudwatch.MathExpressionOptions = {},
  ): cloudwatch.MathExpression {
    // EventBridge writes a metric only when it is not zero, and what is missing from a sum would leave nothing of it.
    const expression = rules.map((_, i) => `FILL(m${i.toString()}, 0)`).join(' + ');
    return new cloudwatch.MathExpression({
      label,
      ...props,
      expression,
      usingMetrics: Object.fromEntries(
        rules.map((rule, i) => [`m${i.toString()}`, this.metricOfRule(rule, metricName, { period: props.period })]),
      ),
    });
  }

  private alarm(
    id: string,
    props: EventBridgeToMomentoProps,
    what: { metric: cloudwatch.IMetric; alarmDescription: string },
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      ...what,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (props.alarmActions?.length) {
      alarm.addAlarmAction(...props.alarmActions);
    }
    return alarm;
  }
}

function checkGivenResources(scope: Construct, props: EventBridgeToMomentoProps): void {
  const { apiKey, eventBus, deadLetterQueue } = props;
  const user = 'this construct';
  checkRegion(scope, 'apiKey', apiKey.env, 'Give a secret of that region, or a replica in it.', user);
  if (eventBus) {
    const forward = 'Give a bus of the same account and region, and a rule on the other bus whose target is that bus.';
    checkRegion(scope, 'eventBus', eventBus.env, forward, user);
    checkAccount(scope, 'eventBus', eventBus.env, forward, user);
  }
  if (deadLetterQueue) {
    checkRegion(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that region.', user);
    if (deadLetterQueue.fifo) {
      refuse(scope, 'deadLetterQueue is a FIFO queue, which EventBridge does not send to. Give a standard queue.');
    }
  }
}

function checkedCommands(scope: Construct, commands = Object.values(MomentoCommand)): MomentoCommand[] {
  for (const command of commands) {
    checkOneOf(scope, 'commands', command, Object.values(MomentoCommand));
  }
  if (commands.length === 0) {
    refuse(scope, 'commands is empty, so nothing would be done. Name a command, or leave it out for all.');
  }
  return [...new Set(commands)];
}

function checkedSources(scope: Construct, sources: readonly string[] | undefined): readonly string[] {
  if (sources && (sources.length === 0 || sources.includes(''))) {
    refuse(scope, 'sources is empty or has an empty source, which no event has. Leave it out to take any source.');
  }
  return sources ?? [];
}

function checkedRateLimit(
  scope: Construct,
  { rateLimits }: EventBridgeToMomentoProps,
  command: MomentoCommand,
): number {
  const limit = rateLimits?.[command] ?? RATE_LIMITS[command];
  checkWholeNumber(scope, `rateLimits.${command}`, limit, 1);
  return limit;
}

function checkedRetries(
  scope: Construct,
  props: EventBridgeToMomentoProps,
): { maxEventAge: Duration; retryAttempts: number } {
  const { maxEventAge = Duration.hours(1), retryAttempts = 185 } = props;
  checkWholeNumber(scope, 'maxEventAge in seconds', maxEventAge.toSeconds({ integral: false }), 60, 86_400);
  checkWholeNumber(scope, 'retryAttempts', retryAttempts, 0, 185);
  return { maxEventAge, retryAttempts };
}

function checkPatternSize(scope: Construct, { source, detailType, detail }: events.EventPattern): void {
  const written = JSON.stringify({ source, 'detail-type': detailType, detail });
  if (!Token.isUnresolved(written) && written.length > MAX_PATTERN_CHARACTERS) {
    refuse(
      scope,
      `sources makes an event pattern of ${written.length.toString()} characters, and EventBridge takes ` +
        `${MAX_PATTERN_CHARACTERS.toString()}. Give fewer sources, or a bus of their own to these events.`,
    );
  }
}
