import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { handlerMetric } from '../common/handler-metric';
import type { MomentoCommand } from '../common/momento-command';
import { addOutputs } from '../common/outputs';
import { fail } from '../common/prop-checks';
import { checkPatternLength, checkRuleTexts } from '../common/rule-limits';
import { RetainingQueue } from '../common/retaining-queue';
import { allowRules } from './allow-rules';
import type { ApiDestinationsResources } from './api-destinations-resources';
import type { BoundDelivery, Route } from './bound-delivery';
import { Delivery } from './delivery';
import {
  checkedCommands,
  checkedRateLimits,
  checkedRetries,
  checkedSources,
  checkGivenResources,
} from './eventbridge-to-momento-checks';
import type { EventBridgeToMomentoProps } from './eventbridge-to-momento-props';
import type { EventCommandOptions } from './event-command-options';
import { checkedEventPattern } from './event-rule-pattern';
import type { LambdaFunctionResources } from './lambda-function-resources';
import { MomentoEndpoint } from '../common/momento-endpoint';

/** The rules of one command. */
interface CommandRules {
  readonly valid: events.Rule[];
  readonly invalid: events.Rule[];
}

/**
 * Options for a metric of commands.
 */
export interface CommandMetricOptions extends cloudwatch.MathExpressionOptions {
  /**
   * The command to count.
   *
   * @default - all commands of the construct
   */
  readonly command?: MomentoCommand;
}

/**
 * Turns events into Momento cache items and topic messages: events with the detail-type `cacheSet`, `cacheDelete` or
 * `topicPublish` become calls of Momento's HTTP API.
 *
 * Every such event matches exactly one rule. Valid commands are delivered; invalid and undeliverable ones go to the
 * dead-letter queue.
 */
export class EventBridgeToMomento extends Construct {
  /**
   * The event bus that the commands are put on.
   */
  public readonly eventBus: events.IEventBus;

  /**
   * The dead-letter queue: invalid, rejected and undeliverable commands, each as the whole event.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * The secret with the Momento API key.
   */
  public readonly apiKey: secretsmanager.ISecret;

  /**
   * The commands that are delivered.
   */
  public readonly commands: MomentoCommand[];

  /**
   * The sources that commands are accepted from; if empty, every source.
   */
  public readonly sources: string[];

  /**
   * How long a command is tried before it goes to the dead-letter queue.
   */
  public readonly maxEventAge: Duration;

  /**
   * The rules that match valid commands: with `Delivery.apiDestinations()` one for each command and kind of key, with
   * `Delivery.lambdaFunction()` one for each command. Then those of `onEvent()`.
   */
  public readonly deliveryRules: events.Rule[];

  /**
   * The rules that send invalid commands to the dead-letter queue: with `Delivery.apiDestinations()` one for each command and
   * for each `onEvent()` that needs one, with `Delivery.lambdaFunction()` none, because the function does it.
   */
  public readonly invalidCommandRules: events.Rule[];

  /**
   * The resources of `Delivery.apiDestinations()`; undefined with another delivery.
   */
  public readonly apiDestinations?: ApiDestinationsResources;

  /**
   * The resources of `Delivery.lambdaFunction()`; undefined with another delivery.
   */
  public readonly lambdaFunction?: LambdaFunctionResources;

  private readonly delivery: BoundDelivery;

  private readonly rulesByCommand: ReadonlyMap<MomentoCommand, CommandRules>;

  private isCounted = false;

