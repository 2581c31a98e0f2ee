import { version } from '../package.json';
import { Failure } from './failure';
import { printable } from './printable';
import { SIGNATURE_HEADER } from './signature';
import type { WebhookAnswer } from './webhook-answer';

/** Far beyond the 5 s after which Momento gives up: what comes late is worth seeing too. */
const TIMEOUT_MS = 30_000;

const NETWORK_FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host: was the stack deleted, or its URL replaced?',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'nothing accepts connections there',
  ECONNRESET: 'the connection was broken',
  UND_ERR_SOCKET: 'the connection was broken',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
};

/** Posts a webhook once, and waits for the answer. Redirections are not followed: they are an answer too. */
export async function postWebhook(url: string, body: Uint8Array, signature: string): Promise<WebhookAnswer> {
  const sentAt = Date.now();
  const started = performance.now();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `cdk-momento-eventbridge/${version} (send-webhook)`,
        [SIGNATURE_HEADER]: signature,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const milliseconds = Math.round(performance.now() - started);
    const answeredAt = Date.parse(response.headers.get('date') ?? '');
    return {
      status: response.status,
      body: text,
      milliseconds,
      // The header has whole seconds, and was written at some time between sending and now.
      ...(!Number.isNaN(answeredAt) && {
        clockAheadBy: Math.round((sentAt + milliseconds / 2 - answeredAt - 500) / 1_000),
      }),
    };
  } catch (error) {
    throw new Failure(`No answer from ${printable(new URL(url).host)}: ${reason(error)}.`);
  }
}

function reason(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `none came in ${(TIMEOUT_MS / 1_000).toString()} s`;
  const { code, message: detail } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  return NETWORK_FAILURES[code ?? ''] ?? printable(detail ?? message);
}
