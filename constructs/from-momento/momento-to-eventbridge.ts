import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { handlerMetric } from '../common/handler-metric';
import type { Output, OutputName } from '../common/outputs';
import { checkPatternLength, checkRuleTexts } from '../common/rule-limits';
import { detailType } from '../common/detail-type';
import { checkNotWidening, messagePattern, type RuleMethods } from './message-pattern';
import type { MomentoMessageFilter } from './momento-message-filter';
import type { MomentoToEventBridgeProps } from './momento-to-eventbridge-props';

/**
 * Options for `onMessage`.
 */
export interface OnMessageOptions extends events.OnEventOptions, MomentoMessageFilter {}

/**
 * What `MomentoTopicToEventBridge` and `MomentoWebhookToEventBridge` have in common: the messages of Momento topics are on a
 * bus, and what the bus does not take is in queues. Code that takes a `MomentoToEventBridge` works with either.
 */
export abstract class MomentoToEventBridge extends Construct {
  /**
   * The event pattern for messages that match a filter, for a rule of your own, in this stack or another.
   *
   * It matches the names in the detail. If both are given and neither is a token, it matches the detail-type too.
   *
   * @param filter the messages to match; without it, all messages of Momento
   */
  public static pattern(filter: MomentoMessageFilter = {}): events.EventPattern {
    return messagePattern(filter);
  }

  /**
   * The detail-type of the messages of one topic: `{cacheName}#{topicName}`.
   *
   * EventBridge allows 128 characters. A longer detail-type becomes its first 111 characters (Unicode code points), `~`, and
   * the first 16 hex digits of its SHA-256 in UTF-8. Different topics can share a detail-type, because a name may contain
   * `#`: `pattern` distinguishes them by the detail.
   *
   * @param cacheName the name of the cache, not a token
   * @param topicName the name of the topic, not a token
   * @throws if a name is a token, because a hash of it cannot be computed at synth
   */
  public static detailType(cacheName: string, topicName: string): string {
    return detailType(cacheName, topicName);
  }

  /**
   * The function that puts the messages on the bus.
   */
  public abstract readonly handler: lambda.Function;

  /**
   * The log group of `handler`.
   */
  public abstract readonly logGroup: logs.ILogGroup;

  /**
   * The event bus that the messages are put on.
   */
  public abstract readonly eventBus: events.IEventBus;

  /**
   * The fallback queue: messages that the bus did not take.
   */
  public abstract readonly fallbackQueue: sqs.IQueue;

  /**
   * The function that puts parked messages on the bus. Its log group is its member `logGroup`.
   */
  public abstract readonly redriveHandler: lambda.Function;

  /**
   * The dead-letter queue: messages that could not be put on the bus.
   */
  public abstract readonly deadLetterQueue: sqs.IQueue;

  /**
   * Adds a rule to the bus for some of Momento's messages, or all. It matches what any construct puts on that bus, whether by
   * webhook or by subscription.
   *
   * @param id the construct id of the rule, unique in this construct
   * @param options the messages to match, and the target. An `eventPattern` narrows the match further. All of it makes a pattern
   * of at most 4,096 characters, and of at most 2,048 unless AWS has raised that quota of the account
   */
  public onMessage(id: string, options: OnMessageOptions = {}): events.Rule {
    const { cacheName, topicName, tokenId, ...ruleOptions } = options;
    const pattern = messagePattern({ cacheName, topicName, tokenId });
    return this._addRule({ rule: 'onMessage', pattern: 'pattern' }, id, pattern, ruleOptions);
  }

  /**
   * Permits a principal to receive and delete messages of the fallback queue.
   *
   * @param grantee the principal
   */
  public grantConsumeFallbackQueue(grantee: iam.IGrantable): iam.Grant {
    return this.fallbackQueue.grantConsumeMessages(grantee);
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
   * A metric of `handler`, in the namespace `MomentoEventBridge`.
   *
   * @param metricName its name
   * @param props by default the sum over 5 minutes
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.handler, metricName, props);
  }

  /**
   * The number of parked messages that were put on the bus.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricRedriven(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.redriveHandler, 'Redriven', props);
  }

  /**
   * The number of failed attempts to put a parked message on the bus. A message counts every time.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricPostponed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.redriveHandler, 'Postponed', props);
  }

  /**
   * The number of parked messages that the redrive handler moved to the dead-letter queue. Those that SQS itself moves there,
   * after 1000 receives, are not included.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDeadLettered(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.redriveHandler, 'DeadLettered', props);
  }

  /**
   * Adds a rule to the bus whose pattern the caller may narrow but not widen.
   *
   * @internal
   */
  protected _addRule(
    methods: RuleMethods,
    id: string,
    pattern: events.EventPattern,
    options: events.OnEventOptions,
  ): events.Rule {
    const { target, crossStackScope, eventPattern = {}, ...ruleProps } = options;
    checkNotWidening(methods, pattern, eventPattern);
    const rule = new events.Rule(crossStackScope ?? this, id, {
      ...ruleProps,
      eventBus: this.eventBus,
      eventPattern: pattern,
      targets: target && [target],
    });
    // Added last: a rule merges into the pattern it was created with, and the caller may use that pattern again.
    rule.addEventPattern(eventPattern);
    checkRuleTexts(rule, options);
    checkPatternLength(rule, rule, `the filter of ${methods.rule}`, 'Shorten it, or divide it between two rules.');
    return rule;
  }

  /**
   * The metric by one more dimension, if it has a value.
   *
   * @internal
   */
  protected _metricBy(
    metricName: string,
    dimension: string,
    value: string | undefined,
    options: cloudwatch.MetricOptions,
  ): cloudwatch.Metric {
    return this.metric(
      metricName,
      value === undefined
        ? options
        : {
            ...options,
            dimensionsMap: { FunctionName: this.handler.functionName, [dimension]: value, ...options.dimensionsMap },
          },
    );
  }

  /**
   * The outputs for the queues that the construct creates.
   *
   * @internal
   */
  protected _queueOutputs(props: MomentoToEventBridgeProps): Partial<Record<OutputName, Output>> {
    return {
      FallbackQueueUrl: {
        value: props.fallbackQueue ? undefined : this.fallbackQueue.queueUrl,
        description: 'The fallback queue: Momento messages that wait for the event bus',
      },
      DeadLetterQueueUrl: {
        value: props.deadLetterQueue ? undefined : this.deadLetterQueue.queueUrl,
        description: 'The dead-letter queue: Momento messages that could not be put on the event bus',
      },
    };
  }
}
