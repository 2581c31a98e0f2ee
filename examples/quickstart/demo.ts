/** Deploys the quickstart to a local AWS with the real CDK CLI, and posts webhooks to it as Momento does. */
import { once } from 'node:events';
import { deployWithCdkCli, LocalAws } from '../../test/local';
import type { TopicMessage } from '../../cli/topic-message';
import { type Answer, sign, WebhookSender } from '../../test/end-to-end/webhook-sender';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';

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

async function demo(aws: LocalAws): Promise<void> {
  const stack = await timed('Deploying the quickstart with the CDK CLI', () =>
    deployWithCdkCli(aws, {
      directory: __dirname,
      // The handler runs as a process of this machine.
      context: { architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' },
      onProgress: (line) => {
        const [, type, path] = /^Quickstart .*CREATE_COMPLETE +\| (AWS::\S+) +\| (\S+) \(/.exec(line) ?? [];
        if (type && path) console.log(`  ${type.padEnd(30)}${path}`);
      },
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

  if (process.argv.includes('--keep')) {
    console.log(`
It goes on running until you press Ctrl-C. By hand, in another terminal:

  body='{"cache":"chat","topic":"room-281","event_timestamp":'$(date +%s000)',"publish_timestamp":'$(date +%s000)',"topic_sequence_number":99,"token_id":"me","text":"Hello"}'
  signature=$(printf %s "$body" | openssl dgst -sha3-256 -hmac ${SECRET} -r | cut -d' ' -f1)
  curl -i -d "$body" -H 'content-type: application/json' -H "momento-signature: $signature" ${url}

The events that the rule carried to its queue:

  curl -s --aws-sigv4 aws:amz:${aws.region}:sqs --user test:test '${aws.endpoint}/?Action=ReceiveMessage&QueueUrl=${encodeURIComponent(stack.get('MessagesUrl'))}'

Any AWS CLI or SDK: AWS_ENDPOINT_URL=${aws.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=${aws.region}`);
    // Waiting for a signal alone does not keep a process running.
    const running = setInterval(() => undefined, 60_000);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    clearInterval(running);
  } else {
    console.log('\n`npm run demo -- --keep` leaves it running, with its addresses.');
  }
}

async function main(): Promise<void> {
  const aws = await timed('Starting a local AWS', () => LocalAws.start({ enforceIam: true }));
  try {
    await demo(aws);
  } finally {
    await aws.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
