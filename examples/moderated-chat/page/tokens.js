/** The part of its life after which a token is replaced. */
const GOOD_FOR = 0.8;

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

  /** A token that is good for a while. Fails with the function's words if it gives none. */
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
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: this.name }),
      });
      const { token, expiresAt, message } = await response.json();
      if (!response.ok) throw new Error(message);
      this.#replaceAt = Date.now() + GOOD_FOR * (expiresAt * 1000 - Date.now());
      this.#value = token;
      return token;
    } catch (error) {
      this.#replaceAt = 0;
      throw error;
    }
  }
}
