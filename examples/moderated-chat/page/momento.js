import { Trouble } from './trouble.js';

/** Momento's HTTP API, with a token of the page. */
export class Momento {
  /**
   * @param {{ momento: string, cache: string }} config where Momento is
   * @param {import('./tokens.js').Tokens} tokens
   */
  constructor({ momento, cache }, tokens) {
    this.url = momento;
    this.cache = cache;
    this.tokens = tokens;
  }

  /**
   * Asks the API. Fails with a `Trouble`.
   *
   * @param {'topics' | 'cache'} what
   * @param {string} name of the topic; empty for the cache
   * @param {Record<string, string | number>} query
   * @param {RequestInit} [options]
   */
  async ask(what, name, query, options = {}) {
    const path = [what, this.cache, ...(name ? [name] : [])].map(encodeURIComponent).join('/');
    const search = new URLSearchParams(query).toString();
    const url = `${this.url}/${path}${search && `?${search}`}`;
    const token = await this.tokens.current();
    const response = await this.#fetch(url, options, token);
    if (response.status !== 401) return response;
    // It can have expired earlier than this machine's clock says. It is replaced once.
    this.tokens.forget(token);
    return this.#fetch(url, options, await this.tokens.current());
  }

  async #fetch(url, options, token) {
    try {
      return await fetch(url, { ...options, headers: { ...options.headers, authorization: token } });
    } catch {
      throw new Trouble('unreachable');
    }
  }
}

/** @returns the answer, if it is a success */
export function accepted(response) {
  if (response.ok) return response;
  const kinds = { 401: 'expired', 403: 'forbidden', 404: 'noCache', 429: 'tooMany' };
  throw new Trouble(kinds[response.status] ?? 'status', response.status);
}
