// Creates a webhook that posts the messages of a topic to the URL of `MomentoWebhookToEventBridge`, and puts its signing secret in the
// secret that the construct reads: SECRET is the name or ARN of the output SigningSecretArn.
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutWebhookResponse, TopicClient, TopicConfigurations } from '@gomomento/sdk';
import { argumentsOf } from './arguments';
import { credentials } from './credentials';

async function main(): Promise<void> {
  const [cache, topic, webhook, url, secret] = argumentsOf('CACHE', 'TOPIC', 'WEBHOOK', 'URL', 'SECRET');
  const client = new TopicClient({
    configuration: TopicConfigurations.Default.latest(),
    credentialProvider: credentials(),
  });
  const answer = await client.putWebhook(cache, webhook, { topicName: topic, destination: url });
  if (answer.type === PutWebhookResponse.Error) throw new Error(answer.message());
  // At once: what Momento sends before the handler knows the secret is rejected, and Momento sends each message once.
  const command = new PutSecretValueCommand({ SecretId: secret, SecretString: answer.secretString() });
  await new SecretsManagerClient().send(command);
  console.log(`created ${webhook}; its signing secret is in ${secret}`);
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
