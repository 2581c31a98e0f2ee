import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../failure';
import { type HttpAnswer, NoAnswerInTime } from '../../http-exchange';
import { jsonObject } from '../../parked-event';
import { printable } from '../../printable';
import { broken, type Check, held, notHere, type Outcome } from '../check';
import { SOURCES } from '../stack-facts';
import type { Trial } from '../trial';

const HTTP_API = 'https://docs.momentohq.com/cache/develop/api-reference/http-api';
const TOPICS_API = 'https://docs.momentohq.com/topics/api-reference/http-api';
const LOCAL = { does: 'calls the local Momento, which does as Momento documents', evidence: 'documentation' } as const;
const MESSAGE = 'He said "hi":\n\\ ü 😀';
/** The stack tries a command for five minutes, once more after an error. */
const PATIENCE = { timeoutMs: 6 * 60_000 };
/** Longer than anything is waited for: an item that expires must not look deleted. */
const TTL_S = 600;
/** How long Momento waits for a message is not documented. */
const POLL_MS = 10_000;

/** The outcome of commands at Momento itself. */
export const MOMENTO_CHECKS: readonly Check[] = [
  {
    id: 'momento/set',
    promise: 'cacheSet sets an item at Momento: its value is the message as a JSON string.',
    source: HTTP_API,
    local: LOCAL,
    run: (trial) =>
      atMomento(trial, async (cacheName) => {
        const { key, path } = nextItem(trial, cacheName);
        const command = { cacheName, key, message: MESSAGE, ttl: TTL_S };
        const answer = await afterCommand(trial, 'cacheSet', command, async () => {
          const { status, body } = await trial.askMomento('GET', path);
          return status === 200 ? body : undefined;
        });
        if (typeof answer !== 'string') return answer;
        // Only what this program sent is shown.
        return isQuoted(answer) ? held(`The value is ${printable(answer)}.`) : broken('The item has another value.');
      }),
  },
  {
    id: 'momento/delete',
    promise: 'cacheDelete deletes an item at Momento.',
    source: HTTP_API,
    local: LOCAL,
    run: (trial) =>
      atMomento(trial, async (cacheName, { key, path }) => {
        const answer = await afterCommand(trial, 'cacheDelete', { cacheName, key }, async () => {
          const { status } = await trial.askMomento('GET', path);
          return status === 404 ? '404' : undefined;
        });
        return typeof answer === 'string' ? held(`The item is answered ${answer}, where it was answered 200.`) : answer;
      }),
  },
  {
    id: 'momento/publish',
    promise: 'topicPublish publishes at Momento: subscribers get the message as a JSON string.',
    source: TOPICS_API,
    local: LOCAL,
    run: (trial) =>
      atMomento(trial, async (cacheName) => {
        const topicName = uniqueName(trial);
        const path = `/topics/${encodeURIComponent(cacheName)}/${topicName}?sequence_number=1&sequence_page=0`;
        // From the first message that Momento still has. One that nobody asked for yet may be lost: it is published again until one comes.
        const answer = await trial.until(async () => {
          const command = { cacheName, topicName, message: MESSAGE };
          const [polled] = await Promise.all([
            poll(trial, path),
            trial.putCommand(SOURCES.momento, 'topicPublish', command),
          ]);
          return polled ?? deadLetterOf(trial, command);
        }, PATIENCE);
        if (!answer) return broken(NOTHING);
        if ('kind' in answer) return answer;
        const texts = textsOf(answer.body);
        if (answer.status !== 200) return broken(`A subscriber is answered ${answer.status.toString()}.`);
        const [text] = texts;
        return text !== undefined && texts.every(isQuoted)
          ? held(`A subscriber got ${printable(text)}.`)
          : broken('A subscriber got something else.');
      }),
  },
];

const NOTHING = 'Nothing came of the command.';

/**
 * Tries a promise with the cache that the run may use, and an item that is in it. A local Momento is not Momento.
 *
 * @throws Failure if Momento does not take the item from here: of commands nothing can be said then
 */
async function atMomento(trial: Trial, attempt: (cache: string, item: Item) => Promise<Outcome>): Promise<Outcome> {
  const { momentoCache: cache } = trial;
  if (cache === undefined) return notHere('Not tried: no Momento key (--momento-cache).');
  const item = nextItem(trial, cache);
  const set = await trial.askMomento('PUT', item.settingPath, { body: MESSAGE });
  const get = await trial.askMomento('GET', item.path);
  if (set.status !== 204 || get.status !== 200) {
    const statuses = `${set.status.toString()} to a PUT, and then ${get.status.toString()} to a GET`;
    throw new Failure(
      `From here Momento answers ${statuses}: check --momento-cache, MOMENTO_API_KEY and MOMENTO_ENDPOINT.`,
    );
  }
  const outcome = await attempt(cache, item);
  return trial.isLocal && outcome.kind === 'held'
    ? notHere(`Not tried at Momento. A local one stood in: ${outcome.seen}`)
    : outcome;
}

/** Waits for what a command does at Momento. Where it becomes a dead letter, or nothing at all, the promise is broken. */
async function afterCommand(
  trial: Trial,
  detailType: string,
  command: object,
  ask: () => Promise<string | undefined>,
): Promise<string | Outcome> {
  await trial.putCommand(SOURCES.momento, detailType, command);
  const answer = await trial.until(async () => (await ask()) ?? deadLetterOf(trial, command), PATIENCE);
  return answer ?? broken(NOTHING);
}

/** The outcome of a command that is a dead letter already. What Momento said of it is not shown. */
async function deadLetterOf(trial: Trial, command: object): Promise<Outcome | undefined> {
  const isWanted = ({ body }: { readonly body: string }): boolean =>
    isDeepStrictEqual(jsonObject(body)?.detail, command);
  const letter = await trial.messageIn(trial.output('MomentoDeadLettersUrl'), isWanted, { timeoutMs: 0 });
  return (
    letter &&
    broken(`The command is a dead letter: ERROR_CODE ${printable(letter.attributes.ERROR_CODE ?? 'missing')}.`)
  );
}

/** Asks once for the messages of a topic. Nothing if none comes while the answer is waited for. */
async function poll(trial: Trial, path: string): Promise<HttpAnswer | undefined> {
  try {
    return await trial.askMomento('GET', path, { timeoutMs: POLL_MS });
  } catch (error) {
    if (error instanceof NoAnswerInTime) return undefined;
    throw error;
  }
}

/** An item that no other run has. */
interface Item {
  readonly key: string;
  readonly path: string;
  readonly settingPath: string;
}

function nextItem(trial: Trial, cacheName: string): Item {
  const key = uniqueName(trial);
  const cache = `/cache/${encodeURIComponent(cacheName)}`;
  return { key, path: `${cache}?key=${key}`, settingPath: `${cache}?ttl_seconds=${TTL_S.toString()}&key=${key}` };
}

function uniqueName(trial: Trial): string {
  return `${trial.output('BusName')}-${trial.nextName()}`;
}

/** EventBridge may write characters outside ASCII as escapes. */
function isQuoted(text: string): boolean {
  try {
    return text.startsWith('"') && JSON.parse(text) === MESSAGE;
  } catch {
    return false;
  }
}

/** The messages in the answer to a long poll. */
function textsOf(body: string): string[] {
  const { items = [] } = (jsonObject(body) ?? {}) as { items?: { item?: { value?: { text?: string } } }[] };
  return items.map(({ item }) => item?.value?.text).filter((text) => text !== undefined);
}
