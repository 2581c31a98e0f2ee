import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { RejectionReason } from './rejection-reason';

/**
 * How a metric of genuine messages is read.
 */
export interface WebhookMetricOptions extends MetricOptions {
  /**
   * Count only the messages of this webhook: the member of the signing secret's JSON object whose value signed them. A
   * secret that is no JSON object has no names.
   *
   * @default - the messages of all webhooks together
   */
  readonly webhook?: string;
}

/**
 * How the metric `Rejected` is read.
 */
export interface RejectedMetricOptions extends MetricOptions {
  /**
   * Count only the requests refused for this reason.
   *
   * @default - all reasons together
   */
  readonly reason?: RejectionReason;
}
