/** What is in a queue outlives the queue's stack, and every change of it that takes the queue out of the template. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { DeleteEventBusCommand, CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery, EventBridgeToMomento, MomentoEndpoint, MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
import { LocalAws, type StackOutputs } from '../../tools';
import { run } from '../cli/command-line';

const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
const STACK = 'Retention';
/** No function is to take a message meanwhile. */
const HIDDEN_S = 900;

type Fill = (stack: Stack) => void;

describe('a message in a queue of', () => {
  let aws: LocalAws;
  before(async () => {
    aws = await LocalAws.start({ enforceIam: true });
    await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento', SecretString: 'key' }));
  });
  after(() => aws.stop());
  afterEach(() => aws.delete(STACK));

  const deploy = async (fill: Fill): Promise<StackOutputs> => {
    const outdir = mkdtempSync(join(tmpdir(), 'retention-'));
    try {
      const app = new App({ outdir });
      fill(new Stack(app, STACK));
      return await aws.deploy(app.synth().directory);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  };
  /** Sends a message to each queue, to be received only when everything is over. */
  const fillQueues = async (urls: readonly string[]): Promise<void> => {
    for (const url of urls) {
      await aws.clients.sqs.send(
        new SendMessageCommand({ QueueUrl: url, MessageBody: `of ${url}`, DelaySeconds: HIDDEN_S }),
      );
    }
  };
  const assertAllThere = async (urls: readonly string[]): Promise<void> => {
    for (const QueueUrl of urls) {
      const { Attributes } = await aws.clients.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessagesDelayed'] }),
      );
      assert.equal(Attributes?.ApproximateNumberOfMessagesDelayed, '1', QueueUrl);
    }
  };
  const toMomento =
    (id: string, delivery: Delivery, props: (stack: Stack) => object = () => ({})): Fill =>
    (stack) =>
      new EventBridgeToMomento(stack, id, {
        apiKey: secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento'),
        endpoint: MomentoEndpoint.custom('https://momento.example'),
        delivery,
        ...props(stack),
      });
  const byLambda = (commandQueue?: sqs.IQueue) => Delivery.lambdaFunction({ architecture, commandQueue });
  const webhook =
    (id: string, props: (stack: Stack) => object = () => ({})): Fill =>
    (stack) =>
      new MomentoWebhookToEventBridge(stack, id, { architecture, ...props(stack) });
  const ownQueue = (stack: Stack, id: string) => new sqs.Queue(stack, id, { visibilityTimeout: Duration.minutes(3) });

  const changes: Record<string, { before: Fill; queues: string[]; after: Fill | 'deleted' }> = {
    'EventBridgeToMomento survives another delivery': {
      before: toMomento('Out', byLambda()),
      queues: ['OutCommandQueueUrl', 'OutDeadLetterQueueUrl'],
      after: toMomento('Out', Delivery.apiDestinations()),
    },
    'EventBridgeToMomento survives queues that are passed in': {
      before: toMomento('Out', byLambda()),
      queues: ['OutCommandQueueUrl', 'OutDeadLetterQueueUrl'],
      after: (stack) => {
        const deadLetterQueue = ownQueue(stack, 'Dead');
        toMomento('Out', byLambda(ownQueue(stack, 'Commands')), () => ({ deadLetterQueue }))(stack);
      },
    },
    'EventBridgeToMomento survives another construct id': {
      before: toMomento('Out', byLambda()),
      queues: ['OutCommandQueueUrl', 'OutDeadLetterQueueUrl'],
      after: toMomento('Renamed', byLambda()),
    },
    'EventBridgeToMomento survives its stack': {
      before: toMomento('Out', byLambda()),
      queues: ['OutCommandQueueUrl', 'OutDeadLetterQueueUrl'],
      after: 'deleted',
    },
    'MomentoWebhookToEventBridge survives queues that are passed in': {
      before: webhook('In'),
      queues: ['InFallbackQueueUrl', 'InDeadLetterQueueUrl'],
      after: webhook('In', (stack) => ({
        fallbackQueue: ownQueue(stack, 'Parked'),
        deadLetterQueue: ownQueue(stack, 'Dead'),
      })),
    },
    'MomentoWebhookToEventBridge survives another construct id': {
      before: webhook('In'),
      queues: ['InFallbackQueueUrl', 'InDeadLetterQueueUrl'],
      after: webhook('Renamed'),
    },
    'MomentoWebhookToEventBridge survives its stack': {
      before: webhook('In'),
      queues: ['InFallbackQueueUrl', 'InDeadLetterQueueUrl'],
      after: 'deleted',
    },
  };
  for (const [promise, { before: first, queues, after: then }] of Object.entries(changes)) {
    test(promise, async () => {
      const outputs = await deploy(first);
      const urls = queues.map((name) => outputs.get(name));
      await fillQueues(urls);
      await (then === 'deleted' ? aws.delete(STACK) : deploy(then));
      await assertAllThere(urls);
    });
  }

  test('a deleted stack is put on the bus by the command line', async () => {
    const outputs = await deploy(webhook('In'));
    const url = outputs.get('InDeadLetterQueueUrl');
    const parked = { source: 'Momento', detailType: 'chat#room', detail: '{"text":"kept"}', time: 1_700_000_000_000 };
    await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(parked) }));
    await aws.delete(STACK);
    const { status, stdout, stderr } = await run(['redrive', '--queue-url', url, '--event-bus', 'default'], {
      environment: aws.environment,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /1 event/);
    assert.deepEqual(await aws.receive(url, 1, 300), []);
  });

  test('nothing: without its bus the webhook is not deployed, and with it the bus is not deleted', async () => {
    const onBus = webhook('In', (stack) => ({ eventBus: events.EventBus.fromEventBusName(stack, 'Bus', 'orders') }));
    await assert.rejects(deploy(onBus), /EventBusMustExist.*orders.*does not exist/s);
    await aws.delete(STACK);
    await aws.clients.events.send(new CreateEventBusCommand({ Name: 'orders' }));
    await deploy(onBus);
    const remove = new DeleteEventBusCommand({ Name: 'orders' });
    await assert.rejects(aws.clients.events.send(remove), { name: 'ValidationException' });
  });
});
