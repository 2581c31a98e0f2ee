/**
 * Deploys the quickstart to a local AWS with the real CDK CLI, and a webhook beside it; publishes a message to a local Momento, which
 * comes by both ways; and shows what the webhook rejects. By hand with `npm run demo`, and in its test.
 */
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { deployWithCdkCli, LocalAws, LocalMomento, type StackOutputs } from '../..';
import type { TopicMessage } from '../../../cli/topic-message';
import { until } from '../../common/until';
import { type Answer, sign, WebhookSender } from '../../common/webhook-sender';
import { isDemoBuild, useDemoBuild } from '../demo-build';
import { untilInterrupted } from '../run-by-hand';
import { startSubscription } from '../subscription';
import { DIFFERENT, eventsSideBySide, type MomentoEvent } from './events-side-by-side';

const CACHE = 'chat';
const TOPIC = 'room-281';
const SIGNING_SECRET = 'demo-signing-secret';

/** Gets each line. */
type Print = (line: string) => void;

/** The deployed quickstart, with the webhook and the commands to Momento beside it. */
export class LocalQuickstart {
  public static async start(print: Print): Promise<LocalQuickstart> {
    const aws = await timed('Starting a local AWS', print, () => LocalAws.start({ enforceIam: true }));
    try {
      const caches = [CACHE, 'latest'];
      const momento = await timed('Starting a local Momento', print, () => LocalMomento.start({ caches }));
      try {
        return new LocalQuickstart(aws, momento, await deploy(aws, momento, print));
      } catch (error) {
        await momento.stop();
        throw error;
      }
    } catch (error) {
      await aws.stop();
      throw error;
    }
  }

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
    private readonly outputs: StackOutputs,
  ) {}

  /** Where the webhook is posted to. */
  public get webhookUrl(): string {
    return this.aws.functionUrl(this.outputs.get('WebhookUrl'));
  }

  /** Where the webhook's signing secret is. */
  public get signingSecretArn(): string {
    return this.outputs.get('WebhookSigningSecretArn');
  }

  /** The queue that the quickstart's rule carries events to. */
  public get messagesUrl(): string {
    return this.outputs.get('MessagesUrl');
  }

  /** Where to publish to the topic. */
  public get topicUrl(): string {
    return `${this.momento.endpoint}/topics/${CACHE}/${TOPIC}`;
  }

  /** The item that has the topic's last message. */
  public get itemUrl(): string {
    return `${this.momento.endpoint}/cache/latest?key=${TOPIC}`;
  }

  /** Publishes a text to the topic, as a user. */
  public async publish(text: string): Promise<number> {
    const authorization = await this.momento.mintToken({
      permissions: [{ role: 'publishonly', cache: CACHE, topic: TOPIC }],
      expiresInSeconds: 600,
      tokenId: 'user-17',
    });
    const headers = { authorization, 'content-type': 'text/plain' };
    return (await fetch(this.topicUrl, { method: 'POST', headers, body: text })).status;
  }

  /** Takes events from the queue. */
  public async take(count: number, timeoutMs?: number): Promise<MomentoEvent[]> {
    const messages = await this.aws.receive(this.messagesUrl, count, timeoutMs);
    return messages.map(({ Body = '' }) => JSON.parse(Body) as MomentoEvent);
  }

  public async stop(): Promise<void> {
    await this.momento.stop();
    await this.aws.stop();
  }
}

async function deploy(aws: LocalAws, momento: LocalMomento, print: Print): Promise<StackOutputs> {
  const { secrets } = aws.clients;
  await secrets.send(new CreateSecretCommand({ Name: 'momento/api-key', SecretString: momento.apiKey }));
  const outputs = await timed('Deploying the quickstart, and a webhook beside it, with the CDK CLI', print, () =>
    deployWithCdkCli(aws, {
      directory: __dirname,
      app: 'node --import tsx app.ts',
      stackName: '*',
      context: { momento: momento.endpoint, demoBuild: String(isDemoBuild) },
      onProgress: (line) => {
        const [, type, path] = /^\w+ .*CREATE_COMPLETE +\| (AWS::\S+) +\| (\S+) \(/.exec(line) ?? [];
        if (type && path) print(`  ${type.padEnd(34)}${path}`);
      },
    }),
  );
  const SecretId = outputs.get('WebhookSigningSecretArn');
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: SIGNING_SECRET }));
  const url = aws.functionUrl(outputs.get('WebhookUrl'));
  await momento.addWebhook({ cache: CACHE, topic: TOPIC, url, signingSecret: SIGNING_SECRET });
  await timed('Subscribing, without waiting a minute for the schedule', print, () =>
    startSubscription(aws, momento, outputs, [{ cacheName: CACHE, topicName: TOPIC }]),
  );
  return outputs;
}

