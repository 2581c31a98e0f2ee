/** The cache whose name makes the echo answer with a status: `answer-401`. */
export function cacheAnswered(status: number): string {
  return `answer-${status.toString()}`;
}

/** The cache for which the echo answers 429 to the first request for a key, with this `Retry-After`, in seconds. */
export const BUSY_CACHE = 'busy';
export const RETRY_AFTER_S = 3;

/** A request that the echo got. */
export interface EchoRequest {
  readonly method: string;
  /** As Lambda hands it to a function. */
  readonly path: string;
  /** Percent-encoded. */
  readonly query: string;
  /** By their names in lower case, without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the header `authorization`, in hexadecimal. */
  readonly authorization: string;
  /** Its first 64 KiB: a line of a log has less room than a request. */
  readonly body: Buffer;
  /** In milliseconds since the Unix epoch, by the clock of the function. */
  readonly time: number;
  /** What it answered. */
  readonly status: number;
}

/**
 * The function that stands in for Momento's HTTP API: it logs each request as a line of JSON, and answers 204, or what the name of the
 * cache says. A status is a number of three digits, and anything else in its place is answered 500.
 */
export const ECHO_CODE = `import base64, hashlib, json, time
from urllib.parse import unquote

known = set()

def handler(event, context):
    text = event.get('body') or ''
    body = base64.b64decode(text) if event.get('isBase64Encoded') else text.encode()
    headers = {name.lower(): value for name, value in event['headers'].items()}
    authorization = headers.pop('authorization', '')
    path, query = event['rawPath'], event.get('rawQueryString', '')
    cache = unquote((path.split('/') + ['', ''])[2])
    status, answer = 204, {}
    if cache.startswith('answer-'):
        status = int(cache[7:]) if cache[7:].isdigit() else 500
    elif cache == '${BUSY_CACHE}' and query not in known:
        known.add(query)
        status, answer = 429, {'retry-after': '${RETRY_AFTER_S.toString()}'}
    print(json.dumps({'echo': {
        'method': event['requestContext']['http']['method'], 'path': path, 'query': query, 'headers': headers,
        'authorization': hashlib.sha256(authorization.encode()).hexdigest(),
        'body': base64.b64encode(body[:65536]).decode(), 'time': time.time() * 1000, 'status': status,
    }}))
    return {'statusCode': status, 'headers': answer}
`;

/** Reads a line of the echo's log; nothing where Lambda itself wrote it. */
export function readEchoLine(line: string): EchoRequest | undefined {
  if (!line.startsWith('{"echo":')) return undefined;
  const { echo } = JSON.parse(line) as { echo: Omit<EchoRequest, 'body'> & { body: string } };
  return { ...echo, body: Buffer.from(echo.body, 'base64') };
}
