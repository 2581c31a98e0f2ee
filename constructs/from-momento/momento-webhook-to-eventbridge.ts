import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { handlerMetric } from '../common/handler-metric';
import { addOutputs } from '../common/outputs';
import { BusGuard } from '../common/bus-guard';
import { detailType } from './detail-type';
import { EmptySecret } from './empty-secret';
import { checkNotWidening, messagePattern } from './message-pattern';
import type { RejectedMetricOptions, WebhookMetricOptions } from './metric-options';
import type { MomentoMessageFilter } from './momento-message-filter';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { checkAccount, checkRegion, checkStandardQueue, environmentOf, fail } from '../common/prop-checks';
import { REDRIVE_TIMEOUT, RedriveHandler } from './redrive-handler';
import { ReplayProtection } from './replay-protection';
import { RetainingQueue } from '../common/retaining-queue';
import { WebhookHandler } from './webhook-handler';

/**
 * Options for `onMessage`.
 */
export interface OnMessageOptions extends events.OnEventOptions, MomentoMessageFilter {}

/**
 * Puts the messages of Momento topics on an EventBridge bus.
 *
 * A Momento webhook posts each message to the URL of a Lambda function. The function checks the signature and the age, and
 * puts the message on the bus: source `Momento`, detail-type `{cache}#{topic}`, detail as Momento sent it. A message that the
 * bus does not take waits in a fallback queue, and a second function puts it on the bus when it recovers. A message that
 * cannot be put on the bus at all goes to a dead-letter queue.
 *
 * Momento removed webhooks from its documentation in April 2025 and calls them deprecated; its SDKs still manage them. Check
 * that your account has them before you build on them.
 *
 * @example
 * import * as targets from 'aws-cdk-lib/aws-events-targets';
 * import { MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
 *
 * const momento = new MomentoWebhookToEventBridge(this, 'Momento');
 * momento.onMessage('Chat', { cacheName: 'chat', target: new targets.SqsQueue(queue) });
 */
export class MomentoWebhookToEventBridge extends Construct {
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
   * The URL to register as the Momento webhook. Known at deployment; also the output `Url` of the stack.
   */
  public readonly url: string;

  /**
   * The function URL. It needs no AWS credentials: the handler checks the signature.
   */
  public readonly functionUrl: lambda.FunctionUrl;

  /**
   * The function behind the URL.
   */
  public readonly handler: lambda.Function;

  /**
   * The event bus that the messages are put on.
   */
  public readonly eventBus: events.IEventBus;

  /**
   * The signing secret of the webhook.
   */
  public readonly signingSecret: secretsmanager.ISecret;

  /**
   * The fallback queue: messages that the bus did not take.
   */
  public readonly fallbackQueue: sqs.IQueue;

  /**
   * The function that puts parked messages on the bus. Its log group is its member `logGroup`.
   */
  public readonly redriveHandler: lambda.Function;

  /**
   * The dead-letter queue: messages that could not be put on the bus.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * The table of `replayProtection`, if it has one. The handler's execution environments share it.
   */
  public readonly replayTable?: dynamodb.ITable;

  /**
   * The log group of the function behind the URL.
   */
  public readonly logGroup: logs.ILogGroup;

  public constructor(scope: Construct, id: string, props: MomentoWebhookToEventBridgeProps = {}) {
    super(scope, id);
    checkGivenResources(this, props);

    const eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    if (props.eventBus) {
      new BusGuard(this, 'EventBusMustExist', props.eventBus);
    }
    const signingSecret =
      props.signingSecret ??
      new EmptySecret(this, 'SigningSecret', {
        description: `Signing secret of the Momento webhook of ${this.node.path}`,
        removalPolicy: props.signingSecretRemovalPolicy,
      });
    const removalPolicy = props.queueRemovalPolicy;
    // It can't be limited to the fallback queue (`redriveAllowPolicy`) without a physical name: the fallback queue's redrive
    // policy refers to this queue, and CloudFormation allows no circular reference.
    const deadLetterQueue = props.deadLetterQueue ?? new RetainingQueue(this, 'DeadLetterQueue', { removalPolicy });
    const fallbackQueue = props.fallbackQueue ?? this.createdFallbackQueue(deadLetterQueue, removalPolicy);
    const replays = (props.replayProtection ?? ReplayProtection.memory()).bind(this);
    checkReplayTable(this, replays.table);

    this.eventBus = eventBus;
    this.signingSecret = signingSecret;
    this.fallbackQueue = fallbackQueue;
    this.deadLetterQueue = deadLetterQueue;
    this.replayTable = replays.table;
    this.handler = new WebhookHandler(this, 'Handler', {
      eventBus,
      signingSecret,
      fallbackQueue,
      replays,
      settings: props,
    });
    this.logGroup = this.handler.logGroup;
    this.redriveHandler = new RedriveHandler(this, 'RedriveHandler', {
      eventBus,
      fallbackQueue,
      deadLetterQueue,
      patience: props.redrivePatience,
      settings: props,
    });
    this.functionUrl = this.handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    this.url = this.functionUrl.url;
    if (props.outputs ?? true) {
      addOutputs(this, {
        Url: { value: this.url, description: 'The URL to register as the Momento webhook' },
        SigningSecretArn: {
          value: props.signingSecret ? undefined : signingSecret.secretArn,
          description: 'The secret to put the signing secret of the Momento webhook in',
        },
        FallbackQueueUrl: {
          value: props.fallbackQueue ? undefined : fallbackQueue.queueUrl,
          description: 'The fallback queue: Momento messages that wait for the event bus',
        },
        DeadLetterQueueUrl: {
          value: props.deadLetterQueue ? undefined : deadLetterQueue.queueUrl,
          description: 'The dead-letter queue: Momento messages that could not be put on the event bus',
        },
      });
    }
  }

