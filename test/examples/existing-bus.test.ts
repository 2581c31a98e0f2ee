import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type Existing, ExistingBusStack } from '../../examples/existing-bus/existing-bus-stack';
import { CACHE, instructions, LocalExistingBus, SIGNING_SECRET } from '../../tools/run-example/existing-bus/run';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { WebhookSender } from '../../tools/common/webhook-sender';
import { IRELAND } from '../constructs/in-stack';
import { until } from '../../tools/common/until';
import { checkSnapshot } from './template-snapshot';
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
  const stack = () =>
    withUnbuiltHandlers(() => new ExistingBusStack(new App(), 'ExistingBus', { existing, ...IRELAND }));
  const template = Template.fromStack(stack());
  const resources = Object.values(template.toJSON().Resources as Record<string, Resource>);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

  test('is what it was', () => {
    checkSnapshot('existing-bus', stack());
  });

  test('makes nothing a second time: only functions, what runs them, rules, and API destinations', () => {
    assert.deepEqual([...new Set(resources.map(({ Type }) => Type))].sort(), [
      'AWS::Events::ApiDestination',
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
    assert.equal(roles.length, 3);
    for (const { PermissionsBoundary } of roles) assert.equal(PermissionsBoundary, existing.permissionsBoundaryArn);
  });

  test('has the tags on all that can have some', () => {
    const expected = Object.entries(existing.tags).map(([Key, Value]) => ({ Key, Value }));
    const untaggable = new Set([
      // CloudFormation has no tags for these two.
      'AWS::Events::ApiDestination',
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

describe('the example existing-bus, deployed', () => {
  let example: LocalExistingBus;
  before(async () => {
    example = await LocalExistingBus.start();
  });
  after(() => example.stop());

  test('prints commands that do what it says of them, each block pasted as it is', async () => {
    const [publication, command, ...more] = blocksOf(instructions(example));
    assert.deepEqual(more, []);
    await paste(publication);
    const delivery = await until('the webhook', async () => (await example.momento.webhookDeliveries())[0]);
    assert.equal(delivery.status, 200);
    // In quotes, by an API destination.
    assert.match(await paste(command), /"FailedEntryCount": ?0[^]*"hello"\n$/);
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
});
