import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';

interface Message {
  readonly id: string;
  readonly publishedAt: number;
  readonly sequence: number;
}
interface MessageModule {
  readonly messageIn: (json: string) => Message | undefined;
  readonly inOrder: (a: Message, b: Message) => number;
  readonly isBlank: (text: string) => boolean;
}
interface Timeline {
  add(message: Message): { after?: string; dropped?: string } | undefined;
}
interface Entry {
  readonly text: string;
  readonly state: string;
}
interface Outbox {
  readonly entries: readonly Entry[];
  send(text: string): Promise<void>;
  retry(entry: Entry): Promise<void>;
  shown(message: { text: string; original?: string; masked: boolean }): void;
}
interface WordsModule {
  readonly wordsIn: (code: string) => Record<string, unknown>;
}

/** A module of the page, which has no build step and so no types. */
const moduleOf = async <T>(name: string): Promise<T> =>
  (await import(join(__dirname, '../../examples/moderated-chat/page', name))) as T;

const message = (number: number): Message => ({ id: `1-${number.toString()}`, publishedAt: number, sequence: number });

describe('the page of the example moderated-chat, without a browser', () => {
  test('shows each message once and in order, however they come, and the newest 500', async () => {
    const { Timeline } = await moduleOf<{ Timeline: new () => Timeline }>('timeline.js');
    const numbers = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 1500, size: 'max' });
    fc.assert(
      fc.property(numbers, (arrivals) => {
        const timeline = new Timeline();
        let shown: string[] = [];
        for (const number of arrivals) {
          const added = message(number);
          const place = timeline.add(added);
          if (!place) continue;
          const index = place.after === undefined ? 0 : shown.indexOf(place.after) + 1;
          // The page puts it in before it takes the oldest away.
          shown.splice(place.after === undefined && place.dropped !== undefined ? 1 : index, 0, added.id);
          shown = shown.filter((id) => id !== place.dropped);
        }
        const newest = [...new Set(arrivals)].sort((a, b) => a - b).slice(-500);
        assert.deepEqual(
          shown,
          newest.map((number) => message(number).id),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('reads messages of the chat, and nothing else', async () => {
    const { messageIn, inOrder } = await moduleOf<MessageModule>('message.js');
    const valid = {
      ...{ id: '1-1', sequence: 1, publishedAt: 1, author: 'Ada', text: 'hola', language: 'es' },
      ...{ originalLanguage: 'en', original: 'hello', masked: false },
    };
    assert.deepEqual(messageIn(JSON.stringify(valid)), valid);
    const changes: Record<string, unknown>[] = [
      { original: 1 },
      { masked: 'no' },
      { sequence: -1 },
      { publishedAt: 9e15 },
    ];
    for (const field of Object.keys(valid).filter((name) => name !== 'original')) changes.push({ [field]: undefined });
    for (const change of changes) {
      assert.equal(messageIn(JSON.stringify({ ...valid, ...change })), undefined, JSON.stringify(change));
    }
    for (const text of ['', '{', 'null', '[]', '"hola"']) assert.equal(messageIn(text), undefined, text);
    const [a, b] = [message(1), { ...message(1), id: '2-1' }];
    assert.ok(inOrder(a, b) < 0 && inOrder(b, a) > 0 && inOrder(a, a) === 0);
  });

  test('takes what was written for shown when it arrives, masked or not, and keeps what failed', async () => {
    const { Outbox } = await moduleOf<{
      Outbox: new (publish: (text: string) => Promise<void>, changed: () => void) => Outbox;
    }>('outbox.js');
    const failing = new Set(['down']);
    const outbox = new Outbox(
      (text) => (failing.has(text) ? Promise.reject(new Error('away')) : Promise.resolve()),
      () => undefined,
    );
    for (const text of ['down', 'one', 'shit', 'two']) await outbox.send(text);
    const states = () => outbox.entries.map(({ text, state }) => `${text} ${state}`);
    assert.deepEqual(states(), ['down failed', 'one sent', 'shit sent', 'two sent']);
    outbox.shown({ text: 'dos', original: 'two', masked: false });
    outbox.shown({ text: 'one', masked: false });
    outbox.shown({ text: 's***', masked: true });
    outbox.shown({ text: 'of another tab', masked: false });
    assert.deepEqual(states(), ['down failed']);
    failing.clear();
    const [failed] = outbox.entries;
    assert.ok(failed);
    await outbox.retry(failed);
    assert.deepEqual(states(), ['down sent']);
  });

  test('knows a text that shows nothing', async () => {
    const { isBlank } = await moduleOf<MessageModule>('message.js');
    for (const text of ['', ' \t', '\u3000', '\u200b\u200d', '\u2800', '\ufeff \u00ad']) assert.ok(isBlank(text));
    for (const text of ['.', ' a ', '\u2764\ufe0f']) assert.ok(!isBlank(text));
  });

  test('has the same words in each language', async () => {
    const { wordsIn } = await moduleOf<WordsModule>('words.js');
    const shape = (words: object): unknown =>
      Object.entries(words)
        .map(([name, value]: [string, unknown]) => [
          name,
          typeof value === 'object' && value ? shape(value) : typeof value,
        ])
        .sort();
    for (const code of ['es', 'ja']) assert.deepEqual(shape(wordsIn(code)), shape(wordsIn('en')), code);
    assert.equal(wordsIn('es-MX'), wordsIn('es'));
    assert.equal(wordsIn('tlh'), wordsIn('en'));
  });

  test('tells people by initials', async () => {
    const { initialsOf } = await moduleOf<{ initialsOf: (name: string) => string }>('people.js');
    assert.deepEqual(['Ada', 'ada lovelace', 'José 2', '友', ''].map(initialsOf), ['A', 'AL', 'J2', '友', '?']);
  });
});
