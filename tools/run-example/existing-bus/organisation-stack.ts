import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { StackOutputs } from '../..';
import type { Existing } from '../../../examples/existing-bus/existing-bus-stack';

/** What an organisation may have already, for a local run: it stands in for your own, and its outputs are named like these. */
export class OrganisationStack extends Stack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const key = new kms.Key(this, 'Key', { enableKeyRotation: true });
    // As the default says for the connections and logs of the account.
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: ['events', `logs.${this.region}`].map(
          (service) => new iam.ServicePrincipal(`${service}.amazonaws.com`),
        ),
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const bus = new events.EventBus(this, 'Bus', { kmsKey: key });
    const deadLetters = this.queue('DeadLetters', key);
    deadLetters.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [deadLetters.queueArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': `arn:aws:events:${this.region}:${this.account}:rule/${bus.eventBusName}/*` },
        },
      }),
    );
    const fallback = this.queue('Fallback', key, {
      visibilityTimeout: Duration.minutes(3),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 1000 },
    });
    const secret = (name: string) => new secretsmanager.Secret(this, name, { encryptionKey: key });
    const replays = new dynamodb.Table(this, 'Replays', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expires',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryptionKey: key,
    });
    const boundary = new iam.ManagedPolicy(this, 'Boundary', {
      statements: [
        new iam.PolicyStatement({
          actions: ['dynamodb:*', 'ec2:*', 'events:*', 'kms:*', 'logs:*', 'secretsmanager:GetSecretValue', 'sqs:*'],
          resources: ['*'],
        }),
      ],
    });
    const vpc = new ec2.CfnVPC(this, 'Vpc', { cidrBlock: '10.0.0.0/16' });
    const subnets = ['a', 'b'].map(
      (zone, number) =>
        new ec2.CfnSubnet(this, `Subnet${zone.toUpperCase()}`, {
          vpcId: vpc.ref,
          cidrBlock: `10.0.${number.toString()}.0/24`,
          availabilityZone: `${this.region}${zone}`,
        }),
    );
    const toEndpoints = new ec2.CfnSecurityGroup(this, 'ToEndpoints', {
      groupDescription: 'To the endpoints of AWS services',
      vpcId: vpc.ref,
      securityGroupEgress: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '10.0.0.0/16' }],
    });
    const outputs = {
      eventBusArn: bus.eventBusArn,
      keyArn: key.keyArn,
      signingSecretArn: secret('SigningSecret').secretArn,
      apiKeySecretArn: secret('ApiKey').secretArn,
      fallbackQueueArn: fallback.queueArn,
      deadLetterQueueArn: deadLetters.queueArn,
      replayTableArn: replays.tableArn,
      vpcId: vpc.ref,
      subnetIds: subnets.map(({ ref }) => ref).join(','),
      securityGroupId: toEndpoints.ref,
      permissionsBoundaryArn: boundary.managedPolicyArn,
      deadLetterQueueUrl: deadLetters.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value });
    }
  }

  private queue(id: string, key: kms.IKey, props: sqs.QueueProps = {}): sqs.Queue {
    return new sqs.Queue(this, id, { encryptionMasterKey: key, enforceSSL: true, ...props });
  }
}

/** What the example gets of it, given its outputs: what goes under `existing` in the cdk.json. */
export function existingIn(outputs: StackOutputs, region: string): Existing {
  return {
    eventBusArn: outputs.get('eventBusArn'),
    keyArn: outputs.get('keyArn'),
    signingSecretArn: outputs.get('signingSecretArn'),
    apiKeySecretArn: outputs.get('apiKeySecretArn'),
    fallbackQueueArn: outputs.get('fallbackQueueArn'),
    deadLetterQueueArn: outputs.get('deadLetterQueueArn'),
    replayTableArn: outputs.get('replayTableArn'),
    vpcId: outputs.get('vpcId'),
    availabilityZones: [`${region}a`, `${region}b`],
    subnetIds: outputs.get('subnetIds').split(','),
    securityGroupId: outputs.get('securityGroupId'),
    permissionsBoundaryArn: outputs.get('permissionsBoundaryArn'),
    tags: { team: 'chat' },
  };
}
