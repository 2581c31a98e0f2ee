/** Momento's HTTP API, as far as the page needs it: reads items of a cache, and follows a topic by long polling. */

/** The part of its life after which a token is replaced. */
const GOOD_FOR = 0.8;
/** A request that hangs for so long has been accepted: the server waits for a message. */
const ACCEPTED_AFTER_MS = 400;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Something did not answer as it should. The message says what, in words for the page. */
export class ServiceError extends Error {}

export class Momento {
  #token;
  #replaceAt = 0;

  /** @param {{ momento: string, cache: string, api: string }} config where Momento is, and the function that gives tokens */
  constructor({ momento, cache, api }) {
    this.momento = momento;
    this.cache = encodeURIComponent(cache);
    this.api = api;
  }

  /** The text of an item; `undefined` if the cache does not have it. */
  async get(key) {
    const response = await this.#call(`cache/${this.cache}?key=${encodeURIComponent(key)}`);
    return response.status === 404 ? undefined : response.text();
  }

  /**
   * Yields what happens in a topic, forever and without failing: `{ is: 'connected' }`, `{ is: 'lost', reason }`, `{ is: 'message', text }`,
   * and `{ is: 'gap' }` where messages may be missing.
   */
  async *subscribe(topic) {
    let position = { number: 0, page: 0 };
    let isConnected = false;
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const answer = this.#poll(topic, position).catch((error) => error);
      // As long as there is no token, nothing has been asked yet.
      const held = this.#currentToken().then(
        () => delay(ACCEPTED_AFTER_MS),
        () => answer,
      );
      if (!isConnected && (await Promise.race([answer, held])) === undefined) {
        [isConnected, pause] = [true, FIRST_PAUSE_MS];
        yield { is: 'connected' };
      }
      const items = await answer;
      if (items instanceof Error) {
        // A connection that was held for long may simply have been closed: it is lost only if the next one fails.
        if (!isConnected) {
          yield { is: 'lost', reason: items.message };
          await delay(pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        } else if (position.page === 0) {
          yield { is: 'gap' };
        }
        isConnected = false;
        continue;
      }
      for (const { item, discontinuity } of items) {
        if (item) {
          position = { number: item.topic_sequence_number + 1, page: item.sequence_page };
          yield { is: 'message', text: item.value?.text };
        } else if (discontinuity) {
          position = { number: discontinuity.new_topic_sequence, page: discontinuity.new_sequence_page };
          yield { is: 'gap' };
        }
      }
      if (items.length === 0) await delay(FIRST_PAUSE_MS);
    }
  }

  async #poll(topic, { number, page }) {
    const path = `topics/${this.cache}/${encodeURIComponent(topic)}?sequence_number=${number}&sequence_page=${page}`;
    const response = await this.#call(path);
    const { items } = await response.json().catch(() => ({}));
    if (!Array.isArray(items)) throw new ServiceError('the answer of Momento was not readable');
    return items;
  }

  /** A token that Momento refuses is replaced once: it can have expired earlier than this machine's clock says. */
  async #call(path) {
    let response = await this.#request(path);
    if (response.status === 401) {
      this.#replaceAt = 0;
      response = await this.#request(path);
    }
    if (response.ok || (response.status === 404 && path.startsWith('cache/'))) return response;
    throw new ServiceError(`Momento answered ${response.status}`);
  }

  async #request(path) {
    const authorization = await this.#currentToken();
    return fetch(`${this.momento}/${path}`, { headers: { authorization } }).catch(() => {
      throw new ServiceError('Momento cannot be reached');
    });
  }

  #currentToken() {
    if (Date.now() >= this.#replaceAt) {
      // All who ask until there is an answer wait for the same one.
      this.#replaceAt = Infinity;
      this.#token = this.#newToken().catch((error) => {
        this.#replaceAt = 0;
        throw error;
      });
    }
    return this.#token;
  }

  async #newToken() {
    const { token, expiresAt } = await ask(this.api, 'token', { method: 'POST' });
    this.#replaceAt = Date.now() + GOOD_FOR * (expiresAt * 1000 - Date.now());
    return token;
  }
}

/** Asks the function behind the page. Fails with a `ServiceError`, with the function's reason if it gives one. */
export async function ask(api, path, options) {
  const response = await fetch(api + path, options).catch(() => {
    throw new ServiceError('the function behind the page cannot be reached');
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new ServiceError(answer.message ?? `the function behind the page answered ${response.status}`);
}

export function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
