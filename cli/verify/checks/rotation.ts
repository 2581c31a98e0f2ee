import { randomBytes } from 'node:crypto';
import { broken, type Check, held } from '../check';
import { SOURCES } from '../stack-facts';
import { hashOfKey } from './api-destinations';

/** EventBridge applies a changed connection within a minute or so. The schedule, if the event is lost, takes 15 minutes. */
const PATIENCE = { timeoutMs: 5 * 60_000 };
const ECHO_PATIENCE = { timeoutMs: 20_000 };

/** What follows from another version of a secret. */
export const ROTATION_CHECKS: readonly Check[] = [
  {
    id: 'rotation/api-key',
    promise:
      'A rotated API key is sent by the API destinations without a deployment: Secrets Manager reports it, and a function copies it.',
    source:
      'https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html (Secret Label Updated)',
    local: { does: 'puts the event on the default bus when a label moves', evidence: 'documentation' },
    async run(trial) {
      const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const before = await hashOfKey(trial);
      const rotatedAt = Date.now();
      const SecretString = randomBytes(24).toString('hex');
      await trial.clients.secrets.send(
        new PutSecretValueCommand({ SecretId: trial.output('ApiKeyArn'), SecretString }),
      );
      const after = await hashOfKey(trial);
      let sent = before;
      const isSent = await trial.until(async () => {
        const key = trial.nextName();
        await trial.putCommand(SOURCES.byDestination, 'cacheSet', {
          cacheName: 'verify',
          key,
          message: 'hello',
          ttl: 60,
        });
        const fits = ({ query }: { readonly query: string }): boolean => new URLSearchParams(query).get('key') === key;
        const [request] = await trial.echoed(fits, ECHO_PATIENCE);
        sent = request?.authorization ?? sent;
        return sent === after ? true : undefined;
      }, PATIENCE);
      const seconds = ((Date.now() - rotatedAt) / 1_000).toFixed(0);
      if (isSent) return held(`The new key was sent ${seconds} s after the rotation.`);
      return broken(`After ${seconds} s, ${sent === before ? 'the previous key' : 'another key'} was still sent.`);
    },
  },
];
