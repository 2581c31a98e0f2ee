import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { MomentoEndpoint } from '../common/momento-endpoint';
import type { MomentoToEventBridgeProps } from './momento-to-eventbridge-props';

/**
 * A topic. Names are compared exactly, and may be tokens, that is, known only at deployment.
 */
export interface MomentoTopic {
  /**
   * The name of the topic's cache. Not empty.
   */
  readonly cacheName: string;

  /**
   * The name of the topic. Not empty.
   */
  readonly topicName: string;
}

/**
 * Where the subscription of a topic starts that has no checkpoint yet.
 */
export enum SubscriptionStart {
  /**
   * With the messages published after the subscription begins.
   */
  NEWEST = 'NEWEST',

  /**
   * With the oldest message that Momento still has. How many it keeps is unspecified, and can be none.
   */
  AVAILABLE = 'AVAILABLE',
}

/**
 * Props for `MomentoTopicToEventBridge`. Only the topics and the API key are required.
 */
export interface MomentoTopicToEventBridgeProps extends MomentoToEventBridgeProps {
  /**
   * The topics to subscribe to: from 1 to 100, each once. 100 is Momento's limit for the subscriptions of one connection, and
   * its soft limit for those of a region.
   *
   * A change takes effect within about a minute of its deployment. The checkpoint of a topic that you remove stays in the
   * table: if you add the topic again, its subscription resumes there.
   */
  readonly topics: MomentoTopic[];

  /**
   * The Momento API key, in a secret in the stack's own region. A key that may only subscribe to these topics is enough. The
   * handler reads the secret itself, so a rotated key needs no deployment. The key is never in the template.
   */
  readonly apiKey: secretsmanager.ISecret;

  /**
   * The field that holds the key, if the secret is a JSON object. Not empty.
   *
   * @default - the secret's whole string is the key
   */
  readonly apiKeyField?: string;

  /**
   * The endpoint of Momento's gRPC API.
   *
   * @default - Momento's cell in the stack's own region. If the region is not known at synth, the cell is looked up at
   * deployment, which fails in a region without a cell
   */
  readonly endpoint?: MomentoEndpoint;

  /**
   * Where the subscription of a topic starts that has no checkpoint yet. A topic with a checkpoint resumes there.
   *
   * @default SubscriptionStart.NEWEST
   */
  readonly startAt?: SubscriptionStart;

  /**
   * The table for the lease and the checkpoints, in the stack's own account and region, used for nothing else. Its partition
   * key must be `id`, a string, without a sort key. Constructs must not share a table: only one of them could hold the lease.
   *
   * @default - a table is created: on-demand, encrypted with a key that DynamoDB owns. `checkpointTableRemovalPolicy` says when
   * it is deleted
   */
  readonly checkpointTable?: dynamodb.ITable;

  /**
   * The removal policy of the table that the construct creates. It holds positions in topics, not messages. A construct whose
   * table is new, for example under another construct id, starts at `startAt`, and the messages in between are missed without a
   * gap event.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly checkpointTableRemovalPolicy?: RemovalPolicy;

  /**
   * The memory of the subscribe handler, in MiB, from 128 to 10,240. Lambda allots CPU and bills in proportion, around the clock: 128 MiB cost
   * 4.38 USD a month in us-east-1. The handler uses a small part of the minimum; more helps only at high rates.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * Whether the stack has the outputs `FallbackQueueUrl` and `DeadLetterQueueUrl`, for the queues that the construct creates.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
