/**
 * What was written in a pane and is not shown there yet. Each entry is `sending`, `sent` or `failed`, with the error that says why.
 */
export class Outbox {
  /** @type {{ text: string, state: 'sending' | 'sent' | 'failed', error?: Error }[]} oldest first */
  entries = [];
  #publish;
  #changed;

  /**
   * @param {(text: string) => Promise<void>} publish
   * @param {() => void} changed is called when the entries or their states have changed
   */
  constructor(publish, changed) {
    this.#publish = publish;
    this.#changed = changed;
  }

  /** Sends a text. */
  async send(text) {
    const entry = { text, state: 'sending' };
    this.entries.push(entry);
    await this.retry(entry);
  }

  /** Sends an entry, or one that failed again. */
  async retry(entry) {
    this.#set(entry, 'sending');
    try {
      await this.#publish(entry.text);
      this.#set(entry, 'sent');
    } catch (error) {
      this.#set(entry, 'failed', error);
    }
  }

  /** Gives an entry up. */
  discard(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.#changed();
  }

  /**
   * A message of this user is shown: what it was written as need not be. Its id is Momento's, so it is found by its text; a masked
   * one is taken for the oldest that is under way.
   */
  shown({ text, original = text, masked }) {
    const isUnderWay = ({ state }) => state !== 'failed';
    const entry =
      this.entries.find((candidate) => candidate.text === original) ??
      (masked ? this.entries.find(isUnderWay) : undefined);
    if (entry) this.discard(entry);
  }

  #set(entry, state, error) {
    Object.assign(entry, { state, error });
    this.#changed();
  }
}
