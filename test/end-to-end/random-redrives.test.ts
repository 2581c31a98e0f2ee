/**
 * Everything that can lie in a queue lies in every queue, and an operator redrives each queue to the bus that its messages name and
 * to another one, while the handlers work on them too, calls fail, and all of these processes are killed in the middle.
 *
 * MESSAGES and SEED set how many (one tenth of MESSAGES) and which.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Lazy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery, EventBridgeToMomento, MomentoEndpoint, MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
import { LocalAws, LocalMomento, type StackOutputs } from '../../tools';
import { poison } from './poison';
import { RandomOutages } from './random-outages';
import { redriveAgainAndAgain } from './redrive-again';
import { SeededRandom } from './seeded-random';
import { textTable } from './text-table';

const MESSAGES = Math.ceil(Number(process.env.MESSAGES ?? 500) / 10);
const SEED = Number(process.env.SEED ?? 20_261_126);
const API_KEY = 'eyJhcGlfa2V5Ijoi.test';
const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
/** What a process that was killed had taken is due again after this. */
const HIDDEN_S = 3;

const KINDS = ['parked message', 'dead command', "dead command of a rule's", 'poison'] as const;
type Kind = (typeof KINDS)[number];

/** Outputs of the stack: the queues that are redriven. */
const QUEUES = ['FallbackQueueUrl', 'DeadMessagesUrl', 'DeadCommandsUrl', 'CommandQueueUrl'] as const;

interface Laid {
  readonly kind: Kind;
  /** In its body, and in that of no other. */
  readonly id: string;
}

function idsIn(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => text.match(/\b(?:id|poison)-\d+\b/g) ?? []));
}

describe(`of ${MESSAGES.toString()} messages in ${QUEUES.length.toString()} queues that are redriven (seed ${SEED.toString()})`, () => {
  let aws: LocalAws;
  let momento: LocalMomento;
  const laid: Laid[] = [];
  /** By place, the ids of everything in it. */
  const places = new Map<string, ReadonlySet<string>>();

  before(async () => {
    [aws, momento] = await Promise.all([
      LocalAws.start({ enforceIam: true, behindFaultProxy: true }),
      LocalMomento.start({ caches: ['chat'], apiKey: API_KEY }),
    ]);
    await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: API_KEY }));
    const outputs = await deploy(aws, momento.endpoint);
    const urls = QUEUES.map((name) => outputs.get(name));
    for (const QueueUrl of urls) {
      const Attributes = { VisibilityTimeout: HIDDEN_S.toString() };
      await aws.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    }

    const outages = new RandomOutages(new SeededRandom(SEED));
    aws.faults.chooseBy((call) => outages.choose(call));
    for (let number = 0; number < MESSAGES; number += 1) {
      for (const url of urls) laid.push(await lay(aws, url, laid.length, outputs));
    }
    const other = ['--event-bus', outputs.get('OtherBusArn'), '--ignore-recorded-bus', '--limit', '15'];
    // Most of these are ended by a fault, some before they have put anything.
    for (let pass = 0; pass < 3; pass += 1) await redriveAgainAndAgain(aws, urls, ...other).stop();
    const operators = [redriveAgainAndAgain(aws, urls), redriveAgainAndAgain(aws, urls)];
    await Promise.all(operators.map((operator) => operator.stop()));
    aws.faults.heal();
    await redriveAgainAndAgain(aws, urls).stop();

    // In this order, which is that of their way, what moves meanwhile is seen twice rather than not at all. What a command line had
    // in hand that was killed is hidden in its queue for two minutes, and is seen anyway.
    for (const name of [...QUEUES, 'OwnMessagesUrl', 'OtherMessagesUrl']) {
      places.set(name.replace(/Url$/, ''), idsIn(await aws.bodiesIn(outputs.get(name))));
    }
    const items = await momento.items('chat');
    places.set('Momento', idsIn(items.map(({ key }) => key.toString())));
    report(laid, places, aws);
  });
  after(() => Promise.all([momento.stop(), aws.stop()]));

  const placesOf = ({ id }: Laid) => [...places].filter(([, ids]) => ids.has(id)).map(([name]) => name);
  const of = (...kinds: Kind[]) => laid.filter(({ kind }) => kinds.includes(kind));

  test('each is on a bus or in a queue', () => {
    assert.deepEqual(
      laid.filter((each) => placesOf(each).length === 0),
      [],
    );
  });

  test('each command that is on its own bus is at Momento, or in a queue', () => {
    const stuck = of('dead command', "dead command of a rule's").filter((command) => {
      const where = placesOf(command);
      return where.includes('OwnMessages') && !where.some((name) => /^(Momento|CommandQueue|DeadCommands)$/.test(name));
    });
    assert.deepEqual(stuck, []);
  });

  test('poison is on no bus, and no message is held up by it', () => {
    const onABus = of('poison').filter((each) => placesOf(each).some((name) => /^O.*Messages$/.test(name)));
    assert.deepEqual(onABus, []);
  });

  test('both buses got some, and processes were killed', () => {
    for (const bus of ['OwnMessages', 'OtherMessages', 'Momento']) {
      assert.ok(
        laid.some((each) => placesOf(each).includes(bus)),
        bus,
      );
    }
    assert.ok(aws.faults.calls().some(({ fault }) => fault === 'kill-after'));
  });
});

