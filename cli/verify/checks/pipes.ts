import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Failure } from '../../failure';
import { printable } from '../../printable';
import { broken, type Check, held } from '../check';
import type { EchoRequest } from '../echo';
import { TABLE } from '../stack-facts';
import type { Trial } from '../trial';

const MANUAL = 'docs/dynamodb-to-momento.md';
const PIPES = {
  does: 'carries records from the stream through the filter and the function to the bus, by a fix',
  evidence: 'documentation',
  rules: ['pipes_to_event_bus'],
} as const;
/** A pipe asks its stream about once a second, and begins with a new stream within a minute. */
const PATIENCE = { timeoutMs: 3 * 60_000 };
/** A line of a log can be read some seconds after it was written. */
const LOG_PATIENCE = { timeoutMs: 30_000 };
const LOCAL_LOG_PATIENCE = { timeoutMs: 2_000 };
const CHANGES_AT_ONCE = 4;
const LARGE_CHARACTERS = 80_000;

/** From a table through a pipe to the cache. */
export const PIPE_CHECKS: readonly Check[] = [
  {
    id: 'pipes/items',
    promise: 'An item that is put in the table is set in the cache, and deleted there when it is deleted.',
    source: MANUAL,
    local: PIPES,
    async run(trial) {
      const key = trial.nextName();
      // A pipe begins with the newest record, some time after it was made: a record before that is never seen.
      let attempts = 0;
      const set = await trial.until(async () => {
        attempts += 1;
        await put(trial, key, { [TABLE.value]: { S: `attempt ${attempts.toString()}` } });
        const [request] = await trial.echoed(isOf(key), { timeoutMs: 10_000 });
        return request;
      }, PATIENCE);
      if (!set) return broken(`None of ${attempts.toString()} changes of an item arrived.`);
      await remove(trial, key);
      const deleted = await trial.until(async () => {
        const requests = await trial.echoed(isOf(key));
        return requests.find(({ method }) => method === 'DELETE');
      }, PATIENCE);
      const body = set.body.toString();
      const seen = `${set.method} with the body ${printable(body)}, then ${deleted?.method ?? 'nothing'}.`;
      return set.method === 'PUT' && body.startsWith('attempt ') && deleted ? held(seen) : broken(seen);
    },
  },
  {
    id: 'pipes/filter',
    promise: "A change that the pipe's filter does not match is not processed.",
    source: MANUAL,
    local: PIPES,
    async run(trial) {
      const key = trial.nextName();
      await put(trial, `other-${key}`, { [TABLE.value]: { S: 'filtered out' } });
      await put(trial, key, { [TABLE.value]: { S: 'let through' } });
      const [request] = await trial.echoed(isOf(key), PATIENCE);
      const filtered = await trial.notEchoed(isOf(`other-${key}`));
      const seen = `Calls: ${filtered.length.toString()} of the item that is filtered out, ${request ? '1' : '0'} of the next one.`;
      return request && filtered.length === 0 ? held(seen) : broken(seen);
    },
  },
  {
    id: 'pipes/poison',
    promise:
      'A record that cannot become a command goes to the dead-letter queue, whole, with a reason, and later ones are processed.',
    source: MANUAL,
    local: PIPES,
    async run(trial) {
      const [poison, next] = [trial.nextName(), trial.nextName()];
      await put(trial, poison, { other: { S: 'without the attribute that is cached' } });
      await put(trial, next, { [TABLE.value]: { S: 'hello' } });
      const url = trial.output('TableDeadLettersUrl');
      const letter = await trial.messageIn(url, ({ body }) => body.includes(`"${poison}"`), PATIENCE);
      const [request] = await trial.echoed(isOf(next), PATIENCE);
      const reason = letter?.attributes.Reason;
      const seen = `Reason: ${printable(reason ?? 'missing')}. The next item ${request ? 'arrived' : 'did not arrive'}.`;
      return reason !== undefined && request ? held(seen) : broken(seen);
    },
  },
  {
    id: 'pipes/halved',
    promise:
      'A batch whose commands are more than the bus takes at once is halved until they are not, and each of its changes arrives.',
    source:
      'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html (AUTOMATIC_BISECT)',
    local: PIPES,
    async run(trial) {
      let failed: string[] = [];
      const key = await trial.until(async () => {
        const changed = await changeAtOnce(trial);
        // It can be that the pipe hands the changes over one by one, for which there is no sign: then it is tried again.
        const isFailed = await trial.until(
          async () => {
            failed = await failedBatches(trial);
            return failed.length > 0 ? true : undefined;
          },
          trial.isLocal ? LOCAL_LOG_PATIENCE : LOG_PATIENCE,
        );
        return isFailed && changed;
      }, PATIENCE);
      if (key === undefined) throw new Failure('The pipe handed over each change alone: there was no batch to halve.');
      const arrived = new Set<string>();
      const isThere = await trial.until(async () => {
        for (const { body } of await trial.echoed(isOf(key), { timeoutMs: 0 }))
          arrived.add(body.toString().slice(0, 2));
        return arrived.size === CHANGES_AT_ONCE ? true : undefined;
      }, PATIENCE);
      const seen = `A batch failed: ${printable(failed[0] ?? '')}. Of ${CHANGES_AT_ONCE.toString()} changes ${arrived.size.toString()} arrived.`;
      return isThere ? held(seen) : broken(seen);
    },
  },
];

/**
 * Changes one item several times at once: the records are in one shard of the stream, and so in a batch. The commands of two of them
 * are more than the bus takes: each of these characters is one byte in the table, and seven in a command, which holds JSON in JSON.
 *
 * @returns the key of the item
 */
async function changeAtOnce(trial: Trial): Promise<string> {
  const key = trial.nextName();
  const text = '\u0001'.repeat(LARGE_CHARACTERS);
  const numbers = Array.from({ length: CHANGES_AT_ONCE }, (_, number) => number.toString());
  await Promise.all(numbers.map((number) => put(trial, key, { [TABLE.value]: { L: [{ N: number }, { S: text }] } })));
  return key;
}

/** What the runtime of the function logs of batches that it failed: the pipe is told to halve them. */
async function failedBatches(trial: Trial): Promise<string[]> {
  const lines = await trial.logLines(trial.output('TableHandlerLogName'));
  return lines.flatMap((line) => /TooLarge \{ records: \d+, bytes: \d+ \}/.exec(line) ?? []);
}

async function put(trial: Trial, key: string, attributes: Record<string, AttributeValue>): Promise<void> {
  const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
  const Item = { [TABLE.key]: { S: key }, ...attributes };
  await trial.clients.dynamoDb.send(new PutItemCommand({ TableName: trial.output('TableName'), Item }));
}

async function remove(trial: Trial, key: string): Promise<void> {
  const { DeleteItemCommand } = await import('@aws-sdk/client-dynamodb');
  const Key = { [TABLE.key]: { S: key } };
  await trial.clients.dynamoDb.send(new DeleteItemCommand({ TableName: trial.output('TableName'), Key }));
}

function isOf(key: string): (request: EchoRequest) => boolean {
  return ({ path, query }) => path === `/cache/${TABLE.cache}` && new URLSearchParams(query).get('key') === key;
}
