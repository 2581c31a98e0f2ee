import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { detailType } from './detail-type';
import { EmptySecret } from './empty-secret';
import { messagePattern, refuseWidening } from './message-pattern';
import type { MomentoMessageFilter } from './momento-message-filter';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { checkAccount, checkRegion, refuse } from './prop-checks';
import type { RejectionReason } from './rejection-reason';
import { WebhookHandler } from './webhook-handler';

/**
 * How `onMessage` makes its rule.
 */
export interface OnMessageOptions extends events.OnEventOptions, MomentoMessageFilter {}

/**
 * How the metric `Rejected` is read.
 */
export interface RejectedMetricOptions extends cloudwatch.MetricOptions {
  /**
   * Count only the requests refused for this reason.
   *
   * @default - all reasons together
   */
  readonly reason?: RejectionReason;
}

/**
 * Puts the messages of Momento topics on an EventBridge bus.
 *
 * A webhook of Momento posts each message to the URL of a Lambda function, which checks its signature and age and puts
 * it on the bus: source `Momento`, detail-type `{cache}#{topic}`, detail as Momento sent it. What the bus does not take
 * waits in a queue.
 *
 * Momento removed webhooks from its documentation in April 2025 and calls them deprecated; its SDKs still manage them.
 * See that your account still has them before you build on them.
 *
 * @example
 * const momento = new MomentoWebhookToEventBridge(this, 'Momento');
 * momento.onMessage('Chat', { cacheName: 'chat', target: new targets.SqsQueue(queue) });
 */
export class MomentoWebhookToEventBridge extends Construct {
  /**
   * The event pattern of the messages that the filter means, for a rule of your own, in this stack or another.
   *
   * The names are matched in the detail. When both are given and are not tokens, the detail-type is matched too.
   *
   * @param filter which messages; without it, all of Momento's
   */
  public static pattern(filter: MomentoMessageFilter = {}): events.EventPattern {
    return messagePattern(filter);
  }

  /**
   * The detail-type of the messages of one topic: `{cacheName}#{topicName}`.
   *
   * EventBridge takes 128 characters. A longer one becomes its first 111 (Unicode code points), `~`, and the first 16 hex
   * digits of its SHA-256 in UTF-8. Different topics can share a detail-type (a name may hold `#`): `pattern` tells them
   * apart by the detail.
   *
   * @param cacheName the cache, not a token
   * @param topicName the topic, not a token
   */
  public static detailType(cacheName: string, topicName: string): string {
    return detailType(cacheName, topicName);
  }

  /**
   * The address to give to the Momento webhook. Known at deployment; also an output of the stack.
   */
  public readonly url: string;

  /**
   * The handler's URL. Anyone can call it: the signature is what is checked.
   */
  public readonly functionUrl: lambda.FunctionUrl;

  /**
   * The function behind the URL.
   */
  public readonly handler: lambda.Function;

  /**
   * The bus that the messages are put on.
   */
  public readonly eventBus: events.IEventBus;

  /**
   * The webhook's signing secret.
   */
  public readonly signingSecret: secretsmanager.ISecret;

  /**
   * Where messages wait that the bus did not take.
   */
  public readonly fallbackQueue: sqs.IQueue;

  /**
   * The handler's log.
   */
  public readonly logGroup: logs.ILogGroup;

  public constructor(scope: Construct, id: string, props: MomentoWebhookToEventBridgeProps = {}) {
    super(scope, id);
    checkGivenResources(this, props);

    const eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    const signingSecret = props.signingSecret ?? this.emptySigningSecret();
    const fallbackQueue =
      props.fallbackQueue ??
      new sqs.Queue(this, 'FallbackQueue', {
        encryption: sqs.QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      });
    const logGroup = new logs.LogGroup(this, 'Log', { retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH });

    this.eventBus = eventBus;
    this.signingSecret = signingSecret;
    this.fallbackQueue = fallbackQueue;
    this.logGroup = logGroup;
    this.handler = new WebhookHandler(this, 'Handler', {
      ...props,
      eventBus,
      signingSecret,
      fallbackQueue,
      logGroup,
    });
    this.functionUrl = this.handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    this.url = this.functionUrl.url;
    new CfnOutput(this, 'Url', { value: this.url, description: 'The address to give to the Momento webhook' });
  }

