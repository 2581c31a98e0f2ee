import { isDeepStrictEqual } from 'node:util';
import { printable } from '../../printable';
import { broken, type Check, held, type Outcome } from '../check';
import { cacheAnswered, type EchoRequest } from '../echo';
import type { BusEvent, TakenMessage, Trial } from '../trial';
import { RETRY_ATTEMPTS, SOURCES } from '../stack-facts';

const DEAD_LETTERS = 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html';
/** The stack tries a command for five minutes. EventBridge waits longer and longer between the attempts. */
const PATIENCE = { timeoutMs: 8 * 60_000 };
const LOCAL_PATIENCE = { timeoutMs: 60_000 };

/** Commands that are not delivered. */
export const DEAD_LETTER_CHECKS: readonly Check[] = [
  {
    id: 'dead-letters/refused',
    promise:
      'A command that Momento refuses is called once, and is a dead letter: the whole event, with attributes that say why.',
    source: DEAD_LETTERS,
    local: {
      does: 'sends the event with the names of the attributes that AWS documents; the values are its own',
      evidence: 'documentation',
      rules: ['dead-letter-attributes'],
    },
    async run(trial) {
      const { detail, letter, requests } = await fail(trial, 400);
      if (!letter) return broken('No dead letter came.');
      const { RULE_ARN, TARGET_ARN, ERROR_CODE } = letter.attributes;
      const isNamed = [RULE_ARN, TARGET_ARN, ERROR_CODE].every((value) => value !== undefined && value !== '');
      const seen = `${described(letter)} Calls: ${requests.length.toString()}.`;
      const isWhole = isDeepStrictEqual(eventIn(letter)?.detail, detail);
      return isNamed && isWhole && requests.length === 1 ? held(seen) : broken(seen);
    },
  },
  {
    id: 'dead-letters/retried',
    promise: `A command that is answered 401 is retried (${RETRY_ATTEMPTS.toString()} time in this stack), and then is a dead letter.`,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html',
    local: {
      does: 'retries after 401, 407, 409, 429 and 5xx, within fractions of a second',
      evidence: 'documentation',
      rules: ['api_destination_retries'],
    },
    async run(trial) {
      const { letter, requests } = await fail(trial, 401);
      if (!letter) return broken(`No dead letter came. Calls: ${requests.length.toString()}.`);
      const [first, last] = [requests[0], requests.at(-1)];
      const seconds = first && last ? ((last.time - first.time) / 1_000).toFixed(1) : '0';
      const seen = `${described(letter)} Calls: ${requests.length.toString()}, within ${seconds} s.`;
      const isCounted = letter.attributes.RETRY_ATTEMPTS === RETRY_ATTEMPTS.toString();
      return isCounted && requests.length === RETRY_ATTEMPTS + 1 ? held(seen) : broken(seen);
    },
  },
  {
    id: 'dead-letters/without-key',
    promise: 'An invalid command, here a cacheSet without a key, never reaches Momento, and is a dead letter.',
    source: 'docs/eventbridge-to-momento.md',
    local: {
      does: 'matches event patterns with its own code, which tests compare with event-ruler',
      evidence: 'inference',
    },
    run: (trial) => invalid(trial, 'cacheSet', { message: 'hello', ttl: 60 }),
  },
  {
    id: 'dead-letters/without-topic',
    promise: 'A topicPublish without a topic, a missing value of a path, never reaches Momento, and is a dead letter.',
    source: 'docs/eventbridge-to-momento.md',
    local: {
      does: 'matches event patterns with its own code, which tests compare with event-ruler',
      evidence: 'inference',
    },
    run: (trial) => invalid(trial, 'topicPublish', { message: 'hello' }),
  },
];

interface FailedCommand {
  readonly detail: object;
  readonly letter: TakenMessage | undefined;
  readonly requests: readonly EchoRequest[];
}

/** Puts a command that is answered with a status, and waits for its dead letter. */
async function fail(trial: Trial, status: number): Promise<FailedCommand> {
  const detail = { cacheName: cacheAnswered(status), key: trial.nextName(), message: 'hello', ttl: 60 };
  await trial.putCommand(SOURCES.byDestination, 'cacheSet', detail);
  const letter = await deadLetter(trial, (event) => event.detail.key === detail.key);
  const isCall = ({ query }: EchoRequest): boolean => new URLSearchParams(query).get('key') === detail.key;
  return { detail, letter, requests: await trial.echoed(isCall, { count: status === 400 ? 1 : RETRY_ATTEMPTS + 1 }) };
}

/** Puts an invalid command, of a cache that no other command has, and waits for its dead letter. */
async function invalid(trial: Trial, detailType: string, command: object): Promise<Outcome> {
  const cacheName = trial.nextName();
  await trial.putCommand(SOURCES.byDestination, detailType, { ...command, cacheName });
  const letter = await deadLetter(trial, ({ detail }) => detail.cacheName === cacheName);
  if (!letter) return broken('No dead letter came.');
  const requests = await trial.notEchoed(({ path }) => path.includes(`/${cacheName}`));
  const seen = `${described(letter)} Calls: ${requests.length.toString()}.`;
  return requests.length === 0 ? held(seen) : broken(seen);
}

function deadLetter(trial: Trial, fits: (event: BusEvent) => boolean): Promise<TakenMessage | undefined> {
  const isWanted = (message: TakenMessage): boolean => {
    const event = eventIn(message);
    return event !== undefined && fits(event);
  };
  return trial.messageIn(
    trial.output('DestinationDeadLettersUrl'),
    isWanted,
    trial.isLocal ? LOCAL_PATIENCE : PATIENCE,
  );
}

function eventIn({ body }: TakenMessage): BusEvent | undefined {
  try {
    return JSON.parse(body) as BusEvent;
  } catch {
    return undefined;
  }
}

function described({ body, attributes }: TakenMessage): string {
  const facts = Object.entries(attributes).map(([name, value]) => `${name} ${value}`);
  return printable(`Attributes: ${facts.sort().join(', ') || 'none'}. Body: ${body.slice(0, 400)}`);
}
