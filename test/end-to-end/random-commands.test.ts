/**
 * Many commands by each delivery through random faults of Momento, and by Lambda also of AWS, while the API key is rotated, the
 * function is frozen, poison lies in its queue, and the stack is updated to have another one.
 *
 * COMMANDS and SEED set how many and which; `npm run test:soak` sends 5,000.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Delivery } from 'cdk-momento-eventbridge';
import type { Fault, FaultyRequests, MomentoFault, MomentoRequest } from '../../tools';
import { until } from '../../tools/common/until';
import { run } from '../cli/command-line';
import { poison } from './poison';
import { SeededRandom } from './seeded-random';
import { textTable } from './text-table';
import { architecture, type Command, type DeadLetter, ToMomento, type Way, WAYS } from './to-momento';

const COMMANDS = Number(process.env.COMMANDS ?? 500);
const SEED = Number(process.env.SEED ?? 20_261_122);
const TIMEOUT_MS = 60_000 + 100 * COMMANDS;

/** What happens to each request, with what likelihood, unless one above it does. */
const FAULTS: readonly (MomentoFault & FaultyRequests)[] = [
  { kind: 'answer', status: 429, retryAfter: '1', probability: 0.06 },
  { kind: 'answer', status: 500, probability: 0.06 },
  { kind: 'answer', status: 503, probability: 0.04 },
  { kind: 'answer', status: 401, probability: 0.02 },
  { kind: 'answer', status: 400, probability: 0.02 },
  { kind: 'answer', status: 404, probability: 0.02 },
  { kind: 'reset', probability: 0.04 },
  { kind: 'lost-answer', probability: 0.05 },
  { kind: 'fail-after-effect', status: 500, probability: 0.05 },
  // Each takes 5 s of somebody's time.
  { kind: 'hang', milliseconds: 60_000, probability: 1 / COMMANDS },
];

/** What happens to the function's own calls, each with the same likelihood. Nothing is done twice for any of them. */
const AWS_FAULTS: readonly Fault[] = [
  { kind: 'throttle' },
  { kind: 'error' },
  { kind: 'reset' },
  { kind: 'stray-answer', body: '' },
  { kind: 'stray-answer', body: '{}' },
  { kind: 'stray-answer', body: '{"MessageId":"1","MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e"}' },
  { kind: 'endless-answer' },
  { kind: 'slow-answer', milliseconds: 200 },
];
const AWS_FAULT_LIKELIHOOD = 0.3;
/** Where it fails, the queue's own visibility timeout of three minutes is the wait. */
const SPARED = 'ChangeMessageVisibility';
/** Longer than anything lasts that a handler holds. */
const FREEZE_MS = 35_000;
const POISONS = 20;

type Kind = 'set' | 'delete' | 'publish' | 'none' | 'poison';

/** A command, what it is called in its key or topic, and its outcome. */
interface Sent {
  readonly id: string;
  readonly kind: Kind;
  readonly command: Command;
  readonly requests: MomentoRequest[];
  readonly letters: DeadLetter[];
}