  /**
   * Makes a rule on the bus for some of Momento's messages, or all.
   *
   * @param id the rule's construct id, unique in this construct
   * @param options which messages, and where they go. An `eventPattern` narrows the choice further
   */
  public onMessage(id: string, options: OnMessageOptions = {}): events.Rule {
    const { cacheName, topicName, tokenId, target, crossStackScope, eventPattern = {}, ...ruleProps } = options;
    const pattern = MomentoWebhookToEventBridge.pattern({ cacheName, topicName, tokenId });
    refuseWidening(pattern, eventPattern);
    const rule = new events.Rule(crossStackScope ?? this, id, {
      ...ruleProps,
      eventBus: this.eventBus,
      eventPattern: pattern,
      targets: target && [target],
    });
    // Added last: a rule merges into the pattern it was made with, and the caller may use theirs again.
    rule.addEventPattern(eventPattern);
    return rule;
  }

  /**
   * Lets a rotation job or a person write the signing secret.
   *
   * @param grantee who
   */
  public grantWriteSigningSecret(grantee: iam.IGrantable): iam.Grant {
    return this.signingSecret.grantWrite(grantee);
  }

  /**
   * Lets somebody receive and delete the messages that wait in the fallback queue.
   *
   * @param grantee who
   */
  public grantConsumeFallbackQueue(grantee: iam.IGrantable): iam.Grant {
    return this.fallbackQueue.grantConsumeMessages(grantee);
  }

  /**
   * A metric that the handler writes, in the namespace `MomentoEventBridge`, for this handler.
   *
   * @param metricName its name
   * @param props by default the sum over 5 minutes
   */
  public metric(metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'MomentoEventBridge',
      metricName,
      dimensionsMap: { FunctionName: this.handler.functionName },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }

  /**
   * How many messages were taken: put on the bus, or parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricAccepted(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Accepted', props);
  }

  /**
   * How many requests were refused.
   *
   * @param props by default the sum over 5 minutes, all reasons together
   */
  public metricRejected(props: RejectedMetricOptions = {}): cloudwatch.Metric {
    const { reason, ...options } = props;
    if (reason === undefined) {
      return this.metric('Rejected', options);
    }
    return this.metric('Rejected', {
      ...options,
      dimensionsMap: { FunctionName: this.handler.functionName, Reason: reason, ...options.dimensionsMap },
    });
  }

  /**
   * How many messages had been seen before, and were not put on the bus again.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDuplicate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Duplicate', props);
  }

  /**
   * How many of the accepted messages the bus did not take, so that they wait in the fallback queue.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricParked(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Parked', props);
  }

  /**
   * How many messages neither the bus nor the fallback queue took. Each is in the log, whole, at level ERROR. Worth an
   * alarm at 1.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricLost(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Lost', props);
  }

  /**
   * The milliseconds from a message's publication to its arrival. Requests that were refused have none.
   *
   * @param props by default the 99th percentile over 5 minutes
   */
  public metricMessageAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MessageAge', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * The milliseconds that putting a message on the bus took. A parked message has none.
   *
   * @param props by default the 99th percentile over 5 minutes
   */
  public metricPublishTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PublishTime', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  private emptySigningSecret(): secretsmanager.ISecret {
    const secret = new EmptySecret(this, 'SigningSecret', {
      description: `Signing secret of the Momento webhook of ${this.node.path}`,
    });
    new CfnOutput(this, 'SigningSecretArn', {
      value: secret.secretArn,
      description: 'The secret to put the signing secret of the Momento webhook in',
    });
    return secret;
  }
}

function checkGivenResources(scope: Construct, props: MomentoWebhookToEventBridgeProps): void {
  const { eventBus, signingSecret, fallbackQueue } = props;
  if (eventBus) {
    const forward = 'Give a bus of the same account and region, and a rule on it whose target is that bus.';
    checkRegion(scope, 'eventBus', eventBus, forward);
    checkAccount(scope, 'eventBus', eventBus, forward);
  }
  if (signingSecret) {
    checkRegion(scope, 'signingSecret', signingSecret, 'Give a secret of that region, or a replica in it.');
  }
  if (fallbackQueue) {
    checkRegion(scope, 'fallbackQueue', fallbackQueue, 'Give a queue of that region.');
    if (fallbackQueue.fifo) {
      refuse(scope, 'fallbackQueue is a FIFO queue, which takes no message without a group. Give a standard queue.');
    }
  }
}