  public constructor(scope: Construct, id: string, props: EventBridgeToMomentoProps) {
    super(scope, id);
    checkGivenResources(this, props);
    const { queueRemovalPolicy } = props;
    const { maxEventAge, retryAttempts } = checkedRetries(this, props);
    this.commands = checkedCommands(this, props.commands);
    this.sources = checkedSources(this, props.sources);
    this.maxEventAge = maxEventAge;
    this.apiKey = props.apiKey;
    this.eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    this.deadLetterQueue =
      props.deadLetterQueue ?? new RetainingQueue(this, 'DeadLetterQueue', { removalPolicy: queueRemovalPolicy });
    const endpoint = props.endpoint ?? MomentoEndpoint.forRegion(Stack.of(this).region);
    this.delivery = (props.delivery ?? Delivery.apiDestinations())._bind(this, {
      apiKey: props.apiKey,
      apiKeyField: props.apiKeyField,
      eventBus: this.eventBus,
      maxEventAge,
      retryAttempts,
      url: endpoint.bind(this),
      commands: this.commands,
      sources: this.sources,
      rateLimits: checkedRateLimits(this, props),
      deadLetterQueue: this.deadLetterQueue,
      queueRemovalPolicy,
    });
    const { delivery } = this;
    this.apiDestinations = delivery.apiDestinations;
    this.lambdaFunction = delivery.lambdaFunction;

    const routes = this.commands.map((command) => ({ command, ...delivery.routes(command, this.sources) }));
    const valid = routes.map((of) => of.valid.map((route) => this.rule(route)));
    const invalid = routes.map((of) => of.invalid.map((route) => this.rule(route)));
    this.deliveryRules = valid.flat();
    this.invalidCommandRules = invalid.flat();
    this.rulesByCommand = new Map(
      this.commands.map((command, i) => [command, { valid: valid[i] ?? [], invalid: invalid[i] ?? [] }]),
    );
    delivery.allow(this.deliveryRules);
    allowRules(this, this.deadLetterQueue, () => [...this.deliveryRules, ...this.invalidCommandRules]);

    if (props.outputs ?? true) {
      const { commandQueue } = delivery.lambdaFunction ?? {};
      addOutputs(this, {
        DeadLetterQueueUrl: {
          value: props.deadLetterQueue ? undefined : this.deadLetterQueue.queueUrl,
          description: 'The dead-letter queue of the commands to Momento: invalid, rejected and undeliverable ones',
        },
        CommandQueueUrl: {
          value: commandQueue instanceof RetainingQueue ? commandQueue.queueUrl : undefined,
          description: 'The queue of the commands that wait for the function that delivers them to Momento',
        },
      });
    }
  }

  /**
   * Makes a command of each of your own events that match a pattern: a cache item, a deletion or a topic message, without a
   * function of yours. Adds a rule to the bus, and with `Delivery.apiDestinations()` another one for the events that lack what the
   * command needs: these go to the dead-letter queue.
   *
   * Call it before you take metrics of this construct or create its alarms and dashboards, which count the rules there are.
   *
   * A dead letter has the event as it was on the bus. To redrive it puts the event on the bus again, where every rule that matches
   * it receives it again, yours included.
   *
   * @example
   * import { Duration } from 'aws-cdk-lib';
   * import { MomentoCommandTemplate, TemplateTtl } from 'cdk-momento-eventbridge';
   *
   * toMomento.onEvent('OrderPlaced', {
   *   eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
   *   command: MomentoCommandTemplate.cacheSet({
   *     cacheName: 'orders',
   *     key: '{detail.id}',
   *     message: '{detail}',
   *     ttl: TemplateTtl.duration(Duration.hours(1)),
   *   }),
   * });
   *
   * @param id the construct id of the rule, unique in this construct
   * @param options the events, and the command that they become
   */
  public onEvent(id: string, options: EventCommandOptions): events.Rule {
    checkRuleTexts(this, options);
    if (this.isCounted) {
      fail(
        this,
        `onEvent ${id} must be called before the metrics, alarms and dashboards of this construct, which would not count its ` +
          'events. Move the call up.',
      );
    }
    const template = options.command._bind(this);
    const rules = this.rulesByCommand.get(template.command);
    if (!rules) {
      fail(this, `commands must include ${template.command} for onEvent ${id}. Add it to commands.`);
    }
    const pattern = checkedEventPattern(this, options.eventPattern, template);
    const { valid, invalid } = this.delivery.eventRoutes(id, pattern, template);
    const { ruleName, description } = options;
    const limit = { prop: 'eventPattern', remedy: 'Shorten it, or use several rules.' };
    const rule = this.rule({ ...valid, ...(description && { description }) }, limit, ruleName);
    this.deliveryRules.push(rule);
    rules.valid.push(rule);
    if (invalid) {
      const invalidRule = this.rule(invalid, limit);
      this.invalidCommandRules.push(invalidRule);
      rules.invalid.push(invalidRule);
    }
    return rule;
  }

