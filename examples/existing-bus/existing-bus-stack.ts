import { PermissionsBoundary, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnOutput, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  Delivery,
  EventBridgeToMomento,
  type MomentoEndpoint,
  MomentoWebhookToEventBridge,
  ReplayProtection,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';

/** What is there before, in the account and region of the stack. */
export interface Existing {
  /** Where all events of the organisation go. */
  readonly eventBusArn: string;
  /** What everything at rest is encrypted with. */
  readonly keyArn: string;
  /** The signing secret of the Momento webhook. */
  readonly signingSecretArn: string;
  readonly apiKeySecretArn: string;
  /** Where messages wait while the bus does not take them. */
  readonly fallbackQueueArn: string;
  /** Where ends what can't be delivered, in either direction. Its policy lets the rules of the bus send to it. */
  readonly deadLetterQueueArn: string;
  /** Of the partition key `id`, a string, and the time-to-live attribute `expires`. */
  readonly replayTableArn: string;
  readonly vpcId: string;
  readonly availabilityZones: string[];
  /** Without a way to the internet. There are endpoints for EventBridge, SQS, Secrets Manager and DynamoDB. */
  readonly subnetIds: string[];
  /** Lets out what goes to the endpoints, and nothing else. */
  readonly securityGroupId: string;
  /** What no role may exceed. */
  readonly permissionsBoundaryArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ExistingBusStackProps extends StackProps {
  readonly existing: Existing;
  /**
   * The ARN of a bus of another account or region that gets the messages too. Its policy lets this account put events on it.
   *
   * @default - the messages stay on the existing bus
   */
  readonly forwardTo?: string;
  /**
   * Where Momento's HTTP API is called.
   *
   * @default - Momento's cell in the stack's region
   */
  readonly endpoint?: MomentoEndpoint;
  /**
   * What the handlers run on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
}

/** Both directions, on what an organisation has already: no bus, key, queue, secret or table is made, and no network. */
export class ExistingBusStack extends Stack {
  public constructor(scope: Construct, id: string, props: ExistingBusStackProps) {
    super(scope, id, props);
    const { existing, forwardTo, architecture } = props;
    const key = kms.Key.fromKeyArn(this, 'Key', existing.keyArn);
    const eventBus = events.EventBus.fromEventBusArn(this, 'Bus', existing.eventBusArn);
    const deadLetterQueue = this.queue('DeadLetters', existing.deadLetterQueueArn, key);

    new MomentoWebhookToEventBridge(this, 'FromMomento', {
      eventBus,
      signingSecret: this.secret('SigningSecret', existing.signingSecretArn, key),
      fallbackQueue: this.queue('Fallback', existing.fallbackQueueArn, key),
      deadLetterQueue,
      replayProtection: ReplayProtection.existingTable(
        dynamodb.Table.fromTableAttributes(this, 'Replays', { tableArn: existing.replayTableArn, encryptionKey: key }),
      ),
      ...this.network(existing),
      environmentEncryption: key,
      logEncryptionKey: key,
      architecture,
    });
    new EventBridgeToMomento(this, 'ToMomento', {
      apiKey: this.secret('ApiKey', existing.apiKeySecretArn, key),
      eventBus,
      deadLetterQueue,
      // EventBridge itself calls Momento: nothing in the network needs a way to the internet.
      delivery: Delivery.apiDestinations({ connectionEncryptionKey: key }),
      endpoint: props.endpoint,
    });

    // Of the messages only: a replayed command would be carried out again.
    const eventPattern = MomentoWebhookToEventBridge.pattern();
    const archive = new events.Archive(this, 'Archive', {
      sourceEventBus: eventBus,
      eventPattern,
      retention: Duration.days(30),
      kmsKey: key,
    });
    new CfnOutput(this, 'ArchiveArn', { value: archive.archiveArn });
    if (forwardTo) {
      const forward = new events.Rule(this, 'Forward', {
        description: 'Forwards the messages of Momento topics to another event bus',
        eventBus,
        eventPattern,
        targets: [
          new targets.EventBus(events.EventBus.fromEventBusArn(this, 'ForwardTo', forwardTo), { deadLetterQueue }),
        ],
      });
      new CfnOutput(this, 'ForwardRuleArn', { value: forward.ruleArn });
    }

    PermissionsBoundary.of(this).apply(
      ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', existing.permissionsBoundaryArn),
    );
    for (const [name, value] of Object.entries(existing.tags)) {
      Tags.of(this).add(name, value);
    }
  }

  private queue(id: string, queueArn: string, key: kms.IKey): sqs.IQueue {
    return sqs.Queue.fromQueueAttributes(this, id, { queueArn, keyArn: key.keyArn });
  }

  private secret(id: string, secretCompleteArn: string, encryptionKey: kms.IKey): secretsmanager.ISecret {
    return secretsmanager.Secret.fromSecretAttributes(this, id, { secretCompleteArn, encryptionKey });
  }

  private network(existing: Existing) {
    const { vpcId, availabilityZones, subnetIds, securityGroupId } = existing;
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId,
      availabilityZones,
      isolatedSubnetIds: subnetIds,
    });
    const group = ec2.SecurityGroup.fromSecurityGroupId(this, 'SecurityGroup', securityGroupId, { mutable: false });
    return { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, securityGroups: [group] };
  }
}
