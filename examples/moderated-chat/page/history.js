import { accepted } from './momento.js';
import { Trouble } from './trouble.js';

/**
 * When the history is read after a pane has connected: the messages on their way just then can be in neither at first, because they are
 * kept while they are published.
 */
const READ_AFTER_MS = [0, 2_000, 10_000];

/** The last messages of a topic: an item of the cache, of the topic's name. */
export class History {
  /**
   * @param {import('./momento.js').Momento} momento
   * @param {string} topic
   */
  constructor(momento, topic) {
    this.momento = momento;
    this.topic = topic;
  }

  /**
   * Yields what is in it, several times while that can still change. A reading that fails is left out.
   *
   * @param {AbortSignal} signal
   */
  async *readings(signal) {
    const start = Date.now();
    for (const after of READ_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, start + after - Date.now()));
      if (signal.aborted) return;
      const values = await this.#read().catch(() => undefined);
      if (signal.aborted) return;
      if (values) yield values;
    }
  }

  async #read() {
    const response = await this.momento.ask('cache', '', { key: this.topic });
    // Nothing has been said for a day.
    if (response.status === 404) return [];
    const values = await accepted(response)
      .json()
      .catch(() => undefined);
    if (!Array.isArray(values)) throw new Trouble('unreadable');
    return values;
  }
}
