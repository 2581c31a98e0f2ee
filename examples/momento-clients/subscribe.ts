// Prints the messages of a topic, one a line, until Ctrl-C.
import { TopicClient, TopicConfigurations, TopicSubscribeResponse } from '@gomomento/sdk';
import { argumentsOf } from './arguments';
import { credentials } from './credentials';

async function main(): Promise<void> {
  const [cache, topic] = argumentsOf('CACHE', 'TOPIC');
  const client = new TopicClient({
    configuration: TopicConfigurations.Default.latest(),
    credentialProvider: credentials(),
  });
  const answer = await client.subscribe(cache, topic, {
    onItem: (item) => {
      console.log(item.valueString());
    },
  });
  if (answer.type === TopicSubscribeResponse.Error) throw new Error(answer.message());
  console.error(`subscribed to ${topic}`);
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
