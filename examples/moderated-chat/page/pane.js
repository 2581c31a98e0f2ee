/** The chat in one language: its messages, the state of its connection, and a line to write. */
import { isBlank, messageFrom, messageIn } from './message.js';
import { Outbox } from './outbox.js';
import { hueOf, initialsOf } from './people.js';
import { Timeline } from './timeline.js';
import { languageName, reasonIn, wordsIn } from './words.js';

export class Pane {
  element = copyOf('pane');
  #language;
  #me;
  #words;
  #timeline = new Timeline();
  #outbox;
  /** The elements of the messages, by id. */
  #items = new Map();
  #skipped = 0;
  /** What was skipped, so that the history does not count it again. */
  #unreadable = new Set();
  #times;
  #isAtEnd = true;
  #scrolling;
  #log = this.#find('.log');
  #shown = this.#find('.shown');

  /**
   * @param {{ name: string, code: string, label: string }} language
   * @param {string} me the name of who reads
   * @param {(text: string) => Promise<void>} publish
   */
  constructor(language, me, publish) {
    const { name, code, label } = language;
    this.#language = language;
    this.#me = me;
    this.#words = wordsIn(code);
    this.#outbox = new Outbox(publish, () => this.#keepingUp(() => this.#showOutbox()));
    this.element.dataset.language = name;
    const heading = this.#find('h2');
    heading.textContent = label;
    heading.id = `language-${name}`;
    this.element.lang = code;
    this.element.setAttribute('aria-labelledby', heading.id);
    this.#log.setAttribute('aria-labelledby', heading.id);
    this.#find('.empty').textContent = this.#words.empty;
    this.#times = new Intl.DateTimeFormat([code], { hour: '2-digit', minute: '2-digit' });
    this.#watchScrolling();
    this.#compose(label);
    this.#showState('connecting', this.#words.connecting);
  }

  /** Takes what a topic's subscription yields. */
  take({ is, error, text }) {
    const words = this.#words;
    switch (is) {
      case 'connected':
        return this.#showState('connected', words.connected);
      case 'lost':
        return this.#showState('lost', words.lost(reasonIn(words, error)));
      case 'gap':
        return this.#addGap();
      case 'message':
        return this.#add(messageIn(text)) || this.#skip(text);
    }
  }

