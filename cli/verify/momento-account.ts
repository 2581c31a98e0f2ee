import { exchange, type HttpAnswer } from '../http-exchange';
import { httpUrl } from '../http-url';
import { UsageError } from '../failure';

/** Momento gives up its own requests after seconds. */
const TIMEOUT_MS = 15_000;

/** A cache of Momento's that a run may use, and how to get at it. */
export interface MomentoAccount {
  /** Of the HTTP API, without a slash at the end. */
  readonly endpoint: string;
  /** Never in a report, in an argument or in what is printed. */
  readonly apiKey: string;
  readonly cache: string;
}

/** What the environment says of Momento, where the command line names a cache. Without one, nothing is sent there. */
export function momentoAccount(cache: string | undefined, isLocal: boolean): MomentoAccount | undefined {
  if (cache === undefined) return undefined;
  const { MOMENTO_API_KEY: apiKey, MOMENTO_ENDPOINT: endpoint = '' } = process.env;
  if (cache === '' || !apiKey) {
    throw new UsageError('--momento-cache needs the name of a cache, and MOMENTO_API_KEY: a key for that cache.');
  }
  // As the handlers take it. Its value is not shown.
  if (!/^[!-~]+$/.test(apiKey)) throw new UsageError('MOMENTO_API_KEY must be a key, without white space.');
  const url = httpUrl(endpoint);
  if (!url || (url.protocol === 'http:' && !isLocal)) {
    throw new UsageError(
      '--momento-cache needs MOMENTO_ENDPOINT: the URL of the HTTP API, such as https://api.cache.cell-1-eu-west-1-1.prod.a.momentohq.com.',
    );
  }
  return { endpoint: endpoint.replace(/\/+$/, ''), apiKey, cache };
}

/** Sends a request to Momento's HTTP API, from here. */
export async function askMomento(
  { endpoint, apiKey }: MomentoAccount,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { body, timeoutMs = TIMEOUT_MS }: { readonly body?: string; readonly timeoutMs?: number } = {},
): Promise<HttpAnswer> {
  const headers = {
    authorization: apiKey,
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body), 'content-type': 'text/plain' }),
  };
  return exchange(`${endpoint}${path}`, { method, headers, timeoutMs, ...(body !== undefined && { body }) });
}
