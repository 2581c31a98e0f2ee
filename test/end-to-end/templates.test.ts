import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateEventBusCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ownBucket } from '../../templates/host';
import { TEMPLATES } from '../../templates/release';
import { upload } from '../../templates/upload';
import { LocalAws, LocalMomento } from '../../tools';
import { until } from '../../tools/common/until';
import { run } from '../cli/command-line';
import { GeneratedTemplates } from '../templates/generated';
import { makeBusWithQueue } from './bus-with-queue';
import { LaunchedStack } from './launched-stack';
import { WebhookSender } from '../../tools/common/webhook-sender';

const Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const CELL = 'https://api.cache.${cell}.prod.a.momentohq.com';
const SIGNING_SECRET = 'secret of the webhook';
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

/** The alarms that CloudWatch has of a stack. */
async function alarmsOf(stack: LaunchedStack): Promise<MetricAlarm[]> {
  const { endpoint, region } = aws;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const cloudWatch = new CloudWatchClient({ endpoint, region, credentials });
  const AlarmNames = (await stack.resources('AWS::CloudWatch::Alarm')).map(({ physicalId }) => physicalId);
  if (AlarmNames.length === 0) return [];
  return (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms ?? [];
}

/** What SNS says of the subscriptions of a topic, in XML. */
async function subscriptionsTo(topic: string): Promise<string> {
  const { endpoint, region } = aws;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20261126/${region}/sns/aws4_request` },
    body: new URLSearchParams({ Action: 'ListSubscriptionsByTopic', TopicArn: topic, Version: '2010-03-31' }),
  });
  return answer.text();
}

/** What `show` of the command line prints of the only construct in a stack. */
async function shown(stack: string): Promise<Readonly<Record<string, string>>> {
  const { status, stdout, stderr } = await run(['show', '--stack', stack, '--json'], { environment: aws.environment });
  assert.deepEqual([status, stderr], [0, '']);
  const { constructs } = JSON.parse(stdout) as { constructs: Record<string, string>[] };
  assert.equal(constructs.length, 1, stdout);
  return constructs[0] ?? {};
}

const release = () => upload({ list: templates.list, account: aws.account, clientFor: () => aws.clients.s3 });

const busWithQueue = (name: string) => makeBusWithQueue(aws, name);

describe('a release', () => {
  test('is uploaded once; a second upload changes nothing', async () => {
    await release();
    await release();
  });

  test('is also where the newest version is, unless a newer one is there', async () => {
    const { latest, ...uploads } = templates.uploads;
    const Bucket = uploads.buckets[0]?.bucket;
    const list = templates.list.replace('uploads', 'uploads-of-another-version');
    const versionAfter = async (version: string) => {
      writeFileSync(list, JSON.stringify({ ...uploads, version, files: [], latest }));
      await upload({ list, account: aws.account, clientFor: () => aws.clients.s3 });
      const head = new HeadObjectCommand({ Bucket, Key: 'latest/momento-topic.yaml' });
      const { Metadata, CacheControl } = await aws.clients.s3.send(head);
      assert.equal(CacheControl, 'no-cache');
      return Metadata?.version;
    };
    for (const name of TEMPLATES) {
      const { Body } = await aws.clients.s3.send(new GetObjectCommand({ Bucket, Key: `latest/${name}.yaml` }));
      assert.equal(await Body?.transformToString(), templates.yaml(name));
    }
    assert.equal(await versionAfter('0.0.1'), uploads.version);
    assert.equal(await versionAfter('999.9.0'), '999.9.0');
    assert.equal(await versionAfter('999.10.0'), '999.10.0');
    assert.equal(await versionAfter('999.9.1'), '999.10.0');
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

describe('a release with checksums', () => {
  const list = () => templates.list.replace('uploads', 'uploads-with-checksums');
  const checksums = () => join(dirname(templates.list), 'SHA256SUMS');
  const uploadWith = async (text: string, key: string) => {
    const { files, ...uploads } = templates.uploads;
    writeFileSync(list(), JSON.stringify({ ...uploads, files: files.slice(0, 1).map((file) => ({ ...file, key })) }));
    writeFileSync(checksums(), text);
    await upload({ list: list(), checksums: checksums(), account: aws.account, clientFor: () => aws.clients.s3 });
  };

  test('is refused as a whole if any file of the version has other bytes than before', async () => {
    await uploadWith('of one build', 'one');
    await uploadWith('of one build', 'one');
    await assert.rejects(
      uploadWith('of another build', 'another'),
      /SHA256SUMS has other bytes than .*\. Release a new version\./,
    );
    const Bucket = templates.uploads.buckets[0]?.bucket;
    await assert.rejects(aws.clients.s3.send(new HeadObjectCommand({ Bucket, Key: 'another' })), { name: 'NotFound' });
  });
});

describe('a copy in a bucket of a company', () => {
  test('is uploaded there with its code, and launched from there', async () => {
    const Bucket = 'acme-templates';
    await aws.clients.s3.send(new CreateBucketCommand({ Bucket }));
    const copy = new GeneratedTemplates(ownBucket(Bucket, aws.region));
    await upload({ list: copy.list, clientFor: () => aws.clients.s3 });
    await busWithQueue('copied');
    const { Body } = await aws.clients.s3.send(new GetObjectCommand({ Bucket, Key: 'latest/momento-webhook.yaml' }));
    const stack = await LaunchedStack.launch(
      aws.clients.cloudFormation,
      'copied',
      (await Body?.transformToString()) ?? '',
      { Architecture, EventBusName: 'copied', MomentoSigningSecret: SIGNING_SECRET },
    );
    const { Url: url = '' } = await stack.outputs();
    assert.equal((await new WebhookSender(aws.functionUrl(url), SIGNING_SECRET).send()).status, 200);
  });

  test('says where it could not upload, and why', async () => {
    const copy = new GeneratedTemplates(ownBucket('not-there', aws.region));
    await assert.rejects(
      upload({ list: copy.list, clientFor: () => aws.clients.s3 }),
      /^Error: s3:\/\/not-there\/\S+\.zip is not uploaded: NoSuchBucket: /,
    );
  });
});

describe('momento-webhook.yaml', () => {
  const launch = (name: string, parameters: Record<string, string>, client = aws.clients.cloudFormation) =>
    LaunchedStack.launch(client, name, templates.yaml('momento-webhook'), { Architecture, ...parameters });

  test('takes messages from the beginning if the webhook was first, with what the secret of the stack of Momento has', async () => {
    const queueUrl = await busWithQueue('webhook-first');
    const stack = await launch('webhook-first', {
      EventBusName: 'webhook-first',
      MomentoSigningSecret: JSON.stringify({ momentoSecret: SIGNING_SECRET }),
    });
    const { Url: url = '' } = await stack.outputs();
    const sender = new WebhookSender(aws.functionUrl(url), SIGNING_SECRET);
    assert.equal((await sender.send()).status, 200);
    assert.equal((await aws.receive(queueUrl)).length, 1);
  });

  test('takes messages if the stack was first, once the signing secret was put in by hand, and logs where an output says', async () => {
    await busWithQueue('stack-first');
    const stack = await launch('stack-first', { EventBusName: 'stack-first' });
    const { Url: url = '', SigningSecretArn, LogGroup: logGroupName, RedriveLogGroup } = await stack.outputs();
    const sender = new WebhookSender(aws.functionUrl(url), SIGNING_SECRET);
    assert.equal((await sender.send()).status, 503);
    const put = new PutSecretValueCommand({ SecretId: SigningSecretArn, SecretString: SIGNING_SECRET });
    await aws.clients.secrets.send(put);
    await until('the handler to read the secret', async () =>
      (await sender.send()).status === 200 ? true : undefined,
    );
    await until('the log of the function', async () => {
      const { events = [] } = await aws.clients.logs.send(new FilterLogEventsCommand({ logGroupName }));
      return events.some(({ message }) => message?.includes('published')) ? true : undefined;
    });
    const { 'log of webhook': log, 'log of redrive': redriveLog } = await shown('stack-first');
    assert.deepEqual([log, redriveLog], [logGroupName, RedriveLogGroup]);
  });

  test('has alarms that go to the e-mail address while there is one, and none without it', async () => {
    await busWithQueue('alarmed');
    const given = { Architecture, EventBusName: 'alarmed' };
    const stack = await launch('alarmed', given);
    await stack.outputs();
    assert.deepEqual(await alarmsOf(stack), []);

    await stack.update({ ...given, AlarmEmail: 'alarms@example.com' });
    await stack.outputs();
    const [topic, ...others] = await stack.resources('AWS::SNS::Topic');
    assert.ok(topic && others.length === 0);
    const alarms = await alarmsOf(stack);
    assert.equal(alarms.length, 7);
    for (const { AlarmName, AlarmActions } of alarms) assert.deepEqual(AlarmActions, [topic.physicalId], AlarmName);
    const subscriptions = await subscriptionsTo(topic.physicalId);
    assert.match(subscriptions, /<Endpoint>alarms@example\.com<\/Endpoint>/);
    assert.match(subscriptions, /<Protocol>email<\/Protocol>/);

    await stack.update(given);
    await stack.outputs();
    assert.deepEqual(await alarmsOf(stack), []);
    assert.deepEqual(await stack.resources('AWS::SNS::Topic'), []);
  });

  test('is sound, as doctor sees it, and its queues are found by the stack', async () => {
    await busWithQueue('examined');
    const MomentoSigningSecret = SIGNING_SECRET;
    const stack = await launch('examined', {
      EventBusName: 'examined',
      MomentoSigningSecret,
      AlarmEmail: 'alarms@example.com',
    });
    const { Url: url = '', FallbackQueueUrl, DeadLetterQueueUrl } = await stack.outputs();
    const { environment } = aws;
    // The host of a Function URL is not known outside of AWS.
    const doctor = await run(['doctor', '--stack', 'examined', '--url', aws.functionUrl(url)], { environment });
    assert.deepEqual([doctor.status, doctor.stderr], [0, ''], doctor.stdout);
    for (const kind of ['fallback', 'dead-letter']) {
      const { status, stdout } = await run(['undelivered', '--stack', 'examined', '--queue', kind], { environment });
      assert.deepEqual([status, stdout], [0, '0 messages shown of about 0 available.\n']);
    }
    const construct = await shown('examined');
    assert.deepEqual(
      [construct.name, construct.kind, construct['fallback queue'], construct['dead-letter queue']],
      ['MomentoWebhookToEventBridge', 'MomentoWebhookToEventBridge', FallbackQueueUrl, DeadLetterQueueUrl],
    );
  });

  test('takes messages to the bus once the signing secret is in the parameter', async () => {
    const queueUrl = await busWithQueue('messages');
    const stack = await launch('webhook', { EventBusName: 'messages' });
    const { Url: url = '', EventBus: bus } = await stack.outputs();
    assert.equal(bus, 'messages');

    const sender = new WebhookSender(aws.functionUrl(url), SIGNING_SECRET);
    assert.equal((await sender.send()).status, 503);

    await stack.update({ Architecture, EventBusName: 'messages', MomentoSigningSecret: SIGNING_SECRET });
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
          AlarmEmail: 'alarms@example.com',
        },
      );
      const { EventBus: bus, LogGroup: logGroup } = await stack.outputs();
      assert.equal(bus, 'topics');
      const construct = await shown('topics');
      assert.deepEqual([construct.kind, construct['log of subscribe']], ['MomentoTopicToEventBridge', logGroup]);
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
      const given = (MomentoApiKey: string) => ({
        EventBusName: name,
        MomentoApiKey,
        AlarmEmail: 'alarms@example.com',
        ...parameters,
      });
      const stack = await LaunchedStack.launch(
        aws.clients.cloudFormation,
        name,
        // Momento itself cannot be called from a test: the one thing in which this template is not what AWS would get.
        yaml.replaceAll(CELL, momento.endpoint),
        given('first-key'),
      );
      const { DeadLetterQueueUrl: deadLetters = '', LogGroup: logGroup } = await stack.outputs();
      const construct = await shown(name);
      assert.deepEqual(
        [construct.kind, construct['dead-letter queue'], construct['log of deliver']],
        ['EventBridgeToMomento', deadLetters, logGroup],
      );
      const [topic] = await stack.resources('AWS::SNS::Topic');
      const alarms = await alarmsOf(stack);
      assert.ok(alarms.length >= 3);
      for (const { AlarmName, AlarmActions } of alarms) assert.deepEqual(AlarmActions, [topic?.physicalId], AlarmName);
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
