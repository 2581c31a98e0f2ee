/** Momento's topics over its HTTP API: publish by POST, subscribe by long polling. */

/** A request that hangs for so long has been accepted: the server waits for a message. */
const ACCEPTED_AFTER_MS = 400;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** What went wrong with a call, with the status if there was an answer. */
export class MomentoError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

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

  /** Publishes a text, and fails with a `MomentoError` if that was refused. */
  async publish(text) {
    await this.#call('', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text });
  }

  /**
   * Yields what happens, without end:
   * `{ connected: boolean }` when the connection is there or has been lost, with a `reason` in words;
   * `{ text }` for a message; `{ gap: true }` where Momento says that messages may be missing.
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
      return isGap ? [{ connected }, { gap: true }] : [{ connected }];
    };
    for (;;) {
      const query = `?sequence_number=${position.number}&sequence_page=${position.page}`;
      const answer = this.#call(query).then(
        async (response) => (await response.json()).items,
        (error) => error,
      );
      if (!connected && (await Promise.race([answer, delay(ACCEPTED_AFTER_MS)])) === undefined) {
        yield* opened();
      }
      const items = await answer;
      if (items instanceof Error) {
        // A connection that was held for long may simply have been closed: only if the next one fails, it is lost.
        if (!connected) {
          yield { connected, reason: reasonOf(items) };
          await delay(pause * (0.5 + Math.random() / 2));
          pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
        interrupted ||= connected;
        connected = false;
        continue;
      }
      if (!connected) yield* opened();
      for (const { item, discontinuity } of items) {
        if (item) {
          position = { number: item.topic_sequence_number + 1, page: item.sequence_page };
          yield { text: item.value.text };
        } else if (discontinuity) {
          position = { number: discontinuity.new_topic_sequence, page: discontinuity.new_sequence_page };
          yield { gap: true };
        }
      }
    }
  }

  async #call(query, options = {}) {
    const token = await this.tokens.current();
    const headers = { ...options.headers, authorization: token };
    const response = await fetch(this.url + query, { ...options, headers });
    if (response.status === 401) this.tokens.forget(token);
    if (!response.ok) throw new MomentoError(response.status, await response.text());
    return response;
  }
}

function reasonOf(error) {
  if (!(error instanceof MomentoError)) return 'Momento cannot be reached';
  switch (error.status) {
    case 401:
      return 'the token has expired';
    case 403:
      return 'the token is not for this topic';
    case 404:
      return 'there is no such cache';
    case 429:
      return 'there are too many requests';
    default:
      return `Momento answered ${error.status}`;
  }
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
