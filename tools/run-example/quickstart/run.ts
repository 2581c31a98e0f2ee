/**
 * Deploys the quickstart to a local AWS with the real CDK CLI, posts webhooks to it as Momento does, and takes a message from a
 * local Momento all the way round.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { deployWithCdkCli, LocalAws, LocalMomento, type StackOutputs } from '../..';
import type { TopicMessage } from '../../../cli/topic-message';
import { until } from '../../common/until';
import { type Answer, sign, WebhookSender } from '../../common/webhook-sender';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';

const QUICKSTART = join(__dirname, '../../../examples/quickstart');
const SECRET = 'demo-signing-secret';

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  console.log(`${what} …`);
  const started = performance.now();
  const result = await action();
  console.log(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

function show(what: string, answer: Answer): void {
  console.log(`${what}\n  answered ${answer.status.toString()} ${JSON.stringify(answer.content)}`);
  console.log(`  in ${answer.milliseconds.toFixed()} ms`);
}

function showResource(line: string): void {
  const [, type, path] = /^\w+ .*CREATE_COMPLETE +\| (AWS::\S+) +\| (\S+) \(/.exec(line) ?? [];
  if (type && path) console.log(`  ${type.padEnd(30)}${path}`);
}

async function demo(aws: LocalAws, momento: LocalMomento): Promise<void> {
  const stack = await timed('Deploying the quickstart with the CDK CLI', () =>
    deployWithCdkCli(aws, {
      directory: QUICKSTART,
      // The handler runs as a process of this machine.
      context: { architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' },
      onProgress: showResource,
    }),
  );
  await timed('Putting the webhook’s signing secret in the secret that the stack created', () =>
    aws.clients.secrets.send(
      new PutSecretValueCommand({ SecretId: stack.get('MomentoSigningSecretArn'), SecretString: SECRET }),
    ),
  );
  const url = aws.functionUrl(stack.get('MomentoUrl'));
  const sender = new WebhookSender(url, SECRET);

  const body = sender.body();
  show(`\nA webhook, signed as Momento signs it:\n  ${body}`, await sender.send(body));
  const [message] = await aws.receive(stack.get('MessagesUrl'));
  if (!message?.Body) throw new Error('The event did not reach the target of the rule');
  console.log('The event, as the rule’s target received it:');
  console.log(JSON.stringify(JSON.parse(message.Body), undefined, 2).replace(/^/gm, '  '));

  show('The same request again (a replay):', await sender.send(body));
  const { text } = JSON.parse(body) as TopicMessage;
  const tampered = body.replace(text, 'Send money!!');
  show('The same signature over another text:', await sender.send(tampered, { signature: sign(SECRET, body) }));
  const stale = sender.body({ publish_timestamp: Date.now() - 120_000 });
  show('A genuine message of two minutes ago:', await sender.send(stale));
  const rest = await aws.receive(stack.get('MessagesUrl'), 1, 500);
  console.log(`Events that these three put on the bus: ${rest.length.toString()}`);

  await roundTrip(aws, momento, stack);

  if (process.argv.includes('--keep')) {
    console.log(`
It goes on running until you press Ctrl-C. By hand, in another terminal:

  body='{"cache":"chat","topic":"room-281","event_timestamp":'$(date +%s000)',"publish_timestamp":'$(date +%s000)',"topic_sequence_number":99,"token_id":"me","text":"Hello"}'
  signature=$(printf %s "$body" | openssl dgst -sha3-256 -hmac ${SECRET} -r | cut -d' ' -f1)
  curl -i -d "$body" -H 'content-type: application/json' -H "momento-signature: $signature" ${url}

The events that the rule carried to its queue:

  curl -s --aws-sigv4 aws:amz:${aws.region}:sqs --user test:test '${aws.endpoint}/?Action=ReceiveMessage&QueueUrl=${encodeURIComponent(stack.get('MessagesUrl'))}'

All the way round: what is published to a topic becomes the item of that name.

  curl -i -H 'Authorization: ${momento.apiKey}' -H 'Content-Type: text/plain' -d 'Hello' ${momento.endpoint}/topics/chat/lobby
  curl -i -H 'Authorization: ${momento.apiKey}' '${momento.endpoint}/cache/latest?key=lobby'

Any AWS CLI or SDK: AWS_ENDPOINT_URL=${aws.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=${aws.region}`);
    // Waiting for a signal alone does not keep a process running.
    const running = setInterval(() => undefined, 60_000);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    clearInterval(running);
  } else {
    console.log('\n`npm run demo -- --keep` leaves it running, with its addresses.');
  }
}

/** Topic → webhook → bus → rule → item: published to Momento, and read back from it. */
async function roundTrip(aws: LocalAws, momento: LocalMomento, quickstart: StackOutputs): Promise<void> {
  await aws.clients.secrets.send(new CreateSecretCommand({ Name: 'momento-api-key', SecretString: momento.apiKey }));
  await timed(
    '\nDeploying commands to Momento: a rule that keeps the last message of each topic in the cache latest',
    () =>
      deployWithCdkCli(aws, {
        directory: __dirname,
        app: 'npx tsx round-trip.ts',
        context: { momento: momento.endpoint },
        onProgress: showResource,
      }),
  );
  const url = aws.functionUrl(quickstart.get('MomentoUrl'));
  await momento.addWebhook({ cache: 'chat', topic: 'room-281', url, signingSecret: SECRET });

  const headers = { authorization: momento.apiKey };
  const text = 'Once around, please';
  const topic = `${momento.endpoint}/topics/chat/room-281`;
  const published = await fetch(topic, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/plain' },
    body: text,
  });
  console.log(`\nA message published to the topic room-281 of a local Momento:\n  ${text}`);
  console.log(`  POST ${topic}\n  answered ${published.status.toString()}`);
  const item = `${momento.endpoint}/cache/latest?key=room-281`;
  const value = await until('the item', async () => {
    const response = await fetch(item, { headers });
    return response.ok ? response.text() : undefined;
  });
  const [delivery] = await momento.webhookDeliveries();
  console.log(
    `Its webhook was answered ${delivery?.status?.toString() ?? 'nothing'}. The item that the rule made of the event, `,
  );
  console.log(
    `read back from Momento (in quotes, as EventBridge's API destinations write text):\n  ${value}\n  GET ${item}`,
  );
}

async function main(): Promise<void> {
  const aws = await timed('Starting a local AWS', () => LocalAws.start({ enforceIam: true }));
  try {
    const caches = ['chat', 'latest'];
    const momento = await timed('Starting a local Momento (compiling it, the first time)', () =>
      LocalMomento.start({ caches }),
    );
    try {
      await demo(aws, momento);
    } finally {
      await momento.stop();
    }
  } finally {
    await aws.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
