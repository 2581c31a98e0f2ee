import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MomentoEndpoint } from '../common/momento-endpoint';
import { addOutputs } from '../common/outputs';
import { checkAccount, checkOneOf, checkRegion, environmentOf, fail } from '../common/prop-checks';
import { checkBusAndQueues, guardedBus, parkingQueues } from './bus-and-queues';
import { SOURCE } from '../common/detail-type';
import { missedMessagesPattern, type RuleMethods, SUBSCRIPTION_SOURCE } from './message-pattern';
import type { TopicMetricOptions } from './metric-options';
import type { MomentoTopicFilter } from './momento-message-filter';
import { MomentoToEventBridge } from './momento-to-eventbridge';
import {
  type MomentoTopic,
  type MomentoTopicToEventBridgeProps,
  SubscriptionStart,
} from './momento-topic-to-eventbridge-props';
import { RedriveHandler } from './redrive-handler';
import { SubscribeHandler } from './subscribe-handler';
import { SubscriptionSchedule } from './subscription-schedule';
import { MAX_TOPICS, SCHEDULER_KEYWORD } from './topic-limits';

/**
 * What can be a dimension of a metric: CloudWatch takes printable ASCII
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html), and the CDK 255 characters of it.
 */
const DIMENSION_VALUE = /^[ -~]{1,255}$/;

/** The sources of the events that the handlers put on the bus: messages, and gaps. */
const SOURCES = [SOURCE, SUBSCRIPTION_SOURCE];

/**
 * Options for `onMissedMessages`.
 */
export interface OnMissedMessagesOptions extends events.OnEventOptions, MomentoTopicFilter {}

/**
 * Puts the messages of Momento topics on an EventBridge bus, without webhooks and without a server.
 *
 * A schedule keeps one Lambda function running around the clock. The function subscribes to the topics over gRPC, and puts each
 * message on the bus: source `Momento`, detail-type `{cache}#{topic}`. A checkpoint for each topic says what is on the bus: after
 * a crash, a deployment or a lost connection, the subscription resumes there, so that a message can arrive twice, but none is
 * skipped silently. Messages that Momento no longer has are an event themselves: `onMissedMessages`.
 *
 * A message that the bus does not take waits in a fallback queue, and a second function puts it on the bus when it recovers. A
 * message that cannot be put on the bus at all goes to a dead-letter queue.
 *
 * The function costs 4.38 USD a month in us-east-1, whether messages arrive or not.
 *
 * @example
 * import * as targets from 'aws-cdk-lib/aws-events-targets';
 * import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
 * import { MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
 *
 * const momento = new MomentoTopicToEventBridge(this, 'Momento', {
 *   topics: [{ cacheName: 'chat', topicName: 'room-281' }],
 *   apiKey: Secret.fromSecretNameV2(this, 'ApiKey', 'momento/api-key'),
 * });
 * momento.onMessage('Chat', { cacheName: 'chat', target: new targets.SqsQueue(queue) });
 */
export class MomentoTopicToEventBridge extends MomentoToEventBridge {
  /**
   * The event pattern for gaps: messages of a topic that Momento no longer had when the subscription resumed. For a rule of
   * your own, in this stack or another.
   *
   * @param filter the topics to match; without it, all topics
   */
  public static missedMessagesPattern(filter: MomentoTopicFilter = {}): events.EventPattern {
    return missedMessagesPattern(filter);
  }

  /**
   * The topics.
   */
  public readonly topics: MomentoTopic[];

  /**
   * The function that subscribes.
   */
  public readonly handler: lambda.Function;

  /**
   * The log group of the function that subscribes.
   */
  public readonly logGroup: logs.ILogGroup;

  /**
   * The schedule that invokes the function once a minute, with the topics.
   */
  public readonly schedule: scheduler.ISchedule;

  /**
   * The role of the schedule. It may invoke the function, and nothing else.
   */
  public readonly scheduleRole: iam.IRole;

  /**
   * The table for the lease and the checkpoints.
   */
  public readonly checkpointTable: dynamodb.ITable;

  /**
   * The secret with the Momento API key.
   */
  public readonly apiKey: secretsmanager.ISecret;

  /**
   * The event bus that the messages are put on.
   */
  public readonly eventBus: events.IEventBus;

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

