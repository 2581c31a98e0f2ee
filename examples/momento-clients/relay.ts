// Posts each message of a topic to a URL, signed as Momento signs its webhooks, until Ctrl-C. SIGNING_SECRET is the signing secret.
import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { TopicClient, TopicConfigurations, type TopicItem, TopicSubscribeResponse } from '@gomomento/sdk';
import { argumentsOf } from './arguments';
import { credentials } from './credentials';

const [cache, topic, url] = argumentsOf('CACHE', 'TOPIC', 'URL');
const { SIGNING_SECRET = '' } = process.env;

async function post(item: TopicItem): Promise<void> {
  const now = Date.now();
  const body = JSON.stringify({
    cache,
    topic,
    event_timestamp: now,
    publish_timestamp: now,
    topic_sequence_number: item.sequenceNumber(),
    token_id: item.tokenId() ?? '',
    text: item.valueString(),
  });
  const signature = createHmac('sha3-256', SIGNING_SECRET).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'momento-signature': signature };
  // It is accepted for 60 seconds. The same body each time, so that a copy is recognized.
  while (Date.now() < now + 50_000) {
    const signal = AbortSignal.timeout(5000);
    const answer = await fetch(url, { method: 'POST', headers, body, signal }).catch(() => undefined);
    if (answer?.ok) return;
    await setTimeout(1000);
  }
  console.error(`message ${item.sequenceNumber().toString()} is lost`);
}

async function main(): Promise<void> {
  if (SIGNING_SECRET === '') throw new Error('set SIGNING_SECRET');
  const client = new TopicClient({
    configuration: TopicConfigurations.Default.latest(),
    credentialProvider: credentials(),
  });
  const answer = await client.subscribe(cache, topic, { onItem: (item) => void post(item) });
  if (answer.type === TopicSubscribeResponse.Error) throw new Error(answer.message());
  console.error(`relays ${topic}`);
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
