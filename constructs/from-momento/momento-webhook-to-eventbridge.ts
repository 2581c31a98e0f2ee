import { Arn, ArnFormat, CfnOutput, Duration, type ResourceEnvironment, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { detailType } from './detail-type';
import { EmptySecret } from './empty-secret';
import { messagePattern, refuseWidening } from './message-pattern';
import type { RejectedMetricOptions, WebhookMetricOptions } from './metric-options';
import type { MomentoMessageFilter } from './momento-message-filter';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { checkAccount, checkRegion, refuse } from '../common/prop-checks';
import { REDRIVE_TIMEOUT, RedriveHandler } from './redrive-handler';
import { ReplayProtection } from './replay-protection';
import { RetainingQueue } from '../common/retaining-queue';
import { WebhookHandler } from './webhook-handler';

/**
 * How `onMessage` makes its rule.
 */
export interface OnMessageOptions extends events.OnEventOptions, MomentoMessageFilter {}

/**
 * Puts the messages of Momento topics on an EventBridge bus.
 *
 * A webhook of Momento posts each message to the URL of a Lambda function, which checks its signature and age and puts
 * it on the bus: source `Momento`, detail-type `{cache}#{topic}`, detail as Momento sent it. What the bus does not take
 * waits in a queue, from which a second function puts it on the bus later; what cannot be put there at all ends in a
 * dead-letter queue.
 *
 * Momento removed webhooks from its documentation in April 2025 and calls them deprecated; its SDKs still manage them.
 * See that your account still has them before you build on them.
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
   * The function that puts the messages of the fallback queue on the bus. Its log is its member `logGroup`.
   */
  public readonly redriveHandler: lambda.Function;

  /**
   * Where messages end that could not be put on the bus.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * The table in which the handler's environments tell each other what they took, where `replayProtection` has one.
   */
  public readonly replayTable?: dynamodb.ITable;

  /**
   * The log of the function behind the URL.
   */
  public readonly logGroup: logs.ILogGroup;

  public constructor(scope: Construct, id: string, props: MomentoWebhookToEventBridgeProps = {}) {
    super(scope, id);
    checkGivenResources(this, props);

    const eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    const signingSecret = props.signingSecret ?? this.createdSigningSecret();
    const deadLetterQueue = props.deadLetterQueue ?? this.createdDeadLetterQueue();
    const fallbackQueue = props.fallbackQueue ?? this.createdFallbackQueue(deadLetterQueue);
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
   * Lets somebody receive and delete the messages that ended in the dead-letter queue.
   *
   * @param grantee who
   */
  public grantConsumeDeadLetterQueue(grantee: iam.IGrantable): iam.Grant {
    return this.deadLetterQueue.grantConsumeMessages(grantee);
  }

  /**
   * A metric that the webhook's handler writes, in the namespace `MomentoEventBridge`, for this handler.
   *
   * @param metricName its name
   * @param props by default the sum over 5 minutes
   */
  public metric(metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.metricOf(this.handler, metricName, props);
  }

  /**
   * How many messages were taken: put on the bus, or parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricAccepted(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Accepted', props);
  }

  /**
   * How many requests were refused.
   *
   * @param props by default the sum over 5 minutes, all reasons together
   */
  public metricRejected(props: RejectedMetricOptions = {}): cloudwatch.Metric {
    const { reason, ...options } = props;
    return this.metric('Rejected', this.withDimension(options, 'Reason', reason));
  }

  /**
   * How many messages had been seen before, and were not put on the bus again.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricDuplicate(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Duplicate', props);
  }

  /**
   * How many of the accepted messages the bus did not take, so that they wait in the fallback queue.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricParked(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Parked', props);
  }

  /**
   * How many messages neither the bus nor the fallback queue took. Each is in the log, whole, at level ERROR. Worth an
   * alarm at 1.
   *
   * @param props by default the sum over 5 minutes, all webhooks together
   */
  public metricLost(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('Lost', props);
  }

  /**
   * The milliseconds from a message's publication to its arrival. Requests that were refused have none.
   *
   * @param props by default the 99th percentile over 5 minutes, all webhooks together
   */
  public metricMessageAge(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('MessageAge', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * The milliseconds that putting a message on the bus took. A parked message has none.
   *
   * @param props by default the 99th percentile over 5 minutes, all webhooks together
   */
  public metricPublishTime(props?: WebhookMetricOptions): cloudwatch.Metric {
    return this.metricOfWebhook('PublishTime', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * How many genuine messages came while the table of `ReplayProtection` was unavailable, whether they were taken or
   * refused. Without a table there are none.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricReplayGuardUnavailable(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ReplayGuardUnavailable', props);
  }

  /**
   * How many parked messages were put on the bus.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricRedriven(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(this.redriveHandler, 'Redriven', props);
  }

  /**
   * How many times a parked message was tried in vain and left to wait. A message counts each time.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricPostponed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(this.redriveHandler, 'Postponed', props);
  }

  /**
   * How many parked messages the redrive handler moved to the dead-letter queue. What SQS itself moves there, after 1000
   * attempts, is not among them.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDeadLettered(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf(this.redriveHandler, 'DeadLettered', props);
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

  private metricOf(
    handler: lambda.Function,
    metricName: string,
    props: cloudwatch.MetricOptions = {},
  ): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'MomentoEventBridge',
      metricName,
      dimensionsMap: { FunctionName: handler.functionName },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }

  private createdSigningSecret(): secretsmanager.ISecret {
    const secret = new EmptySecret(this, 'SigningSecret', {
      description: `Signing secret of the Momento webhook of ${this.node.path}`,
    });
    new CfnOutput(this, 'SigningSecretArn', {
      value: secret.secretArn,
      description: 'The secret to put the signing secret of the Momento webhook in',
    });
    return secret;
  }

  private createdDeadLetterQueue(): sqs.IQueue {
    // It can't be limited to the fallback queue (`redriveAllowPolicy`) without a physical name: the fallback queue's
    // redrive policy refers to this queue already, and CloudFormation takes no circle.
    const queue = new RetainingQueue(this, 'DeadLetterQueue');
    new CfnOutput(this, 'DeadLetterQueueUrl', {
      value: queue.queueUrl,
      description: 'The queue of the messages that could not be put on the event bus',
    });
    return queue;
  }

  private createdFallbackQueue(deadLetterQueue: sqs.IQueue): sqs.IQueue {
    const queue = new RetainingQueue(this, 'FallbackQueue', {
      visibilityTimeout: Duration.seconds(6 * REDRIVE_TIMEOUT.toSeconds()),
      // The most that SQS takes: the redrive handler itself moves what it can't place. This is for messages that it fails
      // on, or that it can't move.
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 1000 },
    });
    new CfnOutput(this, 'FallbackQueueUrl', {
      value: queue.queueUrl,
      description: 'The queue of the messages that wait for the event bus',
    });
    return queue;
  }
}

function checkGivenResources(scope: Construct, props: MomentoWebhookToEventBridgeProps): void {
  const { eventBus, signingSecret, fallbackQueue, deadLetterQueue } = props;
  if (eventBus) {
    const forward = 'Give a bus of the same account and region, and a rule on it whose target is that bus.';
    checkRegion(scope, 'eventBus', eventBus.env, forward);
    checkAccount(scope, 'eventBus', eventBus.env, forward);
  }
  if (signingSecret) {
    checkRegion(scope, 'signingSecret', signingSecret.env, 'Give a secret of that region, or a replica in it.');
  }
  if (fallbackQueue) {
    checkQueue(scope, 'fallbackQueue', fallbackQueue);
  }
  if (deadLetterQueue) {
    checkQueue(scope, 'deadLetterQueue', deadLetterQueue);
    checkAccount(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that account: SQS asks for it.');
    if (deadLetterQueue.queueArn === fallbackQueue?.queueArn) {
      refuse(
        scope,
        'deadLetterQueue is the fallbackQueue, from which its messages would come back. Give another queue.',
      );
    }
  }
}

function checkQueue(scope: Construct, prop: string, queue: sqs.IQueue): void {
  checkRegion(scope, prop, queue.env, 'Give a queue of that region.');
  if (queue.fifo) {
    refuse(scope, `${prop} is a FIFO queue, which takes no message without a group. Give a standard queue.`);
  }
}

function checkReplayTable(scope: Construct, table: dynamodb.ITable | undefined): void {
  if (table) {
    // An imported Table (v1) claims to be in the stack's own account and region, whatever its ARN says.
    const env = Token.isUnresolved(table.tableArn) ? table.env : environmentOf(table.tableArn);
    checkRegion(scope, 'the table of replayProtection', env, 'Give a table of that region, or a replica in it.');
    checkAccount(scope, 'the table of replayProtection', env, 'Give a table of that account.');
  }
}

function environmentOf(arn: string): ResourceEnvironment {
  const { region = '', account = '' } = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME);
  return { region, account };
}
