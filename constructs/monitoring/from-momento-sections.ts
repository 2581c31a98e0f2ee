import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { MomentoToEventBridge } from '../from-momento/momento-to-eventbridge';
import type { MomentoTopicToEventBridge } from '../from-momento/momento-topic-to-eventbridge';
import type { MomentoWebhookToEventBridge } from '../from-momento/momento-webhook-to-eventbridge';
import { RejectionReason } from '../from-momento/rejection-reason';
import {
  BAD,
  billedByLambda,
  billedBySqs,
  DELAYED,
  functionGraphs,
  GOOD,
  graph,
  percentiles,
  queueGraph,
  type Section,
  total,
} from './widgets';

/** The section of a webhook. */
export function webhookSection(webhook: MomentoWebhookToEventBridge): Section {
  return {
    title: `From Momento by webhook: ${webhook.node.path}`,
    graphs: [
      graph('Messages', {
        left: [
          webhook.metricAccepted({ label: 'accepted', color: GOOD }),
          webhook.metricDuplicate({ label: 'duplicates' }),
          webhook.metricParked({ label: 'parked', color: DELAYED }),
          webhook.metricLost({ label: 'lost', color: BAD }),
          ...(webhook.replayTable
            ? [webhook.metricReplayGuardUnavailable({ label: 'replay table unavailable', color: DELAYED })]
            : []),
        ],
        leftLabel: 'messages',
      }),
      graph('Rejected requests, by reason', {
        left: Object.values(RejectionReason).map((reason) => webhook.metricRejected({ reason, label: reason })),
        leftLabel: 'requests',
        stacked: true,
      }),
      graph('Age of the messages at arrival', {
        left: percentiles((options) => webhook.metricMessageAge(options)),
        leftLabel: 'milliseconds',
      }),
      publishTime((options) => webhook.metricPublishTime(options)),
      ...parkingGraphs(webhook),
      ...functionGraphs('webhook', webhook.handler),
      ...functionGraphs('redrive', webhook.redriveHandler),
    ],
    billed: [
      eventsPut(webhook, webhook.metricAccepted(), webhook.metricParked()),
      ...billedByLambda([webhook.handler, webhook.redriveHandler]),
      billedBySqs([webhook.fallbackQueue, webhook.deadLetterQueue]),
      ...(webhook.replayTable ? [writesOf(webhook.replayTable)] : []),
    ],
  };
}

/** The section of a subscription. */
export function topicSection(topics: MomentoTopicToEventBridge): Section {
  return {
    title: `From Momento by subscription: ${topics.node.path}`,
    graphs: [
      graph('Messages', {
        left: [
          topics.metricAccepted({ label: 'accepted', color: GOOD }),
          topics.metricDuplicate({ label: 'duplicates' }),
          topics.metricParked({ label: 'parked', color: DELAYED }),
          topics.metricMessagesMissed({ label: 'missed', color: BAD }),
        ],
        leftLabel: 'messages',
      }),
      graph('Subscriptions', {
        left: [
          topics.metricSubscriptionsHeld({ label: 'held', color: GOOD }),
          topics.metricSubscriptionsNotHeld({ label: 'not held', color: BAD }),
        ],
        leftLabel: 'topics',
        right: [topics.metricHeartbeat({ label: 'heartbeats' }), topics.metricHandOver({ label: 'hand-overs' })],
        rightLabel: 'in 5 minutes',
      }),
      graph('Interruptions', {
        left: [
          topics.metricGaps({ label: 'gaps', color: BAD }),
          topics.metricSubscriptionRefused({ label: 'subscriptions refused' }),
          topics.metricApiKeyRefused({ label: 'API key refused' }),
          topics.metricSubscriptionSilent({ label: 'silent' }),
          topics.metricReconnected({ label: 'resumed', color: DELAYED }),
        ],
        leftLabel: 'times',
      }),
      publishTime((options) => topics.metricPublishTime(options)),
      ...parkingGraphs(topics),
      ...functionGraphs('subscribe', topics.handler),
      ...functionGraphs('redrive', topics.redriveHandler),
    ],
    billed: [
      eventsPut(topics, topics.metricAccepted(), topics.metricParked()),
      ...billedByLambda([topics.handler, topics.redriveHandler]),
      billedBySqs([topics.fallbackQueue, topics.deadLetterQueue]),
      writesOf(topics.checkpointTable),
    ],
  };
}

function publishTime(metricWith: (options: cloudwatch.MetricOptions) => cloudwatch.Metric): cloudwatch.GraphWidget {
  return graph('Time to put messages on the bus', { left: percentiles(metricWith), leftLabel: 'milliseconds' });
}

function parkingGraphs(monitored: MomentoToEventBridge): cloudwatch.GraphWidget[] {
  return [
    graph('Parked messages', {
      left: [
        monitored.metricRedriven({ label: 'redriven', color: GOOD }),
        monitored.metricPostponed({ label: 'postponed', color: DELAYED }),
        monitored.metricDeadLettered({ label: 'dead letters', color: BAD }),
      ],
      leftLabel: 'messages',
    }),
    queueGraph('Fallback queue', monitored.fallbackQueue),
    queueGraph('Dead-letter queue', monitored.deadLetterQueue),
  ];
}

/** The events that the bus took: at once, or when they were redriven. */
function eventsPut(
  monitored: MomentoToEventBridge,
  accepted: cloudwatch.Metric,
  parked: cloudwatch.Metric,
): cloudwatch.IMetric {
  return total('events put on the bus', [accepted, parked, monitored.metricRedriven()], (term, i) =>
    i === 1 ? `-1 * ${term}` : term,
  );
}

/** The metric of a table, however it was made. */
interface Table {
  metricConsumedWriteCapacityUnits(props?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

function writesOf(table: Table): cloudwatch.IMetric {
  return table.metricConsumedWriteCapacityUnits({ label: 'DynamoDB writes' });
}
