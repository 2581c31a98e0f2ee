import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { MomentoTopic } from './momento-topic-to-eventbridge-props';
import type { RejectionReason } from './rejection-reason';

/**
 * Options for a metric of genuine messages.
 */
export interface WebhookMetricOptions extends MetricOptions {
  /**
   * The webhook to count the messages of: the name of the member in the signing secret's JSON object whose value signed them. A
   * secret that is not a JSON object has no names.
   *
   * @default - the messages of all webhooks
   */
  readonly webhook?: string;
}

/**
 * Options for the metric `Rejected`.
 */
export interface RejectedMetricOptions extends MetricOptions {
  /**
   * The reason to count the rejected requests of.
   *
   * @default - all reasons
   */
  readonly reason?: RejectionReason;
}

/**
 * Options for a metric of subscriptions.
 */
export interface TopicMetricOptions extends MetricOptions {
  /**
   * The topic to count the occurrences of.
   *
   * @default - all topics
   */
  readonly topic?: MomentoTopic;
}
