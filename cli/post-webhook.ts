import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { version } from '../package.json';
import { Failure } from './failure';
import { printable } from './printable';
import { proxyAgent } from './proxy';
import { SIGNATURE_HEADER } from './signature';
import type { WebhookAnswer } from './webhook-answer';

/** Far beyond the 5 s after which Momento gives up: what comes late is worth seeing too. */
const TIMEOUT_MS = 30_000;

const NETWORK_FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host: was the stack deleted, or its URL replaced?',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'nothing accepts connections there',
  ECONNRESET: 'the connection was broken',
  ETIMEDOUT: 'the connection timed out',
};

/** Posts a webhook once, and waits for the answer. Redirections are not followed: they are an answer too. */
export async function postWebhook(url: string, body: Uint8Array, signature: string): Promise<WebhookAnswer> {
  const agent = await proxyAgent();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const sentAt = Date.now();
  const started = performance.now();
  try {
    const { response, text } = await new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': body.length,
        'user-agent': `cdk-momento-eventbridge/${version} (send-webhook)`,
        [SIGNATURE_HEADER]: signature,
      };
      const request = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
      request(url, { method: 'POST', headers, signal: timeout, ...(agent && { agent }) }, (response) => {
        (response.toArray() as Promise<Buffer[]>).then((chunks) => {
          resolve({ response, text: Buffer.concat(chunks).toString() });
        }, reject);
      })
        .on('error', reject)
        .end(body);
    });
    const milliseconds = Math.round(performance.now() - started);
    const answeredAt = Date.parse(response.headers.date ?? '');
    return {
      status: response.statusCode ?? 0,
      body: text,
      milliseconds,
      // The header has whole seconds, and was written at some time between sending and now.
      ...(!Number.isNaN(answeredAt) && {
        clockAheadBy: Math.round((sentAt + milliseconds / 2 - answeredAt - 500) / 1_000),
      }),
    };
  } catch (error) {
    const reason = timeout.aborted ? `none came in ${(TIMEOUT_MS / 1_000).toString()} s` : explain(error as Error);
    throw new Failure(`No answer from ${printable(new URL(url).host)}: ${reason}.`);
  }
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  return NETWORK_FAILURES[code ?? ''] ?? printable(message);
}
