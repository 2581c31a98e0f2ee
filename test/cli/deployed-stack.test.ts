import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  Delivery,
  EventBridgeToMomento,
  MomentoWebhookToEventBridge,
  SignatureAlgorithm,
} from 'cdk-momento-eventbridge';
import { LocalAws, type StackOutputs } from '../../tools';
import { run, type Run, start } from './command-line';
import { parked } from './parked';

const SECRET = 'the secret of the webhook named chat';

void describe('--stack', () => {
  const assembly = mkdtempSync(join(tmpdir(), 'deployed-stack-'));
  let aws: LocalAws;
  let one: StackOutputs;

  before(async () => {
    aws = await LocalAws.start();
    synthesize(assembly);
    one = await aws.deploy(assembly, 'Chat');
    await aws.deploy(assembly, 'Several');
    await aws.deploy(assembly, 'Empty');
    const SecretId = one.get('MomentoSigningSecretArn');
    await aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: SECRET }));
  });
  after(async () => {
    await aws.stop();
    rmSync(assembly, { recursive: true });
  });

  const command = (...args: string[]): Promise<Run> => run(args, { environment: aws.environment });
  const MESSAGE = ['--cache', 'chat', '--topic', 'room-281', '--text', 'Here I am!!'];

  void it('shows what one would look up in the console', async () => {
    const { status, stdout, stderr } = await command('show', '--stack', 'Chat');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Stack Chat in us-east-1, CREATE_COMPLETE\n\nMomento: MomentoWebhookToEventBridge\n/);
    assert.match(stdout, /\n {2}url {16}https?:\/\/\S+\n/);
    assert.ok(stdout.includes(`\n  signing secret     ${one.get('MomentoSigningSecretArn')}\n`), stdout);
    assert.ok(stdout.includes(`\n  fallback queue     ${one.get('MomentoFallbackQueueUrl')}\n`), stdout);
    assert.ok(stdout.includes(`\n  dead-letter queue  ${one.get('MomentoDeadLetterQueueUrl')}\n`), stdout);
    assert.match(stdout, /\n {2}event bus {10}arn:aws:events:us-east-1:000000000000:event-bus\/default\n/);
    assert.match(stdout, /\n {2}log of webhook {5}\S+\n/);
    assert.match(stdout, /\n {2}log of redrive {5}\S+\n/);
    assert.match(stdout, /\n\nOutputs\n/);
    assert.doesNotMatch(stdout, new RegExp(SECRET));
  });

  void it('shows it as JSON', async () => {
    const { stdout } = await command('show', '--stack', 'Several', '--json');
    const { stack, constructs } = JSON.parse(stdout) as { stack: string; constructs: Record<string, string>[] };
    assert.equal(stack, 'Several');
    const kinds = constructs.map(({ name, kind }) => `${name ?? ''} ${kind ?? ''}`).sort();
    assert.deepEqual(kinds, [
      'ByDestination EventBridgeToMomento',
      'ByFunction EventBridgeToMomento',
      'Chat MomentoWebhookToEventBridge',
      'Orders MomentoWebhookToEventBridge',
    ]);
    for (const construct of constructs) assert.match(construct['dead-letter queue'] ?? '', /DeadLetterQueue/);
  });

  void it('says that a stack has nothing of ours, or that there is no stack', async () => {
    const { status, stdout } = await command('show', '--stack', 'Empty');
    assert.equal(status, 0);
    assert.match(stdout, /\nIt has no construct of cdk-momento-eventbridge\.\n/);
    const sent = await command('undelivered', '--stack', 'Empty');
    assert.equal(sent.status, 1);
    assert.match(
      sent.stderr,
      /: The stack Empty has no construct of cdk-momento-eventbridge with a dead-letter queue\.\n$/,
    );
    const gone = await command('undelivered', '--stack', 'Gone\u001b[2J');
    assert.equal(gone.status, 1);
    assert.match(gone.stderr, /There is no stack Gone\\u001b\[2J in this account and region\.\n$/);
  });

  void it('gives send-webhook the secret and the algorithm, and the URL unless there is one', async () => {
    const url = aws.functionUrl(one.get('MomentoUrl'));
    const { status, stdout, stderr } = await command('send-webhook', '--stack', 'Chat', '--url', url, ...MESSAGE);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^200 \{"message":"Success"/);
    // The host of a Function URL is not known outside of AWS. How a resolver says so is its own affair.
    const alone = await command('send-webhook', '--stack', 'Chat', ...MESSAGE);
    assert.ok(alone.stderr.includes(`No answer from ${new URL(one.get('MomentoUrl')).host}: `), alone.stderr);
    const other = await command(
      'send-webhook',
      '--stack',
      'Chat',
      '--url',
      url,
      '--secret',
      'another secret!!',
      ...MESSAGE,
    );
    assert.match(other.stdout, /^403 /);
  });

  void it('is all that the commands of the README need', async () => {
    const [operate = ''] = /^## Operate$[^]*?(?=^## )/m.exec(readFileSync('README.md', 'utf8')) ?? [];
    const lines = operate.match(/(?<=^npx cdk-momento-eventbridge ).*$/gm) ?? [];
    assert.ok(lines.length >= 6, operate);
    // The host of a Function URL is not known outside of AWS.
    const url = ['--url', aws.functionUrl(one.get('MomentoUrl'))];
    const added: Readonly<Record<string, readonly string[]>> = { doctor: url, 'send-webhook': url };
    let tail: { readonly ended: Promise<unknown[]>; readonly shown: Promise<Buffer[]> } | undefined;
    for (const line of lines) {
      const [name = '', ...args] = line.split(' ');
      if (name === 'tail') {
        // The message of send-webhook ends it.
        const child = start([name, ...args, '--limit', '1'], aws.environment);
        tail = { ended: once(child, 'exit'), shown: child.stdout.toArray() as Promise<Buffer[]> };
        await once(child.stderr, 'data');
        continue;
      }
      const { status, stdout, stderr } = await command(name, ...args, ...(added[name] ?? []));
      assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
    }
    assert.equal((await tail?.ended)?.[0], 0);
    assert.match(Buffer.concat((await tail?.shown) ?? []).toString(), /"detailType":"chat#room-281"/);
  });

  void it('finds each queue of the stack', async () => {
    const { lambda } = aws.clients;
    const { EventSourceMappings: mappings = [] } = await lambda.send(new ListEventSourceMappingsCommand());
    // Otherwise the redrive handler is faster.
    for (const { UUID } of mappings) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    for (const [kind, output] of [
      ['fallback', 'MomentoFallbackQueueUrl'],
      ['dead-letter', 'MomentoDeadLetterQueueUrl'],
    ] as const) {
      const MessageAttributes = { EventBus: { DataType: 'String', StringValue: 'default' } };
      const MessageBody = JSON.stringify(parked(7, { source: kind }));
      const QueueUrl = one.get(output);
      await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
      const { status, stdout } = await command('undelivered', '--stack', 'Chat', '--queue', kind);
      assert.deepEqual([status, stdout.split(',')[1]], [0, ` source ${kind}`]);
      const redriven = await command('redrive', '--stack', 'Chat', '--queue', kind);
      assert.equal(redriven.status, 0, redriven.stdout);
      assert.match(
        redriven.stdout,
        /^put: chat#room-281, number 7, .*\n1 event put on the event bus default, 0 left\.\n$/,
      );
    }
  });

  void it('asks which of several, and names them', async () => {
    const several = ['--stack', 'Several'];
    const dead = await command('undelivered', ...several);
    assert.equal(dead.status, 2);
    const NAMES = 'Constructs with one: Chat, Orders, ByFunction, ByDestination';
    assert.ok(dead.stderr.includes('has more than one dead-letter queue: choose one with --construct.'), dead.stderr);
    for (const name of NAMES.replace(/.*: /, '').split(', ')) assert.match(dead.stderr, new RegExp(`\\b${name}\\b`));
    const webhook = await command('send-webhook', ...several, ...MESSAGE);
    assert.equal(webhook.status, 2);
    assert.match(
      webhook.stderr,
      /has more than one webhook: choose one with --construct\. Constructs with one: Chat, Orders\.\n/,
    );
    const wrong = await command('undelivered', ...several, '--construct', 'Nobody');
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /has no construct Nobody with a dead-letter queue\. Constructs with one: /);
    for (const name of ['Chat', 'Orders', 'ByFunction', 'ByDestination']) {
      const { status, stdout } = await command('undelivered', ...several, '--construct', name);
      assert.deepEqual([status, stdout], [0, '0 messages shown of about 0 available.\n'], name);
    }
    assert.equal((await command('undelivered', ...several, '--queue', 'command')).status, 0);
  });
});

