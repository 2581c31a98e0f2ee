import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { upload } from '../../templates/upload';
import { LocalAws, LocalMomento } from '../../tools';
import { until } from '../../tools/common/until';
import { GeneratedTemplates } from '../templates/generated';
import { LaunchedStack } from './launched-stack';
import { WebhookSender } from '../../tools/common/webhook-sender';

const Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const CELL = 'https://api.cache.${cell}.prod.a.momentohq.com';
const GRPC_CELL = 'https://cache.${cell}.prod.a.momentohq.com';

let aws: LocalAws;
let templates: GeneratedTemplates;

before(async () => {
  aws = await LocalAws.start({ enforceIam: true });
  templates = new GeneratedTemplates();
  // The buckets of the other regions would hold the same.
  const { buckets, ...uploads } = templates.uploads;
  const [here] = buckets.filter(({ region }) => region === aws.region);
  writeFileSync(templates.list, JSON.stringify({ ...uploads, buckets: [here] }));
  await aws.clients.s3.send(new CreateBucketCommand({ Bucket: here?.bucket }));
});
after(() => aws.stop());

const release = () => upload({ list: templates.list, account: aws.account, clientFor: () => aws.clients.s3 });

/** Makes a bus, with a queue that every event on it is carried to, and returns the queue's URL. */
async function busWithQueue(name: string): Promise<string> {
  const { events, sqs } = aws.clients;
  const Resource = `arn:aws:sqs:${aws.region}:${aws.account}:${name}`;
  const allow = {
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Principal: { Service: 'events.amazonaws.com' },
    Resource,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));

  await events.send(new CreateEventBusCommand({ Name: name }));
  const EventPattern = JSON.stringify({ account: [aws.account] });
  await events.send(new PutRuleCommand({ EventBusName: name, Name: 'everything', EventPattern }));
  const Targets = [{ Id: 'queue', Arn: Resource }];
  await events.send(new PutTargetsCommand({ EventBusName: name, Rule: 'everything', Targets }));
  return url;
}

describe('a release', () => {
  test('is uploaded once; a second upload changes nothing', async () => {
    await release();
    await release();
  });

  test('never replaces what was released', async () => {
    const { files, ...uploads } = templates.uploads;
    const others = files.map((file) => ({ ...file, key: files[0]?.key }));
    const list = templates.list.replace('uploads', 'other-uploads');
    writeFileSync(list, JSON.stringify({ ...uploads, files: others }));
    await assert.rejects(
      upload({ list, account: aws.account, clientFor: () => aws.clients.s3 }),
      /has other bytes than .*\. Release a new version\./,
    );
  });
});

describe('momento-webhook.yaml', () => {
  const launch = (name: string, parameters: Record<string, string>, client = aws.clients.cloudFormation) =>
    LaunchedStack.launch(client, name, templates.yaml('momento-webhook'), { Architecture, ...parameters });

  test('takes messages to the bus once the signing secret is in the parameter', async () => {
    const queueUrl = await busWithQueue('messages');
    const stack = await launch('webhook', { EventBusName: 'messages' });
    const { Url: url = '', EventBus: bus } = await stack.outputs();
    assert.equal(bus, 'messages');

    const sender = new WebhookSender(aws.functionUrl(url), 'secret of the webhook');
    assert.equal((await sender.send()).status, 503);

    await stack.update({ Architecture, EventBusName: 'messages', MomentoSigningSecret: 'secret of the webhook' });
    assert.equal((await stack.outputs()).Url, url);
    const body = sender.body({ text: 'by template' });
    assert.equal((await sender.send(body)).status, 200);
    const [message] = await aws.receive(queueUrl);
    const event = JSON.parse(message?.Body ?? '') as Record<string, unknown>;
    assert.equal(event['detail-type'], 'chat#room-281');
    assert.deepEqual(event.detail, JSON.parse(body));

    assert.equal((await sender.send(sender.body(), { signature: 'f'.repeat(64) })).status, 403);
  });

  test('cannot be launched with a bus that does not exist', async () => {
    const stack = await launch('wrong-bus', { EventBusName: 'nowhere' });
    const { StackStatus: status } = await stack.settled();
    assert.match(status ?? '', /^ROLLBACK_/);
    assert.deepEqual(await stack.failures(), ['EventBusMustExist: Event bus nowhere does not exist.']);
  });

  test('is refused in a region that has no code, before anything is made', async () => {
    const { endpoint } = aws;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const elsewhere = new CloudFormationClient({ endpoint, credentials, region: 'sa-east-1' });
    await assert.rejects(launch('elsewhere', {}, elsewhere), /The code for this template is only in .*us-east-1/);
  });
});