for (const way of WAYS) {
  describe(`of ${COMMANDS.toString()} commands by ${way} among random faults (seed ${SEED.toString()})`, () => {
    let toMomento: ToMomento;
    let sent: Map<string, Sent>;
    /** How many burials of each the function has not heard of: it kept the command in its queue, and may have come back to it. */
    let unheardBurials: ReadonlyMap<string, number>;
    /** The values of the items, by their keys. */
    let items: ReadonlyMap<string, string>;

    before(async () => {
      toMomento = await ToMomento.deploy(way, ['chat']);
      sent = generate();
      await setItemsToDelete(toMomento, [...sent.values()]);
      for (const [index, fault] of FAULTS.entries()) await toMomento.momento.inject({ ...fault, seed: SEED + index });
      const started = performance.now();
      await (way === 'Lambda' ? putAmongTroubles(toMomento, sent) : putAll(toMomento, [...sent.values()]));
      await settle(toMomento, sent);
      const seconds = (performance.now() - started) / 1000;
      unheardBurials = countUnheardBurials(toMomento);
      const stored = await toMomento.momento.items('chat');
      items = new Map(stored.map(({ key, value }) => [key.toString(), value.toString()]));
      report(way, [...sent.values()], seconds);
    });
    after(() => toMomento.stop());

    const unheard = ({ id }: Sent) => unheardBurials.get(id) ?? 0;
    const all = (kind: Kind) => [...sent.values()].filter((each) => each.kind === kind);
    const values = async (id: string) => (await toMomento.momento.messages('chat', id)).map(({ value }) => value);
    const text = (id: string) => (way === 'Lambda' ? `of ${id}` : `"of ${id}"`);

    test('every one is in Momento or in the dead-letter queue', () => {
      const nowhere = [...sent.values()].filter((each) => each.letters.length === 0 && !isDone(each));
      assert.deepEqual(nowhere.map(describeSent), []);
    });

    test('none is in both, unless Momento did it without a word', () => {
      const both = [...sent.values()].filter((each) => each.letters.length > unheard(each) && isDone(each));
      assert.deepEqual(both.filter((each) => each.requests.some(isAcknowledged)).map(describeSent), []);
    });

    test('none is a dead letter twice, unless the function did not hear of the first one', () => {
      const twice = [...sent.values()].filter((each) => each.letters.length > 1 + unheard(each));
      assert.deepEqual(twice.map(describeSent), []);
    });

    test('each item is as its command has it, however often that was done', () => {
      const wrong = [
        ...all('set').filter((each) => items.get(each.id) !== (isDone(each) ? text(each.id) : undefined)),
        ...all('delete').filter((each) => items.get(each.id) !== (isDone(each) ? undefined : 'old')),
      ];
      assert.deepEqual(wrong.map(describeSent), []);
    });

    test('each message is published once, and again only where Momento did it without a word', async () => {
      for (const each of all('publish')) {
        const published = await values(each.id);
        assert.deepEqual(
          published,
          Array.from({ length: each.requests.filter(isEffective).length }, () => text(each.id)),
        );
        assert.ok(published.length <= 1 + each.requests.filter(isSilent).length, describeSent(each));
      }
    });

    test('each invalid command is a dead letter, and never at Momento', () => {
      for (const each of [...all('none'), ...all('poison')]) {
        assert.ok(each.letters.length > 0 && each.requests.length === 0, describeSent(each));
      }
    });

    test('each dead letter of a command was rejected permanently or ran out of retries', () => {
      const isCommand = ({ kind }: Sent) => kind !== 'none' && kind !== 'poison';
      const isHeard = (each: Sent) => each.letters.length > 0 && unheard(each) === 0;
      const buried = [...sent.values()].filter((each) => isCommand(each) && isHeard(each));
      assert.ok(buried.length > 0);
      for (const each of buried) {
        const last = each.requests.at(-1)?.status;
        const exhausted = each.letters[0]?.attribute('EXHAUSTED_RETRY_CONDITION');
        assert.equal(exhausted === undefined, last === 400 || last === 404, describeSent(each));
      }
    });
  });
}

function generate(): Map<string, Sent> {
  const random = new SeededRandom(SEED);
  const commands = Array.from({ length: COMMANDS }, (_, i): Sent => {
    const id = `id-${i.toString()}`;
    const what = random.of(id);
    const common = { id, requests: [], letters: [] };
    const set = { cacheName: 'chat', key: id, message: `of ${id}`, ttl: 3600 };
    const publish = { cacheName: 'chat', topicName: id, message: `of ${id}` };
    if (what < 0.35) return { ...common, kind: 'set', command: { detailType: 'cacheSet', detail: set } };
    if (what < 0.6) {
      return {
        ...common,
        kind: 'delete',
        command: { detailType: 'cacheDelete', detail: { cacheName: 'chat', key: id } },
      };
    }
    if (what < 0.95) return { ...common, kind: 'publish', command: { detailType: 'topicPublish', detail: publish } };
    return { ...common, kind: 'none', command: { detailType: 'cacheSet', detail: { ...set, message: 1 } } };
  });
  return new Map(commands.map((each) => [each.id, each]));
}

async function setItemsToDelete({ momento }: ToMomento, sent: readonly Sent[]): Promise<void> {
  const headers = { authorization: momento.apiKey };
  for (const { id } of sent.filter(({ kind }) => kind === 'delete')) {
    const url = `${momento.endpoint}/cache/chat?key=${id}&ttl_seconds=3600`;
    assert.equal((await fetch(url, { method: 'PUT', headers, body: 'old' })).status, 204);
  }
  await momento.clearRequests();
}

async function putAll(toMomento: ToMomento, sent: readonly Sent[]): Promise<void> {
  await toMomento.put(...sent.map(({ command }) => command));
}

