/** Momento's topics over its HTTP API: publish by POST, subscribe by long polling. */

/** A request that hangs for so long has been accepted: the server waits for a message. */
const ACCEPTED_AFTER_MS = 400;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Momento did not do what it was asked to. The message says why, in words for the page. */
export class MomentoError extends Error {}

export class Topic {
  /**
   * @param {{ momento: string, cache: string }} config where Momento is
   * @param {string} name the topic's name
   * @param {import('./tokens.js').Tokens} tokens
   */
  constructor({ momento, cache }, name, tokens) {
    this.url = `${momento}/topics/${encodeURIComponent(cache)}/${encodeURIComponent(name)}`;
    this.tokens = tokens;
  }

  /** Publishes a text. Fails with a `MomentoError` or a `TokenError`. */
  async publish(text) {
    await this.#call('', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text });
  }

  /**
   * Yields what happens, forever and without failing:
   * `{ is: 'connected' }` and `{ is: 'lost', reason }`, with a reason in words;
   * `{ is: 'message', text }`, where `text` is `undefined` if the message is not a text;
   * `{ is: 'gap' }` where Momento says that messages may be missing.
   *
   * It begins with the first message that is published after the call, and goes on where it was after a lost connection. Before
   * the first message it does not know where it was, so after a lost connection messages may be missing then too.
   */
  async *subscribe() {
    let position = { number: 0, page: 0 };
    let connected = false;
    let interrupted = false;
    let pause = FIRST_PAUSE_MS;
    const opened = () => {
      const isGap = interrupted && position.page === 0;
      [connected, interrupted, pause] = [true, false, FIRST_PAUSE_MS];
      return isGap ? [{ is: 'connected' }, { is: 'gap' }] : [{ is: 'connected' }];
    };
    for (;;) {
      const answer = this.#poll(position).catch((error) => error);
      if (!connected && (await Promise.race([answer, delay(ACCEPTED_AFTER_MS)])) === undefined) {
        yield* opened();
      }
      const items = await answer;
      if (items instanceof Error) {
        // A connection that was held for long may simply have been closed: only if the next one fails, it is lost.
        if (!connected) {
          yield { is: 'lost', reason: items.message };
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
  async #poll({ number, page }) {
    const response = await this.#call(`?sequence_number=${number}&sequence_page=${page}`);
    try {
      const { items } = await response.json();
      return items.flatMap(happeningsIn);
    } catch {
      // Not Momento's, such as the page of a proxy, or cut off on its way.
      throw new MomentoError('the answer was not readable');
    }
  }

  /** A token that Momento refuses is replaced once: it can have expired earlier than this machine's clock says. */
  async #call(query, options = {}) {
    const token = await this.tokens.current();
    const response = await this.#fetch(query, options, token);
    if (response.status !== 401) return accepted(response);
    this.tokens.forget(token);
    return accepted(await this.#fetch(query, options, await this.tokens.current()));
  }

  async #fetch(query, options, token) {
    try {
      return await fetch(this.url + query, { ...options, headers: { ...options.headers, authorization: token } });
    } catch {
      throw new MomentoError('Momento cannot be reached');
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

function accepted(response) {
  if (!response.ok) throw new MomentoError(reasonFor(response.status));
  return response;
}

function reasonFor(status) {
  switch (status) {
    case 401:
      return 'the token has expired';
    case 403:
      return 'the token is not for this topic';
    case 404:
      return 'there is no such cache';
    case 429:
      return 'there are too many requests';
    default:
      return `Momento answered ${status}`;
  }
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
