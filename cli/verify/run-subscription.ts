import type * as events from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { MomentoEndpoint, MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
import { Construct } from 'constructs';
import type { MomentoAccount } from './momento-account';
import { momentoSecretName } from './run-name';
import { HAND_OVER_AFTER_S } from './stack-facts';
import type { StackPlan } from './verify-stack';

interface RunSubscriptionProps extends Pick<MomentoAccount, 'cache' | 'endpoint'> {
  readonly architecture: lambda.Architecture;
  readonly eventBus: events.IEventBus;
}

/** A subscription to a topic that only this run has. */
export class RunSubscription extends Construct {
  public readonly subscription: MomentoTopicToEventBridge;
  /** What the checks know of it, by the name of an output. */
  public readonly outputs: Readonly<Record<string, string>>;

  public constructor(
    scope: Construct,
    id: string,
    { name, localEndpoint }: StackPlan,
    { cache: cacheName, endpoint, architecture, eventBus }: RunSubscriptionProps,
  ) {
    super(scope, id);
    this.subscription = new MomentoTopicToEventBridge(this, 'Resource', {
      topics: [{ cacheName, topicName: name }],
      apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', momentoSecretName(name)),
      endpoint: new GrpcEndpoint(endpoint),
      eventBus,
      architecture,
      outputs: false,
    });
    const { handler, schedule, logGroup, checkpointTable } = this.subscription;
    // Otherwise it hands over once in a quarter of an hour.
    const after = localEndpoint === undefined ? HAND_OVER_AFTER_S.onAws : HAND_OVER_AFTER_S.locally;
    const before = (handler.timeout?.toSeconds() ?? 0) - after;
    handler.addEnvironment('HAND_OVER_MS', (before * 1_000).toString());
    const { target } = schedule.node.defaultChild as CfnSchedule;
    this.outputs = {
      SubscribedTopic: name,
      SubscriptionName: handler.functionName,
      SubscriptionLogName: logGroup.logGroupName,
      SubscriptionInput: (target as CfnSchedule.TargetProperty).input ?? '',
      CheckpointTableName: checkpointTable.tableName,
    };
  }
}

/** The gRPC API of the Momento whose HTTP API has a URL. A local one has no TLS, and both at one address. */
class GrpcEndpoint extends MomentoEndpoint {
  public constructor(private readonly url: string) {
    super();
  }

  public override bind(): string {
    return this.url;
  }

  public override bindGrpc(): string {
    return this.url.replace('://api.', '://');
  }
}
