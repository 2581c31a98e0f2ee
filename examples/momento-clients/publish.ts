// Publishes a message to a topic.
import { TopicClient, TopicConfigurations, TopicPublishResponse } from '@gomomento/sdk';
import { argumentsOf } from './arguments';
import { credentials } from './credentials';

async function main(): Promise<void> {
  const [cache, topic, text] = argumentsOf('CACHE', 'TOPIC', 'TEXT');
  const client = new TopicClient({
    configuration: TopicConfigurations.Default.latest(),
    credentialProvider: credentials(),
  });
  const answer = await client.publish(cache, topic, text);
  if (answer.type === TopicPublishResponse.Error) throw new Error(answer.message());
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