  public constructor(scope: Construct, id: string, props: MomentoTopicToEventBridgeProps) {
    super(scope, id);
    checkTopics(this, props.topics);
    checkGivenResources(this, props);
    const { startAt = SubscriptionStart.NEWEST, endpoint = MomentoEndpoint.forRegion(Stack.of(this).region) } = props;
    checkOneOf(this, 'startAt', startAt, Object.values(SubscriptionStart));

    const { eventBus, guard } = guardedBus(this, props);
    const { deadLetterQueue, fallbackQueue } = parkingQueues(this, props);
    this.topics = [...props.topics];
    this.apiKey = props.apiKey;
    this.eventBus = eventBus;
    this.fallbackQueue = fallbackQueue;
    this.deadLetterQueue = deadLetterQueue;
    this.checkpointTable = props.checkpointTable ?? this.createdTable(props.checkpointTableRemovalPolicy);
    this.handler = new SubscribeHandler(this, 'Handler', {
      checkpointTable: this.checkpointTable,
      endpoint: endpoint.bindGrpc(this),
      eventBus,
      fallbackQueue,
      settings: props,
      sources: SOURCES,
    });
    this.logGroup = this.handler.logGroup;
    const schedule = new SubscriptionSchedule(this, 'Schedule', {
      handler: this.handler,
      startAt,
      topics: props.topics,
    });
    this.schedule = schedule;
    this.scheduleRole = schedule.role;
    this.redriveHandler = new RedriveHandler(this, 'RedriveHandler', {
      eventBus,
      fallbackQueue,
      deadLetterQueue,
      patience: props.redrivePatience,
      settings: props,
      sources: SOURCES,
    });
    guard?.precede(this.handler, this.redriveHandler);
    if (props.outputs ?? true) {
      addOutputs(this, this._queueOutputs(props));
    }
  }

  /**
   * Adds a rule to the bus for gaps: messages of a topic that Momento no longer had when the subscription resumed. The detail
   * of the event has the names, the sequence numbers on both sides of the gap, and how many messages are missed if that is known.
   *
   * @param id the construct id of the rule, unique in this construct
   * @param options the topics to match, and the target. An `eventPattern` narrows the match further
   */
  public onMissedMessages(id: string, options: OnMissedMessagesOptions = {}): events.Rule {
    const { cacheName, topicName, ...ruleOptions } = options;
    const pattern = missedMessagesPattern({ cacheName, topicName });
    return this._addRule({ rule: 'onMissedMessages', pattern: 'missedMessagesPattern' }, id, pattern, ruleOptions);
  }

