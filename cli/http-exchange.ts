import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Failure } from './failure';
import { printable } from './printable';
import { proxyAgent } from './proxy';

/** A request of HTTP. */
export interface HttpExchange {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array | string;
  /** For the whole answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** There was no answer in time. */
export class NoAnswerInTime extends Failure {}

const NETWORK_FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host: was the stack deleted, or its URL replaced?',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'nothing accepts connections there',
  ECONNRESET: 'the connection was broken',
  ETIMEDOUT: 'the connection timed out',
};

/**
 * Sends a request once, through the proxies that the environment names, and waits for the answer. Redirections are not followed: they
 * are an answer too.
 *
 * @throws Failure if there is none, which names the host only: the rest of a URL can be a secret
 */
export async function exchange(url: string, { method, headers, body, timeoutMs }: HttpExchange): Promise<HttpAnswer> {
  const agent = await proxyAgent();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const { response, text } = await new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
      const request = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
      request(url, { method, headers, signal: timeout, ...(agent && { agent }) }, (response) => {
        (response.toArray() as Promise<Buffer[]>).then((chunks) => {
          resolve({ response, text: Buffer.concat(chunks).toString() });
        }, reject);
      })
        .on('error', reject)
        .end(body);
    });
    return { status: response.statusCode ?? 0, headers: response.headers, body: text };
  } catch (error) {
    const host = printable(new URL(url).host);
    if (timeout.aborted) {
      throw new NoAnswerInTime(`No answer from ${host}: none came in ${(timeoutMs / 1_000).toString()} s.`);
    }
    throw new Failure(`No answer from ${host}: ${explain(error as Error)}.`);
  }
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  return NETWORK_FAILURES[code ?? ''] ?? printable(message);
}