function synthesize(outdir: string): void {
  const app = new App({ outdir });
  // The handlers run as processes of this machine.
  const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
  const stack = new Stack(app, 'Chat');
  new MomentoWebhookToEventBridge(stack, 'Momento', { architecture });

  const several = new Stack(app, 'Several');
  const apiKey = new secretsmanager.Secret(several, 'ApiKey');
  const eventBus = new events.EventBus(several, 'Bus');
  const { HMAC_SHA256 } = SignatureAlgorithm;
  const chat = new MomentoWebhookToEventBridge(several, 'Chat', { architecture, signatureAlgorithm: HMAC_SHA256 });
  chat.onMessage('All', { target: new targets.SqsQueue(new sqs.Queue(several, 'Messages')) });
  // Neither outputs nor the default bus.
  new MomentoWebhookToEventBridge(several, 'Orders', { architecture, eventBus, outputs: false });
  new EventBridgeToMomento(several, 'ByFunction', {
    apiKey,
    delivery: Delivery.lambdaFunction({ architecture }),
    outputs: false,
  });
  new EventBridgeToMomento(several, 'ByDestination', { apiKey, outputs: false });

  const empty = new Stack(app, 'Empty');
  new CfnOutput(empty, 'QueueUrl', { value: new sqs.Queue(empty, 'Queue').queueUrl });
  app.synth();
}
