import { inOrder } from './message.js';

/** How many messages a pane shows at most: the oldest go. */
const MOST = 500;

/** The messages of a pane: each once and in order, however they come. */
export class Timeline {
  #ids = new Set();
  #messages = [];

  /**
   * Adds a message.
   *
   * @returns {{ after?: string, dropped?: string } | undefined} the id of the message that it comes after, if it is not the first, and
   *   of the one that has to go; nothing if it is not to be shown, because it is there already or too old
   */
  add(message) {
    // A message can arrive twice, and be in the history besides.
    if (this.#ids.has(message.id)) return undefined;
    let index = this.#messages.length;
    // Messages can overtake each other, but seldom by many.
    while (index > 0 && inOrder(this.#messages[index - 1], message) > 0) index -= 1;
    if (index === 0 && this.#messages.length === MOST) return undefined;
    this.#messages.splice(index, 0, message);
    this.#ids.add(message.id);
    const dropped = this.#messages.length > MOST ? this.#messages.shift().id : undefined;
    this.#ids.delete(dropped);
    const after = this.#messages[this.#messages.indexOf(message) - 1]?.id;
    return { ...(after !== undefined && { after }), ...(dropped !== undefined && { dropped }) };
  }
}
