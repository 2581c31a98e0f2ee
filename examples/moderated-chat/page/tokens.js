import { Trouble } from './trouble.js';

/** The part of its life after which a token is replaced. */
const GOOD_FOR = 0.8;

/** Tokens for one name, each fetched when it is needed. */
export class Tokens {
  #replaceAt = 0;
  #token;
  #value;

  /**
   * @param {string} url of the function that gives tokens
   * @param {{ name: string, code?: string }} who what the token says of who uses it, and the access code for more languages
   */
  constructor(url, who) {
    this.url = url;
    this.who = who;
    /** The names of the languages that the last token can read. */
    this.languages = [];
  }

  /** A token that is good for a while. Fails with a `Trouble`. */
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
      const { token, expiresAt, languages } = await this.#ask();
      this.#replaceAt = Date.now() + GOOD_FOR * (expiresAt * 1000 - Date.now());
      this.#value = token;
      this.languages = languages;
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
      body: JSON.stringify(this.who),
    };
    const response = await fetch(this.url, request).catch(() => {
      throw new Trouble('tokensUnreachable');
    });
    // A function that failed answers with a text, and one that refused with its reason.
    const answer = (await response.json().catch(() => undefined)) ?? {};
    const { token, expiresAt, languages, message } = answer;
    const isToken = typeof token === 'string' && Number.isFinite(expiresAt) && Array.isArray(languages);
    if (response.ok && isToken) return answer;
    if (response.ok) throw new Trouble('noToken', response.status);
    const isReason = typeof message === 'string' && [400, 403, 429].includes(response.status);
    throw isReason ? new Trouble('refused', message) : new Trouble('tokensStatus', response.status);
  }
}
