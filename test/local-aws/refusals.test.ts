/** What AWS refuses, so that a test here sees it: each with its source in the module of `emulator/` that does it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CreateConnectionCommand,
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ListFunctionsCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { App, CfnOutput, CfnResource, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LocalAws, type StackOutputs } from '../../tools/index';

const bus = { EventBusName: 'guarded', Name: 'guard' };

describe('the local AWS refuses, as AWS does,', () => {
  let aws: LocalAws;
  before(async () => {
    aws = await LocalAws.start({ enforceIam: true });
  });
  after(() => aws.stop());

  const deploy = (fill: (stack: Stack) => void, name = 'Stack'): Promise<StackOutputs> => {
    const outdir = mkdtempSync(join(tmpdir(), 'refusals-'));
    const app = new App({ outdir });
    fill(new Stack(app, name));
    const { directory } = app.synth();
    return aws.deploy(directory).finally(() => {
      rmSync(outdir, { recursive: true });
    });
  };

  test('to make a rule on an event bus that does not exist, and to delete a bus that has rules', async () => {
    const { events: client } = aws.clients;
    const rule = { ...bus, EventPattern: '{"source":["Momento"]}', State: 'DISABLED' as const };
    await assert.rejects(client.send(new PutRuleCommand(rule)), { name: 'ResourceNotFoundException' });
    await client.send(new CreateEventBusCommand({ Name: 'guarded' }));
    await client.send(new PutRuleCommand(rule));
    const remove = () => client.send(new DeleteEventBusCommand({ Name: 'guarded' }));
    await assert.rejects(remove(), { name: 'ValidationException' });
    await client.send(new DeleteRuleCommand(bus));
    await remove();
  });

  test('what a rule forwards to a bus of another account without permission, or to one that does not exist', async () => {
    const other = { account: '222222222222', region: 'eu-west-1' };
    const busArn = (name: string) => `arn:aws:events:${other.region}:${other.account}:event-bus/${name}`;
    const outputs = await deploy((stack) => {
      const eventBus = new events.EventBus(stack, 'Bus');
      const deadLetterQueue = new sqs.Queue(stack, 'DeadLetters');
      for (const name of ['foreign', 'missing']) {
        const target = events.EventBus.fromEventBusArn(stack, `Bus-${name}`, busArn(name));
        new events.Rule(stack, name, {
          eventBus,
          eventPattern: { source: ['test'] },
          targets: [new targets.EventBus(target, { deadLetterQueue })],
        });
      }
      new CfnOutput(stack, 'BusName', { value: eventBus.eventBusName });
      new CfnOutput(stack, 'DeadLettersUrl', { value: deadLetterQueue.queueUrl });
    }, 'Forwarding');
    const receiver = aws.in(other).clients.events;
    await receiver.send(new CreateEventBusCommand({ Name: 'foreign' }));
    const reasons = async (count: number) => {
      const entry = { EventBusName: outputs.get('BusName'), Source: 'test', DetailType: 'test', Detail: '{}' };
      await aws.clients.events.send(new PutEventsCommand({ Entries: [entry] }));
      const letters = await aws.receive(outputs.get('DeadLettersUrl'), count);
      assert.deepEqual(await aws.bodiesIn(outputs.get('DeadLettersUrl')), []);
      return letters.map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue).sort();
    };
    assert.deepEqual(await reasons(2), ['NO_PERMISSIONS', 'NO_RESOURCE']);
    const permission = { StatementId: 'sender', Action: 'events:PutEvents', Principal: aws.account };
    await receiver.send(new PutPermissionCommand({ ...permission, EventBusName: 'foreign' }));
    assert.deepEqual(await reasons(1), ['NO_RESOURCE']);
  });

  test('a rule with a pattern, a description or targets beyond the limits', async () => {
    const { events: client } = aws.clients;
    const named = { Name: 'limited' };
    const pattern = (characters: number) => `{"source":["${'x'.repeat(characters - '{"source":[""]}'.length)}"]}`;
    const put = (rule: Partial<PutRuleCommandInput>) =>
      client.send(new PutRuleCommand({ ...named, EventPattern: pattern(2048), ...rule }));
    await put({ Description: 'x'.repeat(512) });
    await assert.rejects(put({ EventPattern: pattern(2049) }), { name: 'LimitExceededException' });
    await assert.rejects(put({ Description: 'x'.repeat(513) }), { name: 'ValidationException' });
    const target = (id: number) => ({ Id: id.toString(), Arn: `arn:aws:sqs:us-east-1:000000000000:q${id.toString()}` });
    const putTargets = (...ids: number[]) =>
      client.send(new PutTargetsCommand({ Rule: named.Name, Targets: ids.map(target) }));
    await putTargets(1, 2, 3, 4, 5);
    await putTargets(5);
    await assert.rejects(putTargets(6), { name: 'LimitExceededException' });

    const fill = (characters: number) => (stack: Stack) => {
      const properties = { EventPattern: JSON.parse(pattern(characters)) as unknown };
      new CfnResource(stack, 'Rule', { type: 'AWS::Events::Rule', properties });
    };
    await deploy(fill(2048), 'Rules');
    await assert.rejects(deploy(fill(2049), 'Rules'), /LimitExceededException/);
  });

  test('to delete, with its stack, a bus that has rules of others', async () => {
    await deploy((stack) => new events.EventBus(stack, 'Bus', { eventBusName: 'theirs' }), 'Buses');
    const rule = { ...bus, EventBusName: 'theirs', EventPattern: '{"source":["Momento"]}' };
    await aws.clients.events.send(new PutRuleCommand(rule));
    await assert.rejects(aws.delete('Buses'), /EventBus can't be deleted since it has rules/);
  });

  test('a partial ARN of a secret that ends as a complete one does, and any other beginning of an ARN', async () => {
    const { secrets } = aws.clients;
    const { ARN: ambiguous = '' } = await secrets.send(
      new CreateSecretCommand({ Name: 'momento-secret', SecretString: 'x' }),
    );
    const { ARN: plain = '' } = await secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: 'y' }));
    const read = async (id: string) => (await secrets.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
    const partial = (arn: string) => arn.slice(0, -7);
    assert.deepEqual(await Promise.all([ambiguous, 'momento-secret', plain, partial(plain), 'momento'].map(read)), [
      'x',
      'x',
      'y',
      'y',
      'y',
    ]);
    for (const id of [partial(ambiguous), partial(plain).slice(0, -1)]) {
      await assert.rejects(read(id), { name: 'ResourceNotFoundException' }, id);
    }
  });

  test('an API key of more than 512 characters in a connection', async () => {
    const create = (length: number) =>
      aws.clients.events.send(
        new CreateConnectionCommand({
          Name: `key-${length.toString()}`,
          AuthorizationType: 'API_KEY',
          AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Authorization', ApiKeyValue: 'k'.repeat(length) } },
        }),
      );
    await create(512);
    await assert.rejects(create(513), { name: 'ValidationException' });
    const fill = (stack: Stack) =>
      new events.Connection(stack, 'Connection', {
        authorization: events.Authorization.apiKey('Authorization', SecretValue.unsafePlainText('k'.repeat(513))),
      });
    await assert.rejects(deploy(fill, 'Connections'), /length less than or equal to 512/);
  });

  test('a whole call for one event with a trace header of more than 500 characters', async () => {
    const event = { Source: 'test', DetailType: 'x', Detail: '{}' };
    const put = (length: number) =>
      aws.clients.events.send(
        new PutEventsCommand({ Entries: [event, { ...event, TraceHeader: 'x'.repeat(length) }] }),
      );
    assert.equal((await put(500)).FailedEntryCount, 0);
    await assert.rejects(put(501), { name: 'ValidationException' });
  });

  test('a whole call for one event of a source that the caller may not use', async () => {
    const caller = await deploy((stack) => {
      const user = new iam.User(stack, 'User');
      events.EventBus.fromEventBusName(stack, 'Default', 'default').grantPutEventsTo(user);
      user.addToPolicy(
        new iam.PolicyStatement({
          effect: iam.Effect.DENY,
          actions: ['events:PutEvents'],
          resources: ['*'],
          conditions: { StringNotEquals: { 'events:source': ['one', 'another'] } },
        }),
      );
      new CfnOutput(stack, 'Name', { value: user.userName });
    }, 'Callers');
    const client = new EventBridgeClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: await accessKey(aws, caller.get('Name')),
    });
    const put = (...sources: string[]) =>
      client.send(
        new PutEventsCommand({ Entries: sources.map((Source) => ({ Source, DetailType: 'x', Detail: '{}' })) }),
      );
    assert.equal((await put('one', 'another')).FailedEntryCount, 0);
    await assert.rejects(put('one', 'foreign'), { name: 'AccessDeniedException' });
    client.destroy();
  });

  test('environment variables of more than 4 KB', async () => {
    const fill = (bytes: number) => (stack: Stack) => {
      // {"A":""} are 8 bytes.
      const Variables = { A: 'a'.repeat(bytes - 8) };
      new CfnResource(stack, 'Function', {
        type: 'AWS::Lambda::Function',
        properties: {
          Role: 'arn:aws:iam::000000000000:role/role',
          Code: { ZipFile: 'x' },
          Handler: 'index.handler',
          Runtime: 'python3.12',
          Environment: { Variables },
        },
      });
    };
    await assert.rejects(deploy(fill(4097), 'Large'), /InvalidParameterValueException.*4KB limit/);
    await deploy(fill(4096), 'Largest');
    const { lambda } = aws.clients;
    const { Functions: [only] = [] } = await lambda.send(new ListFunctionsCommand());
    const setTo = (bytes: number) => {
      const Environment = { Variables: { A: 'a'.repeat(bytes - 8) } };
      return lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: only?.FunctionName, Environment }));
    };
    await assert.rejects(setTo(4097), { name: 'InvalidParameterValueException', message: /4KB limit/ });
    await setTo(4096);
  });

  test('an event to a queue whose key EventBridge may not use', async () => {
    const outputs = await deploy((stack) => {
      const key = new kms.Key(stack, 'Key');
      const queues = {
        Managed: { encryption: sqs.QueueEncryption.KMS_MANAGED },
        Foreign: { encryptionMasterKey: kms.Key.fromKeyArn(stack, 'Foreign', new kms.Key(stack, 'Theirs').keyArn) },
        Ours: { encryptionMasterKey: key },
        Plain: { encryption: sqs.QueueEncryption.SQS_MANAGED },
      };
      const rule = new events.Rule(stack, 'Rule', { eventPattern: { source: ['test'] } });
      for (const [id, props] of Object.entries(queues)) {
        const queue = new sqs.Queue(stack, `${id}Queue`, props);
        rule.addTarget(new targets.SqsQueue(queue));
        new CfnOutput(stack, `${id}Url`, { value: queue.queueUrl });
      }
    }, 'Queues');
    await aws.clients.events.send(
      new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'test', Detail: '{}' }] }),
    );
    const arrived = async (id: string) => (await aws.receive(outputs.get(`${id}Url`), 1, 300)).length;
    assert.deepEqual(await Promise.all(['Managed', 'Foreign', 'Ours', 'Plain'].map(arrived)), [0, 0, 1, 1]);
  });

  test('to delete what a template retains: when it leaves the template and when the stack is deleted', async () => {
    const fill =
      (...ids: string[]) =>
      (stack: Stack) => {
        for (const id of ids) {
          const queue = new sqs.Queue(stack, id);
          if (id !== 'Deleted') queue.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
          new CfnOutput(stack, `${id}Url`, { value: queue.queueUrl });
        }
      };
    const outputs = await deploy(fill('Deleted', 'Left', 'Retained'), 'Retaining');
    const url = (id: string) => outputs.get(`${id}Url`);
    for (const id of ['Left', 'Retained']) {
      await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: url(id), MessageBody: id }));
    }
    await deploy(fill('Retained'), 'Retaining');
    await aws.delete('Retaining');
    const name = (id: string) => url(id).split('/').at(-1) ?? '';
    await assert.rejects(aws.clients.sqs.send(new GetQueueUrlCommand({ QueueName: name('Deleted') })), {
      name: 'QueueDoesNotExist',
    });
    for (const id of ['Left', 'Retained']) {
      assert.deepEqual(
        (await aws.receive(url(id))).map(({ Body }) => Body),
        [id],
      );
    }
  });
});

/** CloudFormation here makes no access keys, and a client for this one call would be a dependency more. */
async function accessKey(aws: LocalAws, userName: string) {
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${aws.region}/iam/aws4_request` },
    body: new URLSearchParams({ Action: 'CreateAccessKey', Version: '2010-05-08', UserName: userName }),
  });
  const answer = await response.text();
  const element = (name: string) => new RegExp(`<${name}>(.+)</${name}>`).exec(answer)?.[1] ?? assert.fail(answer);
  return { accessKeyId: element('AccessKeyId'), secretAccessKey: element('SecretAccessKey') };
}
