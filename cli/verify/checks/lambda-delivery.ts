import { printable } from '../../printable';
import { broken, type Check, held } from '../check';
import { BUSY_CACHE, cacheAnswered, type EchoRequest, RETRY_AFTER_S } from '../echo';
import type { Trial } from '../trial';
import { SOURCES } from '../stack-facts';

const MANUAL = 'docs/eventbridge-to-momento.md';
const NOT_TAKEN = 'The command did not arrive within a minute.';
const HANDLER = {
  does: 'runs the same handler, and feeds it from the queue at once',
  evidence: 'documentation',
  rules: ['bare_function_environment'],
} as const;

/** Commands that the function delivers. */
export const LAMBDA_DELIVERY_CHECKS: readonly Check[] = [
  {
    id: 'lambda-delivery/bytes',
    promise: 'A message arrives byte for byte, without quotes.',
    source: MANUAL,
    local: HANDLER,
    async run(trial) {
      const message = 'He said "hi":\n\\ ü 😀';
      const [request] = await set(trial, { message });
      if (!request) return broken(NOT_TAKEN);
      const body = request.body.toString();
      return body === message ? held(`The body is ${printable(body)}`) : broken(`The body is ${printable(body)}`);
    },
  },
  {
    id: 'lambda-delivery/binary',
    promise: 'message_base64 arrives as the bytes that it stands for.',
    source: MANUAL,
    local: HANDLER,
    async run(trial) {
      const bytes = Buffer.from([0, 1, 127, 128, 255, 10]);
      const [request] = await set(trial, { message: undefined, message_base64: bytes.toString('base64') });
      if (!request) return broken(NOT_TAKEN);
      const seen = `The body is ${request.body.toString('hex')} in hexadecimal.`;
      return request.body.equals(bytes) ? held(seen) : broken(seen);
    },
  },
  {
    id: 'lambda-delivery/retry-after',
    promise: `After a 429 the command is tried again, not before the ${RETRY_AFTER_S.toString()} s of its Retry-After, and is delivered.`,
    source: MANUAL,
    local: HANDLER,
    async run(trial) {
      const requests = await set(trial, { cacheName: BUSY_CACHE }, 2);
      const [first, last] = [requests[0], requests.at(-1)];
      if (!first || !last) return broken(NOT_TAKEN);
      const waited = (last.time - first.time) / 1_000;
      const statuses = requests.map(({ status }) => status.toString()).join(', ');
      const seen = `The answers were ${statuses}, the last ${waited.toFixed(1)} s after the first.`;
      return last.status === 204 && waited >= RETRY_AFTER_S ? held(seen) : broken(seen);
    },
  },
  {
    id: 'lambda-delivery/refused',
    promise: 'A command that Momento refuses is called once, and is a dead letter that says why.',
    source: MANUAL,
    local: HANDLER,
    async run(trial) {
      const cacheName = cacheAnswered(403);
      const requests = await set(trial, { cacheName });
      const url = trial.output('FunctionDeadLettersUrl');
      const letter = await trial.messageIn(url, ({ body }) => body.includes(`"${cacheName}"`));
      if (!letter) return broken(`No dead letter came. Calls: ${requests.length.toString()}.`);
      const { ERROR_CODE = 'missing', MOMENTO_STATUS = 'missing', RETRY_ATTEMPTS = 'missing' } = letter.attributes;
      const seen = `ERROR_CODE ${printable(ERROR_CODE)}, MOMENTO_STATUS ${MOMENTO_STATUS}, RETRY_ATTEMPTS ${RETRY_ATTEMPTS}. Calls: ${requests.length.toString()}.`;
      const isTold = ERROR_CODE === 'ERROR_FROM_TARGET' && MOMENTO_STATUS === '403' && RETRY_ATTEMPTS === '0';
      return isTold && requests.length === 1 ? held(seen) : broken(seen);
    },
  },
];

/** Puts a cacheSet on the bus, and waits for its requests. */
async function set(trial: Trial, changes: object, count = 1): Promise<EchoRequest[]> {
  const detail = { cacheName: 'verify', key: trial.nextName(), message: 'hello', ttl: 60, ...changes };
  await trial.putCommand(SOURCES.byFunction, 'cacheSet', detail);
  return trial.echoed(({ query }) => new URLSearchParams(query).get('key') === detail.key, { count });
}
