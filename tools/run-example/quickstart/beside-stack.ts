import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  EventBridgeToMomento,
  MomentoCommand,
  type MomentoEndpoint,
  MomentoWebhookToEventBridge,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

export interface BesideStackProps extends StackProps {
  /** Where Momento is; the cell of the stack's region unless given. */
  readonly endpoint?: MomentoEndpoint;
  /** What the handlers run on; arm64 unless given. */
  readonly architecture?: lambda.Architecture;
}

/**
 * What the demo has beside the quickstart, on the same bus: a webhook, which brings the same messages, and commands to Momento. A
 * rule keeps the last message of each topic of the cache `chat` as an item of the cache `latest`, for an hour: the key is the
 * topic's name. No code runs for that.
 */
export class BesideStack extends Stack {
  public constructor(scope: Construct, id: string, props: BesideStackProps = {}) {
    super(scope, id, props);
    new MomentoWebhookToEventBridge(this, 'Webhook', { architecture: props.architecture });
    const toMomento = new EventBridgeToMomento(this, 'ToMomento', {
      // Made beforehand: CloudFormation reads it while it deploys.
      apiKey: Secret.fromSecretNameV2(this, 'ApiKey', 'momento/api-key'),
      endpoint: props.endpoint,
      commands: [MomentoCommand.CACHE_SET],
    });
    const cacheSet = toMomento.apiDestinations?.destinations[MomentoCommand.CACHE_SET];
    if (!cacheSet) throw new Error('EventBridgeToMomento has no API destination to set items');
    new events.Rule(this, 'Latest', {
      description: 'Keeps the last message of each topic',
      eventPattern: MomentoWebhookToEventBridge.pattern({ cacheName: 'chat' }),
      targets: [
        new targets.ApiDestination(cacheSet, {
          pathParameterValues: ['latest'],
          queryStringParameters: { key: '$.detail.topic', ttl_seconds: Duration.hours(1).toSeconds().toString() },
          // A path, not a template, in which EventBridge would not escape quotes.
          event: events.RuleTargetInput.fromEventPath('$.detail.text'),
          deadLetterQueue: toMomento.deadLetterQueue,
        }),
      ],
    });
  }
}
