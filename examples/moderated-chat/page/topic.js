import { accepted } from './momento.js';
import { Trouble } from './trouble.js';

/** Momento's topics over its HTTP API: publish by POST, subscribe by long polling. */

/** A request that hangs for so long has been accepted: the server waits for a message. */
const ACCEPTED_AFTER_MS = 400;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

export class Topic {
  /**
   * @param {import('./momento.js').Momento} momento
   * @param {string} name the topic's name
   */
  constructor(momento, name) {
    this.momento = momento;
    this.name = name;
  }

  /** Publishes a text. Fails with a `Trouble`. */
  async publish(text) {
    const request = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text };
    accepted(await this.momento.ask('topics', this.name, {}, request));
  }

  /**
   * Yields what happens, without failing, until the signal ends it:
   * `{ is: 'connected' }` and `{ is: 'lost', error }`;
   * `{ is: 'message', text }`, where `text` is `undefined` if the message is not a text;
   * `{ is: 'gap' }` where Momento says that messages may be missing.
   *
   * It begins with the first message that is published after the call, and goes on where it was after a lost connection. Before
   * the first message it does not know where it was, so after a lost connection messages may be missing then too.
   *
   * @param {AbortSignal} signal
   */
  async *subscribe(signal) {
    let position = { number: 0, page: 0 };
    let connected = false;
    let interrupted = false;
    let pause = FIRST_PAUSE_MS;
    const opened = () => {
      const isGap = interrupted && position.page === 0;
      [connected, interrupted, pause] = [true, false, FIRST_PAUSE_MS];
      return isGap ? [{ is: 'connected' }, { is: 'gap' }] : [{ is: 'connected' }];
    };
    while (!signal.aborted) {
      const answer = this.#poll(position, signal).catch((error) => error);
      if (!connected && (await Promise.race([answer, delay(ACCEPTED_AFTER_MS)])) === undefined) {
        yield* opened();
      }
      const items = await answer;
      if (signal.aborted) return;
      if (items instanceof Error) {
        // A connection that was held for long may simply have been closed: only if the next one fails, it is lost.
        if (!connected) {
          yield { is: 'lost', error: items };
          await delay(pause * (0.5 + Math.random() / 2));
          pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
        interrupted ||= connected;
        connected = false;
        continue;
      }
      if (!connected) yield* opened();
      const before = position;
      for (const { next, ...happening } of items) {
        position = next ?? position;
        yield happening;
      }
      // The same position is not asked for at once again and again.
      if (position === before) await delay(FIRST_PAUSE_MS);
    }
  }

  /** What happened from a position on, each with the position after it if that is known. */
  async #poll({ number, page }, signal) {
    const query = { sequence_number: number, sequence_page: page };
    const response = accepted(await this.momento.ask('topics', this.name, query, { signal }));
    try {
      const { items } = await response.json();
      return items.flatMap(happeningsIn);
    } catch {
      // Not Momento's, such as the page of a proxy, or cut off on its way.
      throw new Trouble('unreadable');
    }
  }
}

/** @returns what a thing that Momento sends means; nothing if subscribers need not know of it, such as a heartbeat */
function happeningsIn({ item, discontinuity }) {
  if (item) {
    const text = typeof item.value?.text === 'string' ? item.value.text : undefined;
    return [{ is: 'message', text, next: positionAt(item.topic_sequence_number + 1, item.sequence_page) }];
  }
  if (discontinuity) {
    const { new_topic_sequence: number, new_sequence_page: page } = discontinuity;
    return [{ is: 'gap', next: positionAt(number, page) }];
  }
  return [];
}

function positionAt(number, page) {
  return Number.isSafeInteger(number) && Number.isSafeInteger(page) ? { number, page } : undefined;
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
