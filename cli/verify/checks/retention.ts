import { broken, type Check, held } from '../check';
import { ARRIVAL } from '../trial';

const QUEUE = 'AWS::SQS::Queue';
const SECRET = 'AWS::SecretsManager::Secret';
const MARK = 'kept';

/** What outlives an update that takes it out of the template. */
export const RETENTION_CHECKS: readonly Check[] = [
  {
    id: 'retention/update',
    promise:
      'Queues and a retained signing secret survive an update that replaces their construct, with what is in them.',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html',
    local: {
      does: 'keeps what DeletionPolicy and UpdateReplacePolicy retain',
      evidence: 'documentation',
      rules: ['retained-resources'],
    },
    async run(trial) {
      const { GetQueueAttributesCommand, SendMessageCommand } = await import('@aws-sdk/client-sqs');
      const { DescribeSecretCommand, PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const { sqs, secrets } = trial.clients;
      const old = (await trial.resources()).filter(({ logicalId }) => logicalId.startsWith('Old'));
      const queues = old.filter(({ type }) => type === QUEUE).map(({ id }) => id);
      const kept = old.filter(({ type }) => type === SECRET).map(({ id }) => id);
      const [deadLetters = ''] = old
        .filter(({ logicalId }) => logicalId.startsWith('OldDeadLetterQueue'))
        .map(({ id }) => id);
      await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: MARK }));
      for (const SecretId of kept) {
        await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'a signing secret to keep' }));
      }
      await trial.deploy({ renamed: true });
      const remaining = (await trial.resources()).filter(({ logicalId }) => logicalId.startsWith('Old'));
      // Each call fails for what is not there.
      for (const QueueUrl of queues) await sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
      for (const SecretId of kept) await secrets.send(new DescribeSecretCommand({ SecretId }));
      const message = await trial.messageIn(deadLetters, ({ body }) => body === MARK, ARRIVAL);
      const seen =
        `Out of the template: ${(old.length - remaining.length).toString()} resources. Kept: ${queues.length.toString()} queues, ` +
        `${kept.length.toString()} secret, and the message in the dead-letter queue is ${message ? 'there' : 'gone'}.`;
      return message && queues.length >= 2 && kept.length === 1 ? held(seen) : broken(seen);
    },
  },
];