  /**
   * The number of accepted messages: put on the bus, or parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricAccepted(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Accepted', props);
  }

  /**
   * The number of messages that Momento sent again and that were not put on the bus again.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDuplicate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Duplicate', props);
  }

  /**
   * The number of accepted messages that the bus did not take and that were parked in the fallback queue.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricParked(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Parked', props);
  }

  /**
   * The milliseconds that it took to put messages on the bus, for those that were not parked.
   *
   * @param props by default the 99th percentile over 5 minutes
   */
  public metricPublishTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PublishTime', { statistic: cloudwatch.Stats.p(99), ...props });
  }

  /**
   * The number of messages that are missed: Momento no longer had them when a subscription resumed, or they cannot become
   * events. A gap of unknown size counts as one.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricMessagesMissed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MessagesMissed', props);
  }

  /**
   * The number of gaps: each is an event too (`onMissedMessages`).
   *
   * @param props by default the sum over 5 minutes, all topics together
   */
  public metricGaps(props?: TopicMetricOptions): cloudwatch.Metric {
    return this.metricOfTopic('Gaps', props);
  }

  /**
   * The number of attempts to subscribe that Momento refused: the API key has no permission for the topic, or there is no such
   * cache. The attempts go on.
   *
   * @param props by default the sum over 5 minutes, all topics together
   */
  public metricSubscriptionRefused(props?: TopicMetricOptions): cloudwatch.Metric {
    return this.metricOfTopic('SubscriptionRefused', props);
  }

  /**
   * The number of subscriptions that were silent, with neither a message nor a heartbeat, and so were cut and resumed.
   *
   * @param props by default the sum over 5 minutes, all topics together
   */
  public metricSubscriptionSilent(props?: TopicMetricOptions): cloudwatch.Metric {
    return this.metricOfTopic('SubscriptionSilent', props);
  }

  /**
   * The number of times that Momento did not accept the API key. The handler then reads the secret again.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricApiKeyRefused(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ApiKeyRefused', props);
  }

  /**
   * The number of times that a subscription was lost and resumed.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricReconnected(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Reconnected', props);
  }

  /**
   * The number of planned hand-overs from one invocation to the next, about four an hour.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricHandOver(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('HandOver', props);
  }

  /**
   * One each minute, while an invocation is in charge of the topics. `MomentoTopicToEventBridgeAlarms` has an alarm for its
   * absence.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricHeartbeat(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Heartbeat', props);
  }

  /**
   * The number of topics that are subscribed to, minute by minute.
   *
   * @param props by default the minimum over 5 minutes
   */
  public metricSubscriptionsHeld(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('SubscriptionsHeld', { statistic: cloudwatch.Stats.MINIMUM, ...props });
  }

  /**
   * The number of topics that are not subscribed to at the moment, minute by minute.
   *
   * @param props by default the maximum over 5 minutes
   */
  public metricSubscriptionsNotHeld(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('SubscriptionsNotHeld', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /** @internal */
  protected override _addRule(
    methods: RuleMethods,
    id: string,
    pattern: events.EventPattern,
    options: events.OnEventOptions,
  ): events.Rule {
    const rule = super._addRule(methods, id, pattern, options);
    // The messages of a topic that is subscribed to before its rule exists would reach no target.
    if (Stack.of(rule) === Stack.of(this)) {
      this.schedule.node.addDependency(rule);
    }
    return rule;
  }

  private metricOfTopic(metricName: string, props: TopicMetricOptions = {}): cloudwatch.Metric {
    const { topic, ...options } = props;
    const value = topic && `${topic.cacheName}#${topic.topicName}`;
    if (value !== undefined && !Token.isUnresolved(value) && !DIMENSION_VALUE.test(value)) {
      fail(
        this,
        'a metric or an alarm of one topic needs a cacheName and a topicName of printable ASCII, together at most 254 characters ' +
          `(limits of CloudWatch and the CDK), got ${JSON.stringify(value)}. Use the metrics of all topics together, and alarms with perTopic: false.`,
      );
    }
    return this._metricBy(metricName, 'Topic', value, options);
  }

  private createdTable(removalPolicy = RemovalPolicy.DESTROY): dynamodb.ITable {
    return new dynamodb.Table(this, 'CheckpointTable', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy,
    });
  }
}

function checkTopics(scope: Construct, topics: readonly MomentoTopic[]): void {
  if (topics.length === 0 || topics.length > MAX_TOPICS) {
    fail(
      scope,
      `topics must have 1 to ${MAX_TOPICS.toString()} topics, got ${topics.length.toString()}. Pass more to another ` +
        'MomentoTopicToEventBridge.',
    );
  }
  const seen = new Set<string>();
  for (const { cacheName, topicName } of topics) {
    if (cacheName === '' || topicName === '') {
      fail(scope, 'topics must not have an empty cacheName or topicName. Pass the names of a cache and a topic.');
    }
    if (`${cacheName}\n${topicName}`.includes(SCHEDULER_KEYWORD)) {
      fail(
        scope,
        `topics must not have a name with ${SCHEDULER_KEYWORD}, which EventBridge Scheduler replaces, got ` +
          `${cacheName}#${topicName}. Rename the cache or the topic.`,
      );
    }
    const topic = JSON.stringify([cacheName, topicName]);
    if (seen.has(topic)) {
      fail(scope, `topics must have each topic once, got ${cacheName}#${topicName} twice. Leave one out.`);
    }
    seen.add(topic);
  }
}

function checkGivenResources(scope: Construct, props: MomentoTopicToEventBridgeProps): void {
  const { apiKey, apiKeyField, checkpointTable } = props;
  checkBusAndQueues(scope, props);
  if (apiKeyField === '') {
    fail(scope, 'apiKeyField must not be empty. Leave it out if the whole secret is the key.');
  }
  checkRegion(scope, 'apiKey', apiKey.env, 'Pass a secret in that region, or a replica of the secret there.');
  if (checkpointTable) {
    const env = environmentOf(checkpointTable.tableArn, checkpointTable.env);
    checkRegion(scope, 'checkpointTable', env, 'Pass a table in that region.');
    checkAccount(scope, 'checkpointTable', env, 'Pass a table in that account.');
  }
}
