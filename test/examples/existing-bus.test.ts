import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type Existing, ExistingBusStack } from '../../examples/existing-bus/existing-bus-stack';
import { ReceivingStack, type ReceivingStackProps } from '../../examples/existing-bus/receiving-stack';
import {
  CACHE,
  instructions,
  LocalExistingBus,
  RECEIVING_BUS,
  SIGNING_SECRET,
} from '../../tools/run-example/existing-bus/run';
import { lint } from '../constructs/lint';
import { explained, findings, ruleOf } from '../constructs/nag-findings';
import { WebhookSender } from '../../tools/common/webhook-sender';
import { IRELAND } from '../constructs/in-stack';
import { until } from '../../tools/common/until';
import { checkSnapshot } from './template-snapshot';
import { commandsOf, filledIn, typeWithAws } from './readme';
import { blocksOf, paste } from './typed';
import { withUnbuiltHandlers } from './unbuilt-handlers';

const { context } = JSON.parse(readFileSync(join(__dirname, '../../examples/existing-bus/cdk.json'), 'utf8')) as {
  readonly context: { readonly existing: Existing };
};
const { existing } = context;

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

describe('the template of the example existing-bus', () => {
  const forwardTo = 'arn:aws:events:us-east-1:222222222222:event-bus/momento-messages';
  const stack = () =>
    withUnbuiltHandlers(() => new ExistingBusStack(new App(), 'ExistingBus', { existing, forwardTo, ...IRELAND }));
  const template = Template.fromStack(stack());
  const resources = Object.values(template.toJSON().Resources as Record<string, Resource>);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

  test('is what it was', () => {
    checkSnapshot('existing-bus', stack());
  });

  test('makes nothing a second time: only functions, what runs them, rules, an archive, and API destinations', () => {
    assert.deepEqual([...new Set(resources.map(({ Type }) => Type))].sort(), [
      'AWS::Events::ApiDestination',
      'AWS::Events::Archive',
      'AWS::Events::Connection',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Url',
      'AWS::Logs::LogGroup',
    ]);
  });

  test('has the permissions boundary on every role', () => {
    const roles = ofType('AWS::IAM::Role');
    assert.equal(roles.length, 4);
    for (const { PermissionsBoundary } of roles) assert.equal(PermissionsBoundary, existing.permissionsBoundaryArn);
  });

  test('has the tags on all that can have some', () => {
    const expected = Object.entries(existing.tags).map(([Key, Value]) => ({ Key, Value }));
    const untaggable = new Set([
      // CloudFormation has no tags for these three.
      'AWS::Events::ApiDestination',
      'AWS::Events::Archive',
      'AWS::Events::Connection',
      'AWS::IAM::Policy',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Url',
    ]);
    for (const { Type, Properties } of resources) {
      if (!untaggable.has(Type)) assert.deepEqual(Properties.Tags, expected, Type);
    }
  });

  test('has its functions in the subnets without a way out, with permission to call the endpoints only', () => {
    const functions = ofType('AWS::Lambda::Function');
    assert.equal(functions.length, 2);
    for (const { VpcConfig } of functions) {
      assert.deepEqual(VpcConfig, { SubnetIds: existing.subnetIds, SecurityGroupIds: [existing.securityGroupId] });
    }
    assert.deepEqual(ofType('AWS::EC2::SecurityGroup'), []);
  });

  test('archives the messages and nothing else, encrypted with the key', () => {
    template.hasResourceProperties('AWS::Events::Archive', {
      SourceArn: existing.eventBusArn,
      EventPattern: { source: ['Momento'] },
      KmsKeyIdentifier: existing.keyArn,
      RetentionDays: 30,
    });
  });

  test('forwards the messages and nothing else, as a role that may do that only', () => {
    const forward = ofType('AWS::Events::Rule').filter(({ Targets }) =>
      JSON.stringify(Targets ?? []).includes(forwardTo),
    );
    const [{ EventBusName, EventPattern, Targets } = {}, ...more] = forward;
    assert.deepEqual(more, []);
    assert.equal(EventBusName, 'company');
    assert.deepEqual(EventPattern, { source: ['Momento'] });
    const [{ RoleArn, DeadLetterConfig } = {}] = Targets as Record<string, unknown>[];
    assert.deepEqual(DeadLetterConfig, { Arn: existing.deadLetterQueueArn });
    const { 'Fn::GetAtt': [role] = [] } = RoleArn as { readonly 'Fn::GetAtt'?: readonly string[] };
    const policies = ofType('AWS::IAM::Policy').filter(
      ({ Roles }) => JSON.stringify(Roles) === `[{"Ref":"${role ?? ''}"}]`,
    );
    assert.deepEqual(
      policies.map(({ PolicyDocument }) => (PolicyDocument as { readonly Statement: unknown }).Statement),
      [[{ Action: 'events:PutEvents', Effect: 'Allow', Resource: forwardTo }]],
    );
  });

  test('forwards nothing unless it is given a bus to forward to', () => {
    const alone = withUnbuiltHandlers(() => new ExistingBusStack(new App(), 'ExistingBus', { existing, ...IRELAND }));
    assert.doesNotMatch(JSON.stringify(Template.fromStack(alone).toJSON()), /Forward/);
  });

  test('encrypts variables, logs and the copy of the API key with the key', () => {
    for (const { KmsKeyArn } of ofType('AWS::Lambda::Function')) assert.equal(KmsKeyArn, existing.keyArn);
    for (const { KmsKeyId } of ofType('AWS::Logs::LogGroup')) assert.equal(KmsKeyId, existing.keyArn);
    for (const { KmsKeyIdentifier } of ofType('AWS::Events::Connection'))
      assert.equal(KmsKeyIdentifier, existing.keyArn);
  });

  test('lets the functions use the key through the services that they call, and for what is encrypted with it', () => {
    for (const service of ['lambda', 'secretsmanager', 'dynamodb']) {
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Resource: existing.keyArn,
              Condition: { StringEquals: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } },
            }),
          ]),
        },
      });
    }
  });

  test('says that the policy of the queue is not its to amend', () => {
    Annotations.fromStack(stack()).hasWarning('/ExistingBus/DeadLetters', Match.stringLikeRegexp('cannot amend'));
  });

  test('gives cfn-lint nothing to find, and cdk-nag only wildcards', () => {
    lint(stack());
    // Network interfaces have no names to allow before they are made; DynamoDB uses a key by actions of several names.
    const found = findings(stack()).filter((finding) => finding.startsWith('AwsSolutions'));
    assert.deepEqual(
      [...new Set(found)],
      [
        'AwsSolutions-IAM5 /ExistingBus/FromMomento/HandlerRole/DefaultPolicy/Resource',
        'AwsSolutions-IAM5 /ExistingBus/FromMomento/RedriveHandlerRole/DefaultPolicy/Resource',
      ],
    );
  });
});