async function timed<T>(what: string, print: Print, action: () => Promise<T>): Promise<T> {
  print(`${what} …`);
  const started = performance.now();
  const result = await action();
  print(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** Shows what happens to messages. */
export async function demonstrate(quickstart: LocalQuickstart, print: Print): Promise<void> {
  await showBothSources(quickstart, print);
  await showItem(quickstart, print);
  await showRejections(quickstart, print);
}

async function showBothSources(quickstart: LocalQuickstart, print: Print): Promise<void> {
  const text = 'Here I am!!';
  const status = await quickstart.publish(text);
  print(`\nPublished to the topic ${TOPIC} of the local Momento: ${text}`);
  print(`  POST ${quickstart.topicUrl}\n  answered ${status.toString()}`);
  const events = await quickstart.take(2);
  const [bySubscription, byWebhook] = ['subscription', undefined].map((origin) =>
    events.find(({ detail }) => detail.origin === origin),
  );
  if (!bySubscription || !byWebhook) {
    throw new Error(`Not one event by each way, but: ${JSON.stringify(events)}`);
  }
  print('\nIts two events, as the rule’s target received them:\n');
  print(eventsSideBySide(bySubscription, byWebhook).replace(/^/gm, '  '));
  print(
    `\n  ${DIFFERENT} The stream has no publish time, so a subscription has the time of receipt. It adds the page and the origin.`,
  );
}

async function showItem({ itemUrl, momento }: LocalQuickstart, print: Print): Promise<void> {
  const value = await until('the item', async () => {
    const response = await fetch(itemUrl, { headers: { authorization: momento.apiKey } });
    return response.ok ? response.text() : undefined;
  });
  print('\nBack in Momento: a rule made an item of it (in quotes, as EventBridge’s API destinations write text):');
  print(`  GET ${itemUrl}\n  ${value}`);
}

async function showRejections(quickstart: LocalQuickstart, print: Print): Promise<void> {
  const show = (what: string, { status, content, milliseconds }: Answer) => {
    print(`  ${what.padEnd(42)}${status.toString()} ${JSON.stringify(content)}, ${milliseconds.toFixed()} ms`);
  };
  const sender = new WebhookSender(quickstart.webhookUrl, SIGNING_SECRET);
  const body = sender.body();
  print('\nWebhooks posted by hand, and their answers:');
  show('signed as Momento signs', await sender.send(body));
  await quickstart.take(1);
  show('the same request again (a replay)', await sender.send(body));
  const { text } = JSON.parse(body) as TopicMessage;
  const tampered = body.replace(text, 'Send money!!');
  show('the same signature over another text', await sender.send(tampered, { signature: sign(SIGNING_SECRET, body) }));
  const stale = sender.body({ publish_timestamp: Date.now() - 120_000 });
  show('a genuine message of two minutes ago', await sender.send(stale));
  const rest = await quickstart.take(1, 500);
  print(`  Events that the last three put on the bus: ${rest.length.toString()}`);
}

/** What to type while it runs. */
export function instructions({ aws, momento, webhookUrl, messagesUrl, topicUrl, itemUrl }: LocalQuickstart): string {
  const receive = `${aws.endpoint}/?Action=ReceiveMessage&MaxNumberOfMessages=10&WaitTimeSeconds=5&QueueUrl=${encodeURIComponent(messagesUrl)}`;
  return `
It runs until you press Ctrl-C. In another terminal, publish a message, and read the item that it becomes:

  curl -i -H 'authorization: ${momento.apiKey}' -H 'content-type: text/plain' -d 'Once around' ${topicUrl}
  until curl -s -H 'authorization: ${momento.apiKey}' '${itemUrl}' | grep 'Once around'; do sleep 0.2; done

The events that the rule carried to its queue:

  curl -s --aws-sigv4 aws:amz:${aws.region}:sqs --user test:test '${receive}'

A webhook of your own:

  body='{"cache":"${CACHE}","topic":"${TOPIC}","event_timestamp":'$(date +%s000)',"publish_timestamp":'$(date +%s000)',"topic_sequence_number":99,"token_id":"me","text":"Hello"}'
  signature=$(printf %s "$body" | openssl dgst -sha3-256 -hmac ${SIGNING_SECRET} -r | cut -d' ' -f1)
  curl -i -d "$body" -H 'content-type: application/json' -H "momento-signature: $signature" ${webhookUrl}

For any AWS CLI or SDK in that terminal:

  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=${aws.region}`;
}

async function main(): Promise<void> {
  useDemoBuild();
  const print = (line: string) => {
    console.log(line);
  };
  const quickstart = await LocalQuickstart.start(print);
  try {
    await demonstrate(quickstart, print);
    if (process.argv.includes('--keep')) {
      const text = instructions(quickstart);
      await untilInterrupted(() => {
        print(text);
      });
    } else {
      print('\n`npm run demo -- --keep` leaves it running, with commands to type.');
    }
  } finally {
    await quickstart.stop();
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
