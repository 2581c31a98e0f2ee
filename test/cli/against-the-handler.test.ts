import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';
import { LocalAws, type StackOutputs } from '../../tools';
import { until } from '../../tools/common/until';
import { linesOf, run, type Run } from './command-line';

const SECRET = 'the secret of the webhook named chat';

void describe('the command line and the deployed handler', () => {
  const assembly = mkdtempSync(join(tmpdir(), 'command-line-'));
  let aws: LocalAws;
  let outputs: StackOutputs;

  before(async () => {
    aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    outputs = await aws.deploy(synthesize(assembly));
  });
  after(async () => {
    await aws.stop();
    rmSync(assembly, { recursive: true });
  });

  const command = (name: string, ...args: string[]): Promise<Run> =>
    run([name, ...args], { environment: aws.environment });
  const send = (...args: string[]): Promise<Run> => {
    const url = aws.functionUrl(outputs.get('MomentoUrl'));
    const message = ['--cache', 'chat', '--topic', 'room-281', '--text', 'Here I am!!'];
    const secret = ['--secret-id', outputs.get('MomentoSigningSecretArn')];
    return command('send-webhook', '--url', url, ...message, ...secret, ...args);
  };
  const putSecret = async (document: unknown): Promise<void> => {
    const SecretString = typeof document === 'string' ? document : JSON.stringify(document);
    const SecretId = outputs.get('MomentoSigningSecretArn');
    await aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  };
  const onTheBus = async (count = 1): Promise<number[]> => {
    const events = await aws.receive(outputs.get('MessagesUrl'), count);
    return events.map(
      ({ Body = '' }) =>
        (JSON.parse(Body) as { detail: { topic_sequence_number: number } }).detail.topic_sequence_number,
    );
  };

  void it('agree that there is no secret yet', async () => {
    const { status, stderr } = await send();
    assert.equal(status, 1);
    assert.match(stderr, /: The secret has no value yet: store the signing secret of the webhook in it/);
  });

  void it('agree on the signature, and on which of several secrets it is made with', async () => {
    await putSecret({ orders: 'another signing secret', chat: SECRET });
    assert.equal((await send()).status, 1);
    const { status, stdout } = await send('--webhook', 'chat', '--sequence-number', '7');
    assert.equal(status, 0);
    assert.match(stdout, /^200 \{"message":"Success","eventId":"/);
    assert.deepEqual(await onTheBus(), [7]);
  });

  for (const args of [['--replay'], ['--tamper'], ['--age', '120'], ['--age=-30']]) {
    void it(`agree on ${args.join(' ')}`, async () => {
      const { status, stdout } = await send('--webhook', 'chat', ...args);
      assert.equal(status, 0, stdout);
      assert.match(stdout, /as expected/);
    });
  }

  void it('tell that the algorithm is another', async () => {
    const { status, stdout } = await send('--webhook', 'chat', '--algorithm', 'HMAC_SHA256');
    assert.equal(status, 1);
    assert.match(stdout, /^403 .*\nThe handler rejected the signature or the age of the request\./);
  });

  void it('bring back what ended in the dead-letter queue', async () => {
    await onTheBus();
    const queue = ['--queue-url', outputs.get('DeadLettersUrl')];
    aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'failed-entry', code: 'MalformedDetail' });
    const parked = await send('--webhook', 'chat', '--sequence-number', '8');
    assert.equal(parked.status, 0);
    assert.match(parked.stdout, /^202 .*\nThe bus was unavailable and the event is in the fallback queue\./);
    const listed = await until('the dead letter', async () => {
      const { stdout } = await command('undelivered', ...queue);
      return stdout.startsWith('chat#') ? stdout : undefined;
    });
    assert.match(
      listed,
      /^chat#room-281, source Momento, cache chat, topic room-281, number 8, .*, dead since .*, attempts: 1, reason: .*MalformedDetail/,
    );
    aws.faults.clear();
    const redriven = await command('redrive', ...queue);
    assert.equal(redriven.status, 0, `${redriven.stdout}${redriven.stderr}`);
    assert.deepEqual(await onTheBus(), [8]);
    assert.match((await command('undelivered', ...queue)).stdout, /^0 messages shown/);
  });

  void it('bring back what was only logged', async () => {
    aws.faults.inject({ service: 'events', kind: 'throttle' });
    aws.faults.inject({ service: 'sqs', operation: 'SendMessage', kind: 'throttle' });
    const lost = await send('--webhook', 'chat', '--sequence-number', '9');
    aws.faults.clear();
    assert.equal(lost.status, 1);
    assert.match(lost.stdout, /^503 .*\nThe handler cannot accept the message now; .*redrive --file/);
    const { Functions = [] } = await aws.clients.lambda.send(new ListFunctionsCommand());
    const logs = await Promise.all(Functions.map(({ FunctionName = '' }) => aws.logs(FunctionName)));
    const { status, stdout } = await run(['redrive', '--file', '-'], {
      environment: aws.environment,
      input: logs.flat().join('\n'),
    });
    assert.equal(status, 0);
    assert.match(
      linesOf(stdout).at(-1) ?? '',
      /^1 event put on the event bus arn:\S+:event-bus\/default, 0 left, \d+ lines without an event skipped/,
    );
    assert.deepEqual(await onTheBus(), [9]);
  });
});

function synthesize(outdir: string): string {
  const app = new App({ outdir });
  const stack = new Stack(app, 'CommandLine');
  const messages = new sqs.Queue(stack, 'Messages');
  // The handler runs as a process of this machine.
  const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
  const momento = new MomentoWebhookToEventBridge(stack, 'Momento', { architecture });
  momento.onMessage('All', { target: new targets.SqsQueue(messages) });
  new CfnOutput(stack, 'MessagesUrl', { value: messages.queueUrl });
  new CfnOutput(stack, 'DeadLettersUrl', { value: momento.deadLetterQueue.queueUrl });
  return app.synth().directory;
}
