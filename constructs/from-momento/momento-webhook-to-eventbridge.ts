import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { addOutputs } from '../common/outputs';
import { checkAccount, checkRegion, environmentOf } from '../common/prop-checks';
import { checkBusAndQueues, guardedBus, parkingQueues } from './bus-and-queues';
import { EmptySecret } from './empty-secret';
import { SOURCE } from '../common/detail-type';
import type { RejectedMetricOptions, WebhookMetricOptions } from './metric-options';
import { MomentoToEventBridge } from './momento-to-eventbridge';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { RedriveHandler } from './redrive-handler';
import { ReplayProtection } from './replay-protection';
import { WebhookHandler } from './webhook-handler';

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
export class MomentoWebhookToEventBridge extends MomentoToEventBridge {
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

    const { eventBus, guard } = guardedBus(this, props);
    const signingSecret =
      props.signingSecret ??
      new EmptySecret(this, 'SigningSecret', {
        description: `Signing secret of the Momento webhook of ${this.node.path}`,
        removalPolicy: props.signingSecretRemovalPolicy,
      });
    const { deadLetterQueue, fallbackQueue } = parkingQueues(this, props);
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
      sources: [SOURCE],
    });
    guard?.precede(this.handler, this.redriveHandler);
    this.functionUrl = this.handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    this.url = this.functionUrl.url;
    if (props.outputs ?? true) {
      addOutputs(this, {
        Url: { value: this.url, description: 'The URL to register as the Momento webhook' },
        SigningSecretArn: {
          value: props.signingSecret ? undefined : signingSecret.secretArn,
          description: 'The secret to put the signing secret of the Momento webhook in',
        },
        ...this._queueOutputs(props),
      });
    }
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
    return this._metricBy('Rejected', 'Reason', reason, options);
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

  private metricOfWebhook(metricName: string, props: WebhookMetricOptions = {}): cloudwatch.Metric {
    const { webhook, ...options } = props;
    return this._metricBy(metricName, 'Webhook', webhook, options);
  }
}

function checkGivenResources(scope: Construct, props: MomentoWebhookToEventBridgeProps): void {
  const { signingSecret } = props;
  checkBusAndQueues(scope, props);
  if (signingSecret) {
    checkRegion(
      scope,
      'signingSecret',
      signingSecret.env,
      'Pass a secret in that region, or a replica of the secret there.',
    );
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
