/** The part of its life after which a token is replaced. */
const GOOD_FOR = 0.8;

/** There is no token. The message says why, in words for the page. */
export class TokenError extends Error {}

/** Tokens for one name, each fetched when it is needed. */
export class Tokens {
  #replaceAt = 0;
  #token;
  #value;

  /**
   * @param {string} url of the function that gives tokens
   * @param {string} name what the token says of who uses it
   */
  constructor(url, name) {
    this.url = url;
    this.name = name;
  }

  /** A token that is good for a while. Fails with a `TokenError`. */
  current() {
    if (Date.now() >= this.#replaceAt) {
      // All who ask until there is an answer wait for the same one.
      this.#replaceAt = Infinity;
      this.#token = this.#fetch();
    }
    return this.#token;
  }

  /** Says that a token was refused. */
  forget(refused) {
    if (refused === this.#value) this.#replaceAt = 0;
  }

  async #fetch() {
    try {
      const { token, expiresAt } = await this.#ask();
      this.#replaceAt = Date.now() + GOOD_FOR * (expiresAt * 1000 - Date.now());
      this.#value = token;
      return token;
    } catch (error) {
      this.#replaceAt = 0;
      throw error;
    }
  }

  async #ask() {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: this.name }),
    };
    const response = await fetch(this.url, request).catch(() => {
      throw new TokenError('the function that gives tokens cannot be reached');
    });
    // A function that failed answers with a text, and one that refused with its reason.
    const answer = (await response.json().catch(() => undefined)) ?? {};
    if (response.ok && typeof answer.token === 'string' && Number.isFinite(answer.expiresAt)) return answer;
    const { message } = answer;
    throw new TokenError(
      typeof message === 'string' && response.status === 400
        ? message
        : `the function that gives tokens answered ${response.status}${response.ok ? ' without a token' : ''}`,
    );
  }
}