  /**
   * Permits a principal to put commands on the bus: events with the detail-types of this construct's commands, and no others.
   *
   * @param grantee the principal
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
   * Permits a principal to receive and delete messages of the command queue.
   *
   * @param grantee the principal
   * @throws if `delivery` is not `Delivery.lambdaFunction()`
   */
  public grantConsumeCommandQueue(grantee: iam.IGrantable): iam.Grant {
    return this.lambdaFunctionFor('grantConsumeCommandQueue').commandQueue.grantConsumeMessages(grantee);
  }

  /**
   * Permits a principal to receive and delete messages of the dead-letter queue.
   *
   * @param grantee the principal
   */
  public grantConsumeDeadLetterQueue(grantee: iam.IGrantable): iam.Grant {
    return this.deadLetterQueue.grantConsumeMessages(grantee);
  }

  /**
   * A metric of the function of `Delivery.lambdaFunction()`, in the namespace `MomentoEventBridge`.
   *
   * @param metricName such as `Postponed`
   * @param props by default the sum over 5 minutes
   * @throws if `delivery` is not `Delivery.lambdaFunction()`
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.lambdaFunctionFor('metric').handler, metricName, props);
  }

  /**
   * A metric of one of the rules, in EventBridge's namespace `AWS/Events`.
   *
   * @param rule one of `deliveryRules` or `invalidCommandRules`
   * @param metricName such as `Invocations` or `RetryInvocationAttempts`
   * @param props by default the sum over 5 minutes
   */
  public metricRule(rule: events.IRule, metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    // EventBridge adds the name of the bus to the dimensions for every bus but the default one.
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
   * The number of commands that the rules matched on the bus, valid and invalid ones.
   *
   * @param props by default over 5 minutes, all commands together
   */
  public metricReceived(props: CommandMetricOptions = {}): cloudwatch.MathExpression {
    const { command, ...expression } = props;
    const { valid, invalid } = this.rulesOf(command);
    return this.sum('Received', expression, (options) =>
      this.metricRules([...valid, ...invalid], 'TriggeredRules', options),
    );
  }

  /**
   * The number of events that failed permanently: with `Delivery.apiDestinations()` those that Momento rejected or that ran
   * out of retries, with `Delivery.lambdaFunction()` those that the command queue did not take; in both those that the
   * dead-letter queue did not take.
   *
   * @param props by default over 5 minutes, all commands together
   */
  public metricFailedInvocations(props: CommandMetricOptions = {}): cloudwatch.MathExpression {
    const { command, ...expression } = props;
    const { valid, invalid } = this.rulesOf(command);
    return this.sum('Failed invocations', expression, (options) =>
      this.metricRules([...valid, ...invalid], 'FailedInvocations', options),
    );
  }

  /**
   * The number of commands that Momento accepted.
   *
   * @param props by default over 5 minutes, all commands together; `command` only with `Delivery.apiDestinations()`
   * @throws if `command` is given and `delivery` is `Delivery.lambdaFunction()`, whose function counts all commands together
   */
  public metricDelivered(props: CommandMetricOptions = {}): cloudwatch.MathExpression {
    const { command, ...expression } = props;
    if (command !== undefined && this.lambdaFunction) {
      fail(
        this,
        'metricDelivered of one command needs Delivery.apiDestinations(), got Delivery.lambdaFunction(). Leave out command, or ' +
          'use metricReceived.',
      );
    }
    return this.sum('Delivered', expression, (options) =>
      this.lambdaFunction
        ? this.metricHandler('Delivered', options)
        : this.metricRules(this.rulesOf(command).valid, 'SuccessfulInvocationAttempts', options),
    );
  }

  /**
   * The number of repeated attempts to call Momento, with `Delivery.apiDestinations()`, or to put a command in the command
   * queue, with `Delivery.lambdaFunction()`.
   *
   * @param props by default over 5 minutes, all commands together
   */
  public metricRetries(props: CommandMetricOptions = {}): cloudwatch.MathExpression {
    const { command, ...expression } = props;
    return this.sum('Retries', expression, (options) =>
      this.metricRules(this.rulesOf(command).valid, 'RetryInvocationAttempts', options),
    );
  }

  /**
   * The number of events sent to the dead-letter queue: invalid and undeliverable commands. Those that SQS itself moves there,
   * after 1000 receives, are not included.
   *
   * @param props by default over 5 minutes
   */
  public metricDeadLettered(props: cloudwatch.MathExpressionOptions = {}): cloudwatch.MathExpression {
    return this.sum('Dead letters', props, (options) => ({
      ...this.metricRules(this.deliveryRules, 'InvocationsSentToDlq', options),
      ...this.metricRules(this.invalidCommandRules, 'Invocations', options),
      ...(this.lambdaFunction && this.metricHandler('DeadLettered', options)),
    }));
  }

  /**
   * The age of the oldest command in the command queue, in seconds. SQS leaves out a command that was received three times.
   *
   * @param props by default the maximum over a minute
   * @throws if `delivery` is not `Delivery.lambdaFunction()`
   */
  public metricOldestCommandAge(props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.lambdaFunctionFor('metricOldestCommandAge').commandQueue.metricApproximateAgeOfOldestMessage({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
      ...props,
    });
  }

  /**
   * `metricFailedInvocations()` of some of the rules, for an alarm.
   *
   * @internal
   */
  public _metricFailedInvocationsOf(rules: readonly events.Rule[]): cloudwatch.MathExpression {
    return this.sum('Failed invocations', {}, (options) => this.metricRules(rules, 'FailedInvocations', options));
  }

  /**
   * `metricRetries()` and `metricDelivered()` of some of the delivery rules of `Delivery.apiDestinations()`, for an alarm.
   *
   * @internal
   */
  public _metricsRetriedAndDeliveredOf(rules: readonly events.Rule[]): Record<string, cloudwatch.MathExpression> {
    const sum = (label: string, metricName: string) =>
      this.sum(label, {}, (options) => this.metricRules(rules, metricName, options));
    return {
      retries: sum('Retries', 'RetryInvocationAttempts'),
      delivered: sum('Delivered', 'SuccessfulInvocationAttempts'),
    };
  }

  private lambdaFunctionFor(member: string): LambdaFunctionResources {
    return (
      this.lambdaFunction ??
      fail(this, `${member} needs Delivery.lambdaFunction(), got Delivery.apiDestinations(). Pass another delivery.`)
    );
  }

  private rulesOf(command: MomentoCommand | undefined): CommandRules {
    if (command === undefined) {
      return { valid: this.deliveryRules, invalid: this.invalidCommandRules };
    }
    return (
      this.rulesByCommand.get(command) ??
      fail(this, `command must be one of ${this.commands.join(', ')}, got ${command}. Add it to commands.`)
    );
  }

  private rule(
    { id, description, pattern, target }: Route,
    { prop, remedy } = { prop: 'sources', remedy: 'Pass fewer sources, or put these events on a bus of their own.' },
    ruleName?: string,
  ): events.Rule {
    const rule = new events.Rule(this, id, {
      ruleName,
      description,
      eventBus: this.eventBus,
      eventPattern: pattern,
      targets: [target],
    });
    checkPatternLength(this, rule, prop, remedy);
    return rule;
  }

  private metricRules(
    rules: readonly events.Rule[],
    metricName: string,
    options: cloudwatch.MetricOptions,
  ): Record<string, cloudwatch.Metric> {
    return Object.fromEntries(
      rules.map((rule) => [termId(rule, metricName, options), this.metricRule(rule, metricName, options)]),
    );
  }

  private metricHandler(metricName: string, options: cloudwatch.MetricOptions): Record<string, cloudwatch.Metric> {
    return { [termId(this, metricName, options)]: this.metric(metricName, options) };
  }

  private sum(
    label: string,
    props: cloudwatch.MathExpressionOptions,
    termsOver: (options: cloudwatch.MetricOptions) => Record<string, cloudwatch.Metric>,
  ): cloudwatch.MathExpression {
    this.isCounted = true;
    const usingMetrics = termsOver({ period: props.period });
    // A metric is written only when it is not zero, and a missing term would leave the sum without data.
    const expression = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
    return new cloudwatch.MathExpression({ label, ...props, expression: expression.join(' + '), usingMetrics });
  }
}

/** The id of a term: all expressions of one graph share their ids, whichever constructs they are of. */
function termId({ node }: Construct, metricName: string, { period }: cloudwatch.MetricOptions): string {
  const seconds = period === undefined ? '' : `p${period.toSeconds().toString()}`;
  return `${metricName.charAt(0).toLowerCase()}${metricName.slice(1)}${seconds}_${node.addr.slice(-8)}`;
}