/** Puts one message in a queue. */
async function lay(aws: LocalAws, url: string, number: number, outputs: StackOutputs): Promise<Laid> {
  const kind = KINDS[Math.floor(number / QUEUES.length) % KINDS.length] ?? 'poison';
  const id = kind === 'poison' ? `poison-${number.toString()}` : `id-${number.toString()}`;
  const bus = outputs.get('OwnBusArn');
  const attributes: Record<string, string> =
    kind === "dead command of a rule's"
      ? { RULE_ARN: `${bus.replace(':event-bus/', ':rule/')}/some-rule` }
      : kind === 'poison'
        ? {}
        : { EventBus: bus };
  const send = new SendMessageCommand({
    QueueUrl: url,
    MessageBody: bodyOf(kind, id, number),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  });
  await aws.clients.sqs.send(send);
  return { kind, id };
}

function bodyOf(kind: Kind, id: string, number: number): string {
  if (kind === 'poison') return poison(number);
  if (kind === 'parked message') {
    const detail = JSON.stringify({ id, topic_sequence_number: number });
    return JSON.stringify({ source: 'Momento', detailType: 'chat#room-281', detail, time: 1_700_000_000_000 });
  }
  return JSON.stringify({
    version: '0',
    'detail-type': 'cacheSet',
    source: 'orders',
    time: '2023-05-04T17:01:39Z',
    detail: { cacheName: 'chat', key: id, message: 'hello', ttl: 3600, topic_sequence_number: number },
  });
}

async function deploy(aws: LocalAws, momentoUrl: string): Promise<StackOutputs> {
  const outdir = mkdtempSync(join(tmpdir(), 'redrives-'));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Redrives');
  const output = (name: string, value: string) => new CfnOutput(stack, name, { value });
  const [own] = (['Own', 'Other'] as const).map((name) => {
    const bus = new events.EventBus(stack, `${name}Bus`);
    const messages = new sqs.Queue(stack, `${name}Messages`);
    new events.Rule(stack, `${name}Rule`, {
      eventBus: bus,
      eventPattern: { source: events.Match.prefix('') },
      targets: [new targets.SqsQueue(messages)],
    });
    output(`${name}BusArn`, bus.eventBusArn);
    output(`${name}MessagesUrl`, messages.queueUrl);
    return bus;
  });
  const webhook = new MomentoWebhookToEventBridge(stack, 'In', { architecture, eventBus: own });
  const commandQueue = new sqs.Queue(stack, 'Commands');
  const toMomento = new EventBridgeToMomento(stack, 'Out', {
    eventBus: own,
    apiKey: secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento'),
    endpoint: MomentoEndpoint.custom(Lazy.string({ produce: () => momentoUrl })),
    delivery: Delivery.lambdaFunction({ architecture, commandQueue }),
  });
  output('FallbackQueueUrl', webhook.fallbackQueue.queueUrl);
  output('DeadMessagesUrl', webhook.deadLetterQueue.queueUrl);
  output('CommandQueueUrl', commandQueue.queueUrl);
  output('DeadCommandsUrl', toMomento.deadLetterQueue.queueUrl);
  try {
    return await aws.deploy(app.synth().directory);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function report(laid: readonly Laid[], places: ReadonlyMap<string, ReadonlySet<string>>, aws: LocalAws): void {
  const cells = KINDS.map((kind) => {
    const these = laid.filter((each) => each.kind === kind);
    const inPlace = [...places.values()].map((ids) => these.filter(({ id }) => ids.has(id)).length);
    const nowhere = these.filter(({ id }) => ![...places.values()].some((ids) => ids.has(id))).length;
    return [kind, ...[these.length, ...inPlace, nowhere].map(String)];
  });
  console.log(textTable(['kind', 'laid', ...places.keys(), 'nowhere'], cells));
  const kills = aws.faults.calls().filter(({ fault }) => fault?.startsWith('kill')).length;
  console.log(`${kills.toString()} processes were killed`);
}
