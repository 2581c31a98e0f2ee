/** Which languages are shown: on a wide screen any of them, side by side, and on a narrow one as a phone's a single one. */
import { remember, settings } from './settings.js';

const NARROW = matchMedia('(max-width: 40rem)');

export class Chooser {
  #fieldset;
  #languages;
  #changed;

  /**
   * @param {HTMLFieldSetElement} fieldset to fill
   * @param {{ name: string, code: string, label: string, isReadable: boolean }[]} languages
   * @param {() => void} changed is called when others are chosen
   */
  constructor(fieldset, languages, changed) {
    this.#fieldset = fieldset;
    this.#languages = languages;
    this.#changed = changed;
    this.#fill();
    NARROW.onchange = () => {
      this.#fill();
      changed();
    };
  }

  /** The names of the languages that are shown. */
  get chosen() {
    const readable = this.#languages.filter(({ isReadable }) => isReadable).map(({ name }) => name);
    const { languages = readable, phoneLanguage } = settings();
    const chosen = readable.filter((name) => languages.includes(name));
    const all = chosen.length > 0 ? chosen : readable;
    if (!NARROW.matches) return all;
    return readable.includes(phoneLanguage) ? [phoneLanguage] : all.slice(0, 1);
  }

  #fill() {
    const { chosen } = this;
    const labels = this.#languages.map(({ name, code, label, isReadable }) => {
      const input = document.createElement('input');
      input.type = NARROW.matches ? 'radio' : 'checkbox';
      input.name = 'language';
      input.value = name;
      input.checked = chosen.includes(name);
      input.disabled = !isReadable;
      input.addEventListener('change', () => this.#choose(input));
      const words = document.createElement('span');
      words.textContent = label;
      words.lang = code;
      const element = document.createElement('label');
      element.append(input, words);
      return element;
    });
    this.#fieldset.replaceChildren(this.#fieldset.querySelector('legend'), ...labels);
  }

  #choose(input) {
    if (NARROW.matches) {
      remember({ phoneLanguage: input.value });
    } else {
      const checked = [...this.#fieldset.querySelectorAll('input:checked')].map(({ value }) => value);
      // One stays.
      if (checked.length === 0) input.checked = true;
      remember({ languages: checked.length === 0 ? [input.value] : checked });
    }
    this.#changed();
  }
}