async function putAmongTroubles(toMomento: ToMomento, sent: Map<string, Sent>): Promise<void> {
  const { aws, momento } = toMomento;
  const random = new SeededRandom(SEED);
  let calls = 0;
  aws.faults.chooseBy(({ operation = '' }) => {
    if (operation === SPARED) return undefined;
    calls += 1;
    if (random.of(calls, 'whether') >= AWS_FAULT_LIKELIHOOD) return undefined;
    return AWS_FAULTS[random.upTo(AWS_FAULTS.length, calls, 'which') - 1];
  });
  const all = [...sent.values()];
  const [first, second, third, fourth] = [0, 1, 2, 3].map((quarter) =>
    all.filter((_, index) => index % 4 === quarter),
  ) as [Sent[], Sent[], Sent[], Sent[]];

  await putAll(toMomento, first);
  await momento.addApiKey('rotated');
  await toMomento.rotate('rotated');
  await momento.revokeApiKey(momento.apiKey);
  for (let number = 0; number < POISONS; number += 1) {
    const id = `poison-${number.toString()}`;
    sent.set(id, { id, kind: 'poison', command: { detailType: 'none', detail: {} }, requests: [], letters: [] });
    await toMomento.sendToCommandQueue(poison(number));
  }
  await putAll(toMomento, second);
  await settle(toMomento, sent, [...first, ...second]);

  const isIdle = async () => (await aws.bodiesIn(toMomento.commandQueueUrl)).length === 0 || undefined;
  await until('the function to be idle', isIdle, { timeoutMs: TIMEOUT_MS, everyMs: 200 });

  // Lambda freezes an environment between two invocations only.
  assert.ok((await aws.faults.freezeCallers(FREEZE_MS)) > 0);
  await toMomento.pauseDelivery();
  await putAll(toMomento, third);
  const retainedUrl = toMomento.commandQueueUrl;
  await toMomento.update((stack) => ({
    delivery: Delivery.lambdaFunction({
      architecture,
      commandQueue: new sqs.Queue(stack, 'Commands', { visibilityTimeout: Duration.minutes(3) }),
    }),
  }));
  const retained = await aws.bodiesIn(retainedUrl);
  assert.equal(retained.length, third.length);
  await putAll(toMomento, fourth);
  const { status, stderr } = await run(['redrive', '--yes', '--queue-url', retainedUrl, '--event-bus', 'default'], {
    environment: aws.environment,
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(await aws.bodiesIn(retainedUrl), []);
  console.log(`${retained.length.toString()} commands waited in a retained queue, and were redriven`);
}

/** Gathers requests and dead letters until each command has been acknowledged by Momento or buried. */
async function settle(
  toMomento: ToMomento,
  sent: ReadonlyMap<string, Sent>,
  awaited: readonly Sent[] = [...sent.values()],
): Promise<void> {
  const take = async () => {
    const requests = await toMomento.momento.requests();
    for (const each of sent.values()) each.requests.length = 0;
    for (const request of requests) of(sent, `${request.path}?${request.query}`)?.requests.push(request);
    for (const letter of await toMomento.deadLetters(100, 100)) {
      of(sent, letter.body)?.letters.push(letter);
    }
    return awaited.every((each) => each.letters.length > 0 || each.requests.some(isAcknowledged)) || undefined;
  };
  await until('the end of every command', take, { timeoutMs: TIMEOUT_MS, everyMs: 200 });
  // None comes twice.
  assert.deepEqual(await toMomento.deadLetters(1, 1000), []);
}

function countUnheardBurials({ aws }: ToMomento): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { input, unheard } of aws.faults.calls('sqs', 'SendMessage')) {
    const id = idIn((input as { MessageBody: string }).MessageBody);
    if (unheard) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function of(sent: ReadonlyMap<string, Sent>, text: string): Sent | undefined {
  return sent.get(idIn(text));
}

function idIn(text: string): string {
  return /\b(?:id|poison)-\d+\b/.exec(text)?.[0] ?? '';
}

/** Whether Momento did it, and said so. */
function isAcknowledged({ status }: MomentoRequest): boolean {
  return status === 204;
}

/** Whether Momento did it, and did not say so. It does nothing for a key that was revoked. */
function isSilent({ fault, caller }: MomentoRequest): boolean {
  return caller !== undefined && (fault === 'lost-answer' || fault === 'fail-after-effect');
}

function isEffective(request: MomentoRequest): boolean {
  return isAcknowledged(request) || isSilent(request);
}

function isDone({ requests }: Sent): boolean {
  return requests.some(isEffective);
}

function describeSent({ id, kind, requests, letters }: Sent): string {
  const calls = requests.map(({ fault, status }) => fault ?? status?.toString() ?? 'unanswered');
  return `${id} (${kind}): ${calls.join(', ')}; ${letters.length.toString()} dead letters`;
}

function report(way: Way, sent: readonly Sent[], seconds: number): void {
  const rows = (['set', 'delete', 'publish', 'none', 'poison'] as const).map((kind) => {
    const these = sent.filter((each) => each.kind === kind);
    const counts = [
      these.length,
      these.filter((each) => isDone(each) && each.letters.length === 0).length,
      these.filter((each) => !isDone(each) && each.letters.length > 0).length,
      these.filter((each) => isDone(each) && each.letters.length > 0).length,
      these.filter((each) => !isDone(each) && each.letters.length === 0).length,
      these.filter(({ requests }) => requests.filter(isEffective).length > 1).length,
      these.reduce((sum, { requests }) => sum + requests.length, 0),
    ];
    return [kind, ...counts.map(String)];
  });
  const headings = ['command', 'sent', 'at Momento', 'dead letter', 'both', 'neither', 'done twice', 'requests'];
  console.log(`by ${way}, ${seconds.toFixed(0)} s\n${textTable(headings, rows)}`);
}
