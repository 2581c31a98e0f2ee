import { version } from '../package.json';
import { exchange } from './http-exchange';
import { SIGNATURE_HEADER } from './signature';
import type { WebhookAnswer } from './webhook-answer';

/** Far beyond the 5 s after which Momento gives up: what comes late is worth seeing too. */
const TIMEOUT_MS = 30_000;

/** Posts a webhook once, and waits for the answer. */
export async function postWebhook(url: string, body: Uint8Array, signature: string): Promise<WebhookAnswer> {
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'user-agent': `cdk-momento-eventbridge/${version} (send-webhook)`,
    [SIGNATURE_HEADER]: signature,
  };
  const sentAt = Date.now();
  const started = performance.now();
  const answer = await exchange(url, { method: 'POST', headers, body, timeoutMs: TIMEOUT_MS });
  const milliseconds = Math.round(performance.now() - started);
  const answeredAt = Date.parse(answer.headers.date ?? '');
  return {
    status: answer.status,
    body: answer.body,
    milliseconds,
    // The header has whole seconds, and was written at some time between sending and now.
    ...(!Number.isNaN(answeredAt) && {
      clockAheadBy: Math.round((sentAt + milliseconds / 2 - answeredAt - 500) / 1_000),
    }),
  };
}
