/**
 * Stacks of version 0.1.0 are updated to this version, rolled back and updated again, with messages waiting in each of their queues.
 * Both versions run the handlers that this machine has built: those of 0.1.0 are not kept, 7 MB for each architecture and version. So
 * this shows what CloudFormation does, and that the handlers of this version read what those of 0.1.0 have left in the queues:
 * `parkedEvent` is as 0.1.0 wrote it. What it left in tables is written out in `handler/tests/it/{aws,checkpoints}.rs`. That the old code
 * serves while the new one is rolled out is not tried.
 *
 * MESSAGES: how many wait. Default: 1000.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { TEMPLATES, type TemplateName, VERSION } from '../../templates/release';
import { LocalAws, LocalMomento } from '../../tools';
import { until } from '../../tools/common/until';
import { WebhookSender } from '../../tools/common/webhook-sender';
import { GeneratedTemplates } from '../templates/generated';
import { makeBusWithQueue } from './bus-with-queue';
import { LaunchedStack } from './launched-stack';

const MESSAGES = Number(process.env.MESSAGES ?? 1000);
const OLD_VERSION = '0.1.0';
const KEPT = join(__dirname, '../templates/kept', OLD_VERSION);
const SIGNING_SECRET = 'secret of the webhook';
const API_KEY = 'key';
const CELLS = /https:\/\/(api\.)?cache\.\$\{cell\}\.prod\.a\.momentohq\.com/g;
const HOLDING = ['AWS::SQS::Queue', 'AWS::SecretsManager::Secret', 'AWS::DynamoDB::Table', 'AWS::Lambda::Url'];
const Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** A launched template, and where its events go. */
interface Launched {
  readonly stack: LaunchedStack;
  readonly parameters: Record<string, string>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The queue that every event on its bus is carried to. */
  readonly seen: string;
}

let aws: LocalAws;
let momento: LocalMomento;
let generated: GeneratedTemplates;

before(async () => {
  [aws, momento] = await Promise.all([
    LocalAws.start({ enforceIam: true }),
    LocalMomento.start({ caches: ['chat'], apiKey: API_KEY }),
  ]);
  generated = new GeneratedTemplates();
  const { buckets, files } = generated.uploads;
  const Bucket = buckets.find(({ region }) => region === aws.region)?.bucket;
  await aws.clients.s3.send(new CreateBucketCommand({ Bucket }));
  for (const { key, path } of files.filter((file) => file.key.endsWith('.zip'))) {
    const Body = readFileSync(join(dirname(generated.list), path));
    for (const version of [OLD_VERSION, 'next']) {
      const Key = key.replace(VERSION, version);
      await aws.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    }
  }
});
after(async () => {
  await Promise.all([aws.stop(), momento.stop()]);
});

// Momento itself cannot be called from a test: the one thing in which the templates are not what AWS would get.
const local = (yaml: string) => yaml.replaceAll(CELLS, momento.endpoint);
const oldTemplate = (name: TemplateName) => local(readFileSync(join(KEPT, `${name}.yaml`), 'utf8'));
/** As this version has it, with code of another key than before: a release has another version. */
const newTemplate = (name: TemplateName, code = 'next') =>
  local(generated.yaml(name)).replaceAll(`${VERSION}/`, `${code}/`);