  /** Takes what is in the history, of which most may be there already. */
  fill(values) {
    // What was said long ago is not read out.
    this.#log.setAttribute('aria-live', 'off');
    for (const value of values) {
      const raw = JSON.stringify(value);
      if (!this.#add(messageFrom(value)) && !this.#unreadable.has(raw)) this.#skip(raw);
    }
    this.#find('.empty').hidden = this.#items.size > 0;
    this.#log.removeAttribute('aria-live');
  }

  /** Says that no more will come. */
  stop(error) {
    this.#showState('lost', this.#words.stopped(reasonIn(this.#words, error)));
  }

  /** Puts the cursor where a message is written. */
  focus() {
    this.#find('input').focus();
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  #showState(state, words) {
    this.element.dataset.state = state;
    this.#find('.state').textContent = words;
  }

  /** @returns whether it is a message */
  #add(message) {
    const place = message && this.#timeline.add(message);
    if (!place) return message !== undefined;
    const item = this.#itemOf(message);
    this.#items.set(message.id, item);
    this.#keepingUp(() => {
      if (message.author === this.#me) this.#outbox.shown(message);
      const before = this.#items.get(place.after);
      if (before) before.after(item);
      else this.#shown.prepend(item);
      this.#items.get(place.dropped)?.remove();
      this.#items.delete(place.dropped);
      this.#find('.empty').hidden = true;
    });
    return true;
  }

  #itemOf({ author, text, original, originalLanguage, language, masked, publishedAt }) {
    const words = this.#words;
    const { code } = this.#language;
    const item = copyOf('message');
    const find = (selector) => item.querySelector(selector);
    const isMine = author === this.#me;
    item.classList.toggle('mine', isMine);
    item.style.setProperty('--hue', hueOf(author));
    find('.initials').textContent = initialsOf(author);
    find('.author').textContent = isMine ? `${author} ${words.you}` : author;
    const time = find('time');
    time.dateTime = new Date(publishedAt).toISOString();
    time.textContent = this.#times.format(publishedAt);
    const isTranslated = originalLanguage !== language;
    const notes = [isTranslated && words.from(languageName(originalLanguage, code)), masked && words.masked];
    find('.note').textContent = notes.filter(Boolean).join(', ');
    setText(find('.text'), text, language);
    if (original !== undefined && isTranslated) {
      setText(find('.original'), original, originalLanguage);
      const button = find('.toggle');
      button.hidden = false;
      button.textContent = words.showOriginal;
      button.addEventListener('click', () => {
        this.#keepingUp(() => {
          const isShown = find('.original').toggleAttribute('hidden') === false;
          button.textContent = isShown ? words.hideOriginal : words.showOriginal;
          button.setAttribute('aria-expanded', String(isShown));
        });
      });
    }
    return item;
  }

  /** Somebody else has published to this topic. */
  #skip(raw) {
    this.#skipped += 1;
    this.#unreadable.add(raw);
    this.#find('.skipped').textContent = this.#words.skipped(this.#skipped);
  }

  #addGap() {
    if (this.#shown.lastElementChild?.matches('.gap')) return;
    const gap = copyOf('gap');
    gap.textContent = this.#words.gap;
    this.#keepingUp(() => this.#shown.append(gap));
  }

  #showOutbox() {
    const words = this.#words;
    const items = this.#outbox.entries.map((entry) => {
      const item = copyOf('unshown');
      item.dataset.state = entry.state;
      item.querySelector('.text').textContent = entry.text;
      const isFailed = entry.state === 'failed';
      const state = isFailed ? words.failed(reasonIn(words, entry.error)) : words[entry.state];
      item.querySelector('.delivery').textContent = state;
      const retry = item.querySelector('.retry');
      const discard = item.querySelector('.discard');
      [retry.hidden, discard.hidden] = [!isFailed, !isFailed];
      [retry.textContent, discard.textContent] = [words.retry, words.discard];
      // The button goes away when it is pressed, and the focus has to go somewhere.
      const leave = (act) => () => {
        act();
        this.focus();
      };
      retry.addEventListener(
        'click',
        leave(() => void this.#outbox.retry(entry)),
      );
      discard.addEventListener(
        'click',
        leave(() => this.#outbox.discard(entry)),
      );
      return item;
    });
    this.#find('.outbox').replaceChildren(...items);
  }

  /** Scrolls along, unless the reader has gone back: once a frame, because each look at the heights costs a layout. */
  #keepingUp(change) {
    change();
    if (!this.#isAtEnd) return;
    this.#scrolling ??= requestAnimationFrame(() => {
      this.#scrolling = undefined;
      this.#log.scrollTop = this.#log.scrollHeight;
    });
  }

  #watchScrolling() {
    this.#log.addEventListener('scroll', () => {
      // What was added in this frame is still to be scrolled to.
      if (this.#scrolling !== undefined) return;
      const { scrollTop, scrollHeight, clientHeight } = this.#log;
      this.#isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    });
  }

  #compose(label) {
    const words = this.#words;
    const form = this.#find('.composer');
    const unsent = this.#find('.unsent');
    const input = form.elements.namedItem('text');
    input.setAttribute('aria-label', words.compose(label));
    input.placeholder = words.saySomething;
    form.querySelector('button').textContent = words.send;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = input.value.trim();
      unsent.textContent = isBlank(text) ? words.blank : '';
      if (isBlank(text)) return;
      input.value = '';
      void this.#outbox.send(text);
    });
  }
}

function setText(element, text, language) {
  element.textContent = text;
  element.lang = language;
}

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}
