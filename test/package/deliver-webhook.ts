import assert from 'node:assert/strict';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { LocalAws, StackOutputs } from '../../tools';
import { WebhookSender } from '../../tools/common/webhook-sender';

const SECRET = 'cV7uFq2mXn4RWm4z';

/** Posts a webhook to an app that is deployed, and sees it on the bus. */
export async function deliverWebhook(aws: LocalAws, outputs: StackOutputs): Promise<void> {
  const put = new PutSecretValueCommand({ SecretId: outputs.get('MomentoSigningSecretArn'), SecretString: SECRET });
  await aws.clients.secrets.send(put);
  const sender = new WebhookSender(aws.functionUrl(outputs.get('MomentoUrl')), SECRET);
  const body = sender.body();
  const answer = await sender.send(body);
  assert.deepEqual([answer.status, answer.content.message], [200, 'Success']);
  const [message] = await aws.receive(outputs.get('MessagesUrl'), 1, 20_000);
  const event = JSON.parse(message?.Body ?? '{}') as Record<string, unknown>;
  assert.equal(event['detail-type'], 'chat#room-281');
  assert.deepEqual(event.detail, JSON.parse(body));
}