test(`stacks of ${OLD_VERSION}, updated, rolled back and updated again with ${MESSAGES.toString()} messages waiting, lose none, and keep their URL, queues, secrets and tables`, async () => {
  const given: Record<TemplateName, Record<string, string>> = {
    'momento-webhook': { Architecture, MomentoSigningSecret: SIGNING_SECRET },
    'momento-topic': { Architecture, MomentoApiKey: API_KEY, Topics: 'chat#quiet' },
    'eventbridge-to-momento': { MomentoApiKey: API_KEY },
    'eventbridge-to-momento-by-lambda': { Architecture, MomentoApiKey: API_KEY },
  };
  const launch = async (name: TemplateName): Promise<Launched> => {
    const seen = await makeBusWithQueue(aws, name);
    const parameters = { ...given[name], EventBusName: name };
    const stack = await LaunchedStack.launch(aws.clients.cloudFormation, name, oldTemplate(name), parameters);
    return { stack, parameters, outputs: await stack.outputs(), seen };
  };
  const launched = new Map<TemplateName, Launched>();
  for (const name of TEMPLATES) launched.set(name, await launch(name));
  const of = (name: TemplateName) => launched.get(name) ?? assert.fail();
  const [webhook, topic] = [of('momento-webhook'), of('momento-topic')];
  const [byApi, byLambda] = [of('eventbridge-to-momento'), of('eventbridge-to-momento-by-lambda')];
  const url = (output: string, { outputs }: Launched) => outputs[output] ?? assert.fail(output);

  await feedHandlers(false);
  const share = Math.floor(MESSAGES / 10);
  const texts = (queue: string, count: number) => Array.from({ length: count }, (_, n) => `${queue} ${n.toString()}`);
  const parked = [texts('parked by webhook', 2 * share), texts('parked by topic', 2 * share)] as const;
  const commands = texts('command', 2 * share);
  const dead = new Map(
    [webhook, topic, byApi, byLambda].map((each, n) => [each, texts(`dead ${n.toString()}`, share)]),
  );
  await fill(url('FallbackQueueUrl', webhook), parked[0].map(parkedEvent));
  await fill(url('FallbackQueueUrl', topic), parked[1].map(parkedEvent));
  await putCommands('eventbridge-to-momento-by-lambda', commands);
  for (const [each, messages] of dead) await fill(url('DeadLetterQueueUrl', each), messages);

  const waiting = new Map([
    [url('FallbackQueueUrl', webhook), 2 * share],
    [url('FallbackQueueUrl', topic), 2 * share],
    [url('CommandQueueUrl', byLambda), 2 * share],
    ...[...dead].map(([each, messages]) => [url('DeadLetterQueueUrl', each), messages.length] as const),
  ]);
  const assertAllWait = async (when: string) => {
    for (const [queue, count] of waiting) assert.equal((await aws.bodiesIn(queue)).length, count, `${when}: ${queue}`);
  };
  await assertAllWait('before');
  const held = await holding(launched);
  const sender = new WebhookSender(aws.functionUrl(url('Url', webhook)), SIGNING_SECRET);
  const assertSame = async (when: string) => {
    assert.deepEqual(await holding(launched), held, when);
    await assertAllWait(when);
    assert.equal((await sender.send()).status, 200, when);
  };
  await assertSame('before');

  for (const [step, template] of [
    ['updated', newTemplate],
    ['rolled back by hand', oldTemplate],
    ['updated again', newTemplate],
  ] as const) {
    for (const [name, each] of launched) await update(each, template(name));
    await assertSame(step);
  }
  for (const [name, { stack, parameters }] of launched) {
    if (name === 'eventbridge-to-momento') continue; // it has no code
    await stack.update(parameters, newTemplate(name, 'never-uploaded'));
    assert.equal((await stack.settled()).StackStatus, 'UPDATE_ROLLBACK_COMPLETE', name);
  }
  await assertSame('rolled back by CloudFormation');

  await feedHandlers(true);
  for (const [{ seen }, expected] of [
    [webhook, parked[0]],
    [topic, parked[1]],
  ] as const) {
    await untilAll(expected, async () => {
      const events = (await aws.bodiesIn(seen)).map((body) => JSON.parse(body) as { detail: { text?: string } });
      return events.map(({ detail }) => detail.text ?? '');
    });
  }
  await untilAll(commands, async () => (await momento.messages('chat', 'room')).map(({ value }) => value.toString()));
  for (const [each, messages] of dead) await untilAll(messages, () => aws.bodiesIn(url('DeadLetterQueueUrl', each)));
});

/** Updates a stack. A template without code can be the same in both versions, and then CloudFormation refuses the update. */
async function update({ stack, parameters }: Launched, template: string): Promise<void> {
  try {
    await stack.update(parameters, template);
  } catch (error) {
    if (!(error as Error).message.includes('No updates are to be performed')) throw error;
  }
  await stack.outputs();
}

/** The physical ids of what holds something, by stack. */
async function holding(launched: ReadonlyMap<TemplateName, Launched>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, { stack }] of launched) {
    for (const type of HOLDING) {
      const resources = await stack.resources(type);
      found[`${name} ${type}`] = resources.sort((one, other) => one.logicalId.localeCompare(other.logicalId));
    }
  }
  return found;
}

/** Whether the functions are given what is in their queues. */
async function feedHandlers(isFed: boolean): Promise<void> {
  const { EventSourceMappings: mappings = [] } = await aws.clients.lambda.send(new ListEventSourceMappingsCommand({}));
  assert.equal(mappings.length, 3);
  for (const { UUID } of mappings) {
    await aws.clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: isFed }));
  }
}

function parkedEvent(text: string): string {
  const detail = JSON.stringify({ cache: 'chat', topic: 'room', text });
  return JSON.stringify({ source: 'Momento', detailType: 'chat#room', detail, time: Date.now() });
}

async function fill(QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (const ten of tens(bodies)) {
    const Entries = ten.map((MessageBody, n) => ({ Id: n.toString(), MessageBody }));
    const { Failed: failed = [] } = await aws.clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    assert.deepEqual(failed, []);
  }
}

async function putCommands(EventBusName: string, messages: readonly string[]): Promise<void> {
  for (const ten of tens(messages)) {
    const Entries = ten.map((message) => ({
      EventBusName,
      Source: 'test',
      DetailType: 'topicPublish',
      Detail: JSON.stringify({ cacheName: 'chat', topicName: 'room', message }),
    }));
    assert.equal((await aws.clients.events.send(new PutEventsCommand({ Entries }))).FailedEntryCount, 0);
  }
}

function tens<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / 10) }, (_, n) => all.slice(10 * n, 10 * n + 10));
}

/** Waits until each of these is there. */
async function untilAll(expected: readonly string[], find: () => Promise<string[]>): Promise<void> {
  assert.ok(expected.length > 0);
  let missing = [...expected];
  const look = async () => {
    const found = new Set(await find());
    missing = expected.filter((text) => !found.has(text));
    return missing.length === 0 || undefined;
  };
  await until(`${expected.length.toString()} messages such as '${expected[0] ?? ''}'`, look, {
    timeoutMs: 60_000,
    everyMs: 200,
  }).catch((error: unknown) => {
    throw new Error(`${missing.length.toString()} are lost: ${missing.slice(0, 5).join(', ')}`, { cause: error });
  });
}
