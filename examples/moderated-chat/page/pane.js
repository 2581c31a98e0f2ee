/** The chat in one language: its messages, the state of its connection, and a line to write. */
export class Pane {
  #seen = new Set();
  #skipped = 0;
  #element = copyOf('pane');
  #messages = this.#element.querySelector('.messages');
  #state = this.#element.querySelector('.state');

  /**
   * @param {{ name: string, code: string, label: string }} language
   * @param {(text: string) => Promise<void>} send publishes what is written
   */
  constructor({ name, code, label }, send) {
    this.#element.dataset.language = name;
    const heading = this.#element.querySelector('h2');
    heading.textContent = label;
    heading.lang = code;
    heading.id = `language-${name}`;
    this.#element.setAttribute('aria-labelledby', heading.id);
    this.#messages.setAttribute('aria-labelledby', heading.id);
    this.code = code;
    this.#compose(label, send);
    this.#show({ state: 'connecting', words: 'Connecting …' });
  }

  get element() {
    return this.#element;
  }

  /** Takes what a topic's subscription yields. */
  take({ is, reason, text }) {
    switch (is) {
      case 'connected':
        return this.#show({ state: 'connected', words: 'Connected' });
      case 'lost':
        return this.#show({ state: 'lost', words: `Reconnecting: ${reason}` });
      case 'gap':
        return this.#addGap();
      case 'message':
        return this.#add(text);
    }
  }

  /** Says that no more will come. */
  stop(reason) {
    this.#show({ state: 'lost', words: `Stopped: ${reason}. Reload the page.` });
  }

  #show({ state, words }) {
    this.#element.dataset.state = state;
    this.#state.textContent = words;
  }

  #add(json) {
    const message = messageIn(json);
    if (!message) return this.#skip();
    // What arrives twice has the same id.
    if (this.#seen.has(message.id)) return;
    this.#seen.add(message.id);
    const item = copyOf('message');
    const { author, text, originalLanguage, language, masked, publishedAt, sequence } = message;
    item.dataset.order = `${String(publishedAt).padStart(16, '0')} ${String(sequence).padStart(16, '0')}`;
    item.style.setProperty('--hue', hueOf(author));
    item.querySelector('.author').textContent = author;
    const time = item.querySelector('time');
    time.dateTime = new Date(publishedAt).toISOString();
    time.textContent = new Date(publishedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const notes = [originalLanguage !== language && `from ${originalLanguage}`, masked && 'masked'];
    item.querySelector('.note').textContent = notes.filter(Boolean).join(', ');
    const body = item.querySelector('.text');
    body.textContent = text;
    body.lang = language;
    this.#keepingUp(() => this.#place(item));
  }

  /** Somebody else has published to this topic. */
  #skip() {
    this.#skipped += 1;
    const skipped = this.#skipped === 1 ? '1 message' : `${this.#skipped} messages`;
    this.#element.querySelector('.skipped').textContent = `${skipped} skipped: not written by this chat`;
  }

  #addGap() {
    if (this.#messages.lastElementChild?.matches('.gap')) return;
    this.#keepingUp(() => this.#messages.append(copyOf('gap')));
  }

  /** Messages can overtake each other on their way. */
  #place(item) {
    let before = this.#messages.lastElementChild;
    while (before?.dataset.order > item.dataset.order) before = before.previousElementSibling;
    if (before) before.after(item);
    else this.#messages.prepend(item);
  }

  /** Scrolls along, unless the reader has gone back. */
  #keepingUp(change) {
    const { scrollTop, scrollHeight, clientHeight } = this.#messages;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    change();
    if (isAtEnd) this.#messages.scrollTop = this.#messages.scrollHeight;
  }

  #compose(label, send) {
    const form = this.#element.querySelector('.composer');
    const unsent = form.querySelector('.unsent');
    const input = form.elements.namedItem('text');
    input.setAttribute('aria-label', `Message, written in the pane ${label}`);
    input.placeholder = 'Say something';
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (isBlank(text)) {
        unsent.textContent = 'Not sent: there is nothing to read in it';
        return;
      }
      input.value = '';
      unsent.textContent = '';
      try {
        await send(text);
      } catch (error) {
        // Nothing that was written is lost, before or since.
        input.value = [text, input.value].filter(Boolean).join(' ');
        unsent.textContent = `Not sent: ${error.message}`;
      }
    });
  }
}

/** Whether a text shows nothing: the functions behind the chat drop such a message, by the same rule. */
function isBlank(text) {
  return /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

/** The latest time that a `Date` can hold, in milliseconds since the Unix epoch. */
const LATEST = 8.64e15;

/** @returns the message, or `undefined` if it is not one of this chat, as README.md describes them */
function messageIn(json) {
  let message;
  try {
    message = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { id, author, text, language, originalLanguage, masked, publishedAt, sequence } = message ?? {};
  const isMessage =
    [id, author, text, language, originalLanguage].every((field) => typeof field === 'string') &&
    [publishedAt, sequence].every((field) => Number.isSafeInteger(field) && field >= 0) &&
    publishedAt <= LATEST &&
    typeof masked === 'boolean';
  return isMessage ? message : undefined;
}

function hueOf(name) {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  return String(hue);
}

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}
