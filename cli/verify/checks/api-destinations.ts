import { createHash } from 'node:crypto';
import { printable } from '../../printable';
import { broken, type Check, held, notHere } from '../check';
import type { EchoRequest } from '../echo';
import { ARRIVAL, type Trial } from '../trial';
import { DELETES_A_SECOND, SOURCES } from '../stack-facts';

/** Commands that take four seconds at the limit, and a fraction of one without it. */
const BURST = 4 * DELETES_A_SECOND;
/** A limit for each second by the clock lets twice as many through around the end of one, and the echo may have been slow to start. */
const MOST_IN_A_SECOND = 2 * DELETES_A_SECOND + 1;
const NOT_TAKEN = 'The command did not arrive within a minute.';

/** Commands that EventBridge itself delivers. */
export const API_DESTINATION_CHECKS: readonly Check[] = [
  {
    id: 'api-destinations/quotes',
    promise: 'A message arrives as a JSON string, in quotes, that means exactly the message.',
    source:
      'https://github.com/aws/aws-cdk/issues/30704, and recordings of the same input path to a queue (localstack)',
    local: {
      does: 'sends a string as JSON, and writes characters outside ASCII as escapes',
      evidence: 'record',
      rules: ['quoted-string'],
    },
    async run(trial) {
      const message = 'He said "hi":\n\\ ü 😀 </script> &amp;';
      const request = await set(trial, { message });
      if (!request) return broken(NOT_TAKEN);
      const body = request.body.toString();
      const seen = `The body is ${printable(body)}.`;
      return body.startsWith('"') && parsed(body) === message ? held(seen) : broken(seen);
    },
  },
  {
    id: 'api-destinations/names',
    promise: 'Names and keys with spaces, slashes, percent signs and non-ASCII characters arrive as they are.',
    source: 'No recording of AWS is known; kumo and ministack encode each value of a path',
    local: {
      does: 'percent-encodes each value of a path and of a query',
      evidence: 'inference',
      rules: ['path-encoding'],
    },
    async run(trial) {
      const cacheName = 'verify names ü %41';
      const key = `${trial.nextName()} a/b?c=d&e#f%20+ü`;
      const request = await set(trial, { cacheName, key });
      if (!request) return broken(NOT_TAKEN);
      const { path, query } = request;
      const seen = `The path is ${printable(path)}, the query ${printable(query)}.`;
      // Function URLs may decode the path before the echo gets it.
      const isCache = path === `/cache/${cacheName}` || decoded(path) === `/cache/${cacheName}`;
      return isCache && new URLSearchParams(query).get('key') === key ? held(seen) : broken(seen);
    },
  },
  {
    id: 'api-destinations/headers',
    promise: 'The header Authorization is the API key as it is, without a scheme, and cacheSet is a PUT with its TTL.',
    source: 'https://docs.momentohq.com/cache/develop/api-reference/http-api',
    local: {
      does: "sends the connection's API key under its header",
      evidence: 'documentation',
      rules: ['api_destination_resources'],
    },
    async run(trial) {
      const request = await set(trial, {});
      if (!request) return broken(NOT_TAKEN);
      const isKey = request.authorization === (await hashOfKey(trial));
      const { method, query, headers } = request;
      const ttl = new URLSearchParams(query).get('ttl_seconds');
      const type = headers['content-type'] ?? 'none';
      const seen = `${method}, ttl_seconds ${ttl ?? 'missing'}, content type ${printable(type)}; Authorization is ${isKey ? '' : 'not '}the key.`;
      return isKey && method === 'PUT' && ttl === '60' ? held(seen) : broken(seen);
    },
  },
  {
    id: 'api-destinations/publish',
    promise: 'topicPublish is a POST to the topic, with the content type text/plain.',
    source: 'https://aws.amazon.com/about-aws/whats-new/2024/02/ (API destinations: content-type header customization)',
    local: { does: "sends the target's own Content-Type", evidence: 'documentation' },
    async run(trial) {
      const topicName = trial.nextName();
      await trial.putCommand(SOURCES.byDestination, 'topicPublish', {
        cacheName: 'verify',
        topicName,
        message: 'hello',
      });
      const [request] = await trial.echoed(({ path }) => path === `/topics/verify/${topicName}`);
      if (!request) return broken(NOT_TAKEN);
      const type = request.headers['content-type'] ?? 'none';
      const seen = `${request.method}, content type ${printable(type)}.`;
      return request.method === 'POST' && /^text\/plain\b/.test(type) ? held(seen) : broken(seen);
    },
  },
  {
    id: 'api-destinations/rate-limit',
    promise: `Of ${BURST.toString()} commands at once for an API destination with a limit of ${DELETES_A_SECOND.toString()} a second, none is lost, and they arrive no faster.`,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html (invocation rate limit)',
    local: { does: 'calls at once, whatever the rate limit is', evidence: 'not modelled' },
    async run(trial) {
      const name = trial.nextName();
      const details = Array.from({ length: BURST }, (_, number) => {
        return { cacheName: 'verify', key: `${name}-${number.toString()}` };
      });
      await trial.putCommands(SOURCES.byDestination, 'cacheDelete', details);
      const times = new Map<string, number>();
      await trial.until(async () => {
        for (const { query, time } of await trial.echoed(({ query }) => query.includes(`${name}-`), { timeoutMs: 0 })) {
          if (!times.has(query)) times.set(query, time);
        }
        return times.size === BURST ? true : undefined;
      }, ARRIVAL);
      const most = mostInASecond([...times.values()]);
      const seen = `${times.size.toString()} of ${BURST.toString()} arrived, at most ${most.toString()} of them within a second.`;
      if (times.size < BURST) return broken(seen);
      if (trial.isLocal) return notHere(`${seen} The local AWS has no rate limit.`);
      return most > MOST_IN_A_SECOND ? broken(seen) : held(seen);
    },
  },
];

/** The most of some times, in milliseconds, that are within a second. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => from <= time && time < from + 1_000).length));
}

/** Puts a cacheSet on the bus, and waits for its request. */
async function set(trial: Trial, changes: object): Promise<EchoRequest | undefined> {
  const detail = { cacheName: 'verify', key: trial.nextName(), message: 'hello', ttl: 60, ...changes };
  await trial.putCommand(SOURCES.byDestination, 'cacheSet', detail);
  const [request] = await trial.echoed(({ query }) =>
    query.includes(encodeURIComponent(detail.key.split(' ')[0] ?? '')),
  );
  return request;
}

/** The SHA-256 of the current API key, which the echo logs in its place. */
export async function hashOfKey(trial: Trial): Promise<string> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const get = new GetSecretValueCommand({ SecretId: trial.output('ApiKeyArn') });
  const { SecretString = '' } = await trial.clients.secrets.send(get);
  return createHash('sha256').update(SecretString).digest('hex');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