describe('momento-topic.yaml', () => {
  test('has its schedule subscribe to the topics of the parameter, whose messages are then on the bus', async () => {
    const momento = await LocalMomento.start({ caches: ['chat', 'games'] });
    try {
      const queueUrl = await busWithQueue('topics');
      const yaml = templates.yaml('momento-topic');
      assert.ok(yaml.includes(GRPC_CELL));
      const stack = await LaunchedStack.launch(
        aws.clients.cloudFormation,
        'topics',
        // Momento itself cannot be called from a test: the one thing in which this template is not what AWS would get.
        yaml.replaceAll(GRPC_CELL, momento.endpoint),
        {
          Architecture,
          EventBusName: 'topics',
          MomentoApiKey: momento.apiKey,
          Topics: 'chat#room-281,games#lobby 1/é',
        },
      );
      assert.equal((await stack.outputs()).EventBus, 'topics');
      for (const [cache = '', topic = ''] of [
        ['chat', 'room-281'],
        ['games', 'lobby 1/é'],
      ]) {
        // The schedule invokes the function a minute after the launch for the first time.
        await until(
          `a subscription to ${topic}`,
          async () => ((await momento.openStreams(cache, topic)) > 0 ? true : undefined),
          { timeoutMs: 100_000, everyMs: 100 },
        );
        const url = `${momento.endpoint}/topics/${cache}/${encodeURIComponent(topic)}`;
        const headers = { authorization: momento.apiKey, 'content-type': 'text/plain' };
        assert.equal((await fetch(url, { method: 'POST', headers, body: 'by template' })).status, 204);
        const [message] = await aws.receive(queueUrl);
        const event = JSON.parse(message?.Body ?? '{}') as { detail: Record<string, unknown> };
        assert.deepEqual(
          [event.detail.cache, event.detail.topic, event.detail.text, event.detail.origin],
          [cache, topic, 'by template', 'subscription'],
        );
      }
    } finally {
      await momento.stop();
    }
  });

  test('cannot be launched with a bus that does not exist', async () => {
    const launch = (name: string, given: Record<string, string>) =>
      LaunchedStack.launch(aws.clients.cloudFormation, name, templates.yaml('momento-topic'), {
        Architecture,
        MomentoApiKey: 'key',
        ...given,
      });
    const nowhere = await launch('topics-nowhere', { EventBusName: 'nowhere', Topics: 'chat#room-281' });
    assert.match((await nowhere.settled()).StackStatus ?? '', /^ROLLBACK_/);
  });
});

for (const { name, parameters, delivered } of [
  // By API destinations, a string arrives in double quotes.
  { name: 'eventbridge-to-momento', parameters: {}, delivered: '"Hello"' },
  { name: 'eventbridge-to-momento-by-lambda', parameters: { Architecture }, delivered: 'Hello' },
] as const) {
  describe(`${name}.yaml`, () => {
    let momento: LocalMomento;
    before(async () => {
      momento = await LocalMomento.start({ caches: ['chat'], apiKey: 'first-key' });
      await momento.addApiKey('second-key');
    });
    after(() => momento.stop());

    /** Waits until a key has published, and tells what. */
    const publishedBy = async (key: string) => {
      const { path, method, body } = await until(`a message of ${key}`, async () =>
        (await momento.requests()).find(({ caller, status }) => caller === key && status === 204),
      );
      return [method, path, body.toString()];
    };

    test('takes commands to Momento with the API key of the parameter, and with the next one after an update', async () => {
      await aws.clients.events.send(new CreateEventBusCommand({ Name: name }));
      const yaml = templates.yaml(name);
      assert.ok(yaml.includes(CELL));
      const given = (MomentoApiKey: string) => ({ EventBusName: name, MomentoApiKey, ...parameters });
      const stack = await LaunchedStack.launch(
        aws.clients.cloudFormation,
        name,
        // Momento itself cannot be called from a test: the one thing in which this template is not what AWS would get.
        yaml.replaceAll(CELL, momento.endpoint),
        given('first-key'),
      );
      const { DeadLetterQueueUrl: deadLetters = '' } = await stack.outputs();
      const put = (detail: object) => {
        const entry = { Source: 'orders', DetailType: 'topicPublish', Detail: JSON.stringify(detail) };
        return aws.clients.events.send(new PutEventsCommand({ Entries: [{ ...entry, EventBusName: name }] }));
      };

      const publish = { cacheName: 'chat', topicName: 'room-281', message: 'Hello' };
      await put(publish);
      const request = ['POST', '/topics/chat/room-281', delivered];
      assert.deepEqual(await publishedBy('api-key-1'), request);

      await stack.update(given('second-key'));
      await stack.outputs();
      // The function keeps the key that it has until Momento refuses it.
      await momento.revokeApiKey('first-key');
      await put(publish);
      assert.deepEqual(await publishedBy('api-key-2'), request);

      await put({ cacheName: 'chat' });
      const [deadLetter] = await aws.receive(deadLetters);
      assert.match(deadLetter?.Body ?? '', /"cacheName": ?"chat"/);
    });

    test('cannot be launched with a bus that does not exist', async () => {
      const stack = await LaunchedStack.launch(aws.clients.cloudFormation, `${name}-nowhere`, templates.yaml(name), {
        EventBusName: 'nowhere',
        MomentoApiKey: 'key',
        ...parameters,
      });
      assert.match((await stack.settled()).StackStatus ?? '', /^ROLLBACK_/);
    });
  });
}