  /**
   * Adds a rule to the bus for some of Momento's messages, or all.
   *
   * @param id the construct id of the rule, unique in this construct
   * @param options the messages to match, and the target. An `eventPattern` narrows the match further
   */
  public onMessage(id: string, options: OnMessageOptions = {}): events.Rule {
    const { cacheName, topicName, tokenId, target, crossStackScope, eventPattern = {}, ...ruleProps } = options;
    const pattern = MomentoWebhookToEventBridge.pattern({ cacheName, topicName, tokenId });
    checkNotWidening(pattern, eventPattern);
    const rule = new events.Rule(crossStackScope ?? this, id, {
      ...ruleProps,
      eventBus: this.eventBus,
      eventPattern: pattern,
      targets: target && [target],
    });
    // Added last: a rule merges into the pattern it was created with, and the caller may use that pattern again.
    rule.addEventPattern(eventPattern);
    return rule;
  }

  /**
   * Permits a principal, such as a rotation job, to write the signing secret.
   *
   * @param grantee the principal
   */
  public grantWriteSigningSecret(grantee: iam.IGrantable): iam.Grant {
    return this.signingSecret.grantWrite(grantee);
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
   * A metric of the webhook handler, in the namespace `MomentoEventBridge`.
   *
   * @param metricName its name
   * @param props by default the sum over 5 minutes
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.handler, metricName, props);
  }

  /**
   * The number of accepted messages: put on the bus, or parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricAccepted(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Accepted', props);
  }

  /**
   * The number of rejected requests.
   *
   * @param props by default the sum over 5 minutes, all reasons together
   */
  public metricRejected(props: RejectedMetricOptions = {}): cloudwatch.Metric {
    const { reason, ...options } = props;
    return this.metric('Rejected', this.withDimension(options, 'Reason', reason));
  }

  /**
   * The number of duplicates, which were not put on the bus again.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricDuplicate(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Duplicate', props);
  }

  /**
   * The number of accepted messages that the bus did not take and that were parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricParked(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Parked', props);
  }

  /**
   * The number of messages that neither the bus nor the fallback queue took. Each is in the log, whole, at level ERROR.
   * `MomentoWebhookToEventBridgeAlarms` has an alarm for the first one.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricLost(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Lost', props);
  }

  /**
   * The milliseconds from the publication of a message to its arrival, for accepted messages.
   *
   * @param props by default the 99th percentile over 5 minutes, all webhooks together
   */
  public metricMessageAge(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('MessageAge', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * The milliseconds that it took to put a message on the bus, for messages that were not parked.
   *
   * @param props by default the 99th percentile over 5 minutes, all webhooks together
   */
  public metricPublishTime(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('PublishTime', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * The number of genuine messages that arrived while the table of `ReplayProtection` was unavailable, whether accepted or
   * rejected. Always zero without a table.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricReplayGuardUnavailable(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ReplayGuardUnavailable', props);
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

  private metricOfWebhook(metricName: string, props: WebhookMetricOptions = {}): cloudwatch.Metric {
    const { webhook, ...options } = props;
    return this.metric(metricName, this.withDimension(options, 'Webhook', webhook));
  }

  private withDimension(
    options: cloudwatch.MetricOptions,
    dimension: string,
    value: string | undefined,
  ): cloudwatch.MetricOptions {
    return value === undefined
      ? options
      : {
          ...options,
          dimensionsMap: {
            FunctionName: this.handler.functionName,
            [dimension]: value,
            ...options.dimensionsMap,
          },
        };
  }

  private createdFallbackQueue(deadLetterQueue: sqs.IQueue, removalPolicy?: RemovalPolicy): sqs.IQueue {
    return new RetainingQueue(this, 'FallbackQueue', {
      removalPolicy,
      visibilityTimeout: Duration.seconds(6 * REDRIVE_TIMEOUT.toSeconds()),
      // The most that SQS allows: the redrive handler itself moves what it cannot put on the bus. This is for messages that
      // crash it, or that it cannot move.
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 1000 },
    });
  }
}

function checkGivenResources(scope: Construct, props: MomentoWebhookToEventBridgeProps): void {
  const { eventBus, signingSecret, fallbackQueue, deadLetterQueue } = props;
  if (eventBus) {
    const remedy = 'Pass a bus there, and forward events from it with a rule whose target is the other bus.';
    checkRegion(scope, 'eventBus', eventBus.env, remedy);
    checkAccount(scope, 'eventBus', eventBus.env, remedy);
  }
  if (signingSecret) {
    checkRegion(
      scope,
      'signingSecret',
      signingSecret.env,
      'Pass a secret in that region, or a replica of the secret there.',
    );
  }
  if (fallbackQueue) {
    checkStandardQueue(scope, 'fallbackQueue', fallbackQueue);
  }
  if (deadLetterQueue) {
    checkStandardQueue(scope, 'deadLetterQueue', deadLetterQueue);
    checkAccount(
      scope,
      'deadLetterQueue',
      deadLetterQueue.env,
      'Pass a queue in that account, which SQS requires of a dead-letter queue.',
    );
    if (deadLetterQueue.queueArn === fallbackQueue?.queueArn) {
      fail(
        scope,
        'deadLetterQueue must not be the fallbackQueue: its messages would be retried forever. Pass another queue.',
      );
    }
  }
}

function checkReplayTable(scope: Construct, table: dynamodb.ITable | undefined): void {
  if (table) {
    const env = environmentOf(table.tableArn, table.env);
    checkRegion(
      scope,
      'the table of replayProtection',
      env,
      'Pass a table in that region, or a replica of the table there.',
    );
    checkAccount(scope, 'the table of replayProtection', env, 'Pass a table in that account.');
  }
}