describe('the template of the bus that existing-bus forwards to', () => {
  const stack = (props: Partial<ReceivingStackProps> = {}) =>
    new ReceivingStack(new App(), 'Receiving', {
      eventBusName: 'momento-messages',
      senderAccount: IRELAND.env.account,
      env: { account: '222222222222', region: 'us-east-1' },
      ...props,
    });
  const sender = {
    Sid: 'cdk-Sender',
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111111111111:root']] } },
  };
  const statementOf = (receiving: ReceivingStack) => {
    const [policy, ...more] = Object.values(Template.fromStack(receiving).findResources('AWS::Events::EventBusPolicy'));
    assert.deepEqual(more, []);
    const { Properties } = policy as { readonly Properties: { readonly Statement: Record<string, unknown> } };
    const { Resource: bus, ...statement } = Properties.Statement;
    assert.match(JSON.stringify(bus), /Fn::GetAtt.*Bus.*Arn/);
    return statement;
  };

  test('is what it was', () => {
    checkSnapshot('existing-bus-receiving', stack());
  });

  test('lets the account of the sender put events on the bus, and nobody else', () => {
    assert.deepEqual(statementOf(stack()), sender);
  });

  test('lets that account do so only while it is in the organization, if one is given', () => {
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } };
    assert.deepEqual(statementOf(stack({ organizationId: 'o-a1b2c3d4e5' })), { ...sender, Condition });
  });

  test('gives cfn-lint nothing to find, and cdk-nag only the queue of the example', () => {
    lint(stack());
    const found = findings(stack()).filter((finding) => finding.startsWith('AwsSolutions'));
    assert.deepEqual(found, [`${ruleOf(explained.exampleQueue)} /Receiving/Messages/Resource`]);
  });
});

/** An event as a target gets it. */
interface Arrival {
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly 'replay-name'?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

describe('the example existing-bus, deployed', () => {
  let example: LocalExistingBus;
  const printed: string[] = [];
  /** The events of a message that were printed: the first one, and those of replays. */
  const arrivalsOf = (text: string) =>
    printed.map((event) => JSON.parse(event) as Arrival).filter(({ detail }) => detail.text === text);
  before(async () => {
    example = await LocalExistingBus.start((event) => printed.push(event));
  });
  after(() => example.stop());

  test('prints commands that do what it says of them, each block pasted as it is, and each event that arrives, in full', async () => {
    const [publication, command, replay, ...more] = blocksOf(instructions(example));
    assert.deepEqual(more, []);
    await paste(publication);
    const delivery = await until('the webhook', async () => (await example.momento.webhookDeliveries())[0]);
    assert.equal(delivery.status, 200);
    const [arrival] = await until('the event', () =>
      Promise.resolve(printed.length > 0 ? arrivalsOf('hello') : undefined),
    );
    const { source, 'detail-type': type, account, detail, ...rest } = arrival ?? assert.fail(printed.join());
    assert.deepEqual([source, type, account], ['Momento', `${CACHE}#in`, example.aws.account]);
    assert.deepEqual([detail.cache, detail.topic, detail.text], [CACHE, 'in', 'hello']);
    assert.deepEqual(Object.keys(rest).sort(), ['id', 'region', 'resources', 'time', 'version']);
    // In quotes, by an API destination.
    assert.match(await paste(command), /"FailedEntryCount": ?0[^]*"hello"\n$/);

    const elsewhere = await subscribe();
    assert.match(await paste(replay), /"State": ?"STARTING"[^]*COMPLETED/);
    const again = await until('the replayed event', () => Promise.resolve(arrivalsOf('hello')[1]));
    assert.match(again['replay-name'] ?? '', /^again-\d+$/);
    assert.deepEqual(again.detail, detail);
    // Of another rule of the organisation's bus, which the replay does not name.
    assert.deepEqual(await example.aws.receive(elsewhere, 1, 200), []);
  });

  /** What else is on the bus, a rule of the organisation's own with a queue, say. */
  const subscribe = async (): Promise<string> => {
    const { events, sqs } = example.aws.clients;
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'messages' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const allow = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
    const Policy = JSON.stringify({ Statement: [{ ...allow, Resource: Attributes?.QueueArn }] });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const rule = { EventBusName: example.existing.eventBusArn.split('/')[1] };
    const EventPattern = JSON.stringify({ source: ['Momento'] });
    await events.send(new PutRuleCommand({ ...rule, Name: 'messages', EventPattern }));
    const Targets = [{ Id: 'messages', Arn: Attributes?.QueueArn }];
    await events.send(new PutTargetsCommand({ ...rule, Rule: 'messages', Targets }));
    return QueueUrl;
  };
  const put = (detail: Record<string, unknown>) =>
    example.aws.clients.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: example.existing.eventBusArn,
            Source: 'orders',
            DetailType: 'cacheSet',
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );

  test('has a README whose commands do what it says of them, each typed as it is', async () => {
    const { blocks, inSentences } = commandsOf('existing-bus');
    const [startReplay, deploy, ...more] = blocks;
    assert.deepEqual([more, inSentences], [[], []]);
    // Here, the other bus is deployed first, too.
    assert.equal(deploy, 'npx cdk deploy Receiving\nnpx cdk deploy ExistingBus');
    const time = (milliseconds: number) => new Date(milliseconds).toISOString();
    const command = filledIn(startReplay, {
      ARCHIVE_ARN: example.archiveArn,
      BUS_ARN: example.existing.eventBusArn,
      FORWARD_RULE_ARN: example.forwardRuleArn,
      '2026-11-26T10:00:00Z': time(Date.now() - 3_600_000),
      '2026-11-26T12:00:00Z': time(Date.now() + 1000),
    });
    assert.match(await typeWithAws(example.aws, command), /"State": "STARTING"/);
    await until('the replayed event', () =>
      Promise.resolve(arrivalsOf('hello').some((event) => event['replay-name'] === 'fill-1') || undefined),
    );
  });

  test('takes a message of a topic to the bus that was there, and a replay not again', async () => {
    const queueUrl = await subscribe();
    const sender = new WebhookSender(example.url, SIGNING_SECRET);
    const body = sender.body();
    assert.equal((await sender.send(body)).content.message, 'Success');
    assert.equal((await sender.send(body)).content.message, 'Duplicate');
    const [message, ...more] = await example.aws.receive(queueUrl, 2, 1000);
    assert.deepEqual(more, []);
    const { detail } = JSON.parse(message?.Body ?? '') as { readonly detail: unknown };
    assert.deepEqual(detail, JSON.parse(body));
  });

  test('takes a command from that bus to the cache, and an invalid one to the existing queue', async () => {
    await put({ cacheName: CACHE, key: 'user-17', message: 'hello', ttl: 60 });
    const value = await until('the item', () => example.momento.item(CACHE, 'user-17'));
    assert.equal(value.toString(), '"hello"');
    await put({ cacheName: CACHE, message: 'without a key', ttl: 60 });
    const [letter] = await example.aws.receive(example.deadLetterQueueUrl);
    assert.match(letter?.Body ?? '', /without a key/);
  });

  test('keeps a message in the existing queue that the other account does not permit', async () => {
    const { events } = example.receiver.clients;
    await events.send(new RemovePermissionCommand({ EventBusName: RECEIVING_BUS, RemoveAllPermissions: true }));
    const sender = new WebhookSender(example.url, SIGNING_SECRET);
    assert.equal((await sender.send(sender.body({ text: 'not permitted' }))).status, 200);
    const [letter] = await example.aws.receive(example.deadLetterQueueUrl);
    assert.match(letter?.Body ?? '', /not permitted/);
    assert.equal(letter?.MessageAttributes?.ERROR_CODE?.StringValue, 'NO_PERMISSIONS');
    assert.deepEqual(arrivalsOf('not permitted'), []);
  });
});
