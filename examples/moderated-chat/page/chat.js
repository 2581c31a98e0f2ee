/** The page: lets somebody in, and shows the chat in the languages that they choose. */
import { Chooser } from './chooser.js';
import { readConfig } from './config.js';
import { History } from './history.js';
import { Momento } from './momento.js';
import { Pane } from './pane.js';
import { remember, settings } from './settings.js';
import { Tokens } from './tokens.js';
import { Topic } from './topic.js';
import { reasonIn, wordsIn } from './words.js';

const find = (id) => document.getElementById(id);
const entrance = find('entrance');
const button = entrance.querySelector('button');
let words = wordsIn(navigator.language);

void start();

/** Shows that something is missing when the page is set up, and otherwise lets in who was there before. */
async function start() {
  find('trouble').textContent = '';
  say(navigator.language);
  const config = await readConfig().catch(() => undefined);
  if (!config) {
    find('setup').hidden = false;
    return;
  }
  entrance.elements.namedItem('code').closest('label').hidden = !config.languages.some(({ needsCode }) => needsCode);
  entrance.hidden = false;
  button.disabled = false;
  entrance.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = new FormData(entrance);
    void enter(config, { name: given.get('name').trim(), code: given.get('code').trim() || undefined }, true);
  });
  const { name, code } = settings();
  if (name === undefined) return;
  entrance.elements.namedItem('name').value = name;
  entrance.elements.namedItem('code').value = code ?? '';
  await enter(config, { name, code }, false);
}

async function enter(config, who, isByHand) {
  // To enter twice would show everything twice.
  button.disabled = true;
  try {
    const tokens = new Tokens(config.tokens, who);
    await tokens.current();
    remember(who);
    join(config, who.name, tokens, isByHand);
  } catch (error) {
    find('trouble').textContent = words.cannotJoin(reasonIn(words, error));
    button.disabled = false;
  }
}

function join(config, me, tokens, isByHand) {
  find('trouble').textContent = '';
  entrance.hidden = true;
  find('reader').hidden = false;
  find('leave').addEventListener('click', () => {
    remember({ name: undefined, code: undefined });
    location.reload();
  });
  const momento = new Momento(config, tokens);
  const published = new Topic(momento, config.publish);
  /** What ends each pane that is open, by the name of its language. */
  const open = new Map();

  const show = () => {
    const { chosen } = chooser;
    for (const [name, pane] of open) {
      if (!chosen.includes(name)) {
        pane.close();
        open.delete(name);
      }
    }
    for (const language of config.languages.filter(({ name }) => chosen.includes(name) && !open.has(name))) {
      const closing = new AbortController();
      const topic = config.subscribe + language.name;
      const pane = new Pane(language, me, (text) => published.publish(text));
      const after = config.languages.slice(config.languages.indexOf(language)).find(({ name }) => open.has(name));
      find('panes').insertBefore(pane.element, open.get(after?.name)?.element ?? null);
      open.set(language.name, {
        element: pane.element,
        close: () => {
          closing.abort();
          pane.element.remove();
        },
      });
      void follow(new Topic(momento, topic), new History(momento, topic), pane, closing.signal);
    }
    say(config.languages.find(({ name }) => name === chosen[0])?.code ?? navigator.language);
    find('whoami').textContent = words.youAre(me);
  };
  const languages = config.languages.map((language) => ({
    ...language,
    isReadable: tokens.languages.includes(language.name),
  }));
  const chooser = new Chooser(find('languages'), languages, show);
  show();
  if (isByHand) find('panes').querySelector('.composer input')?.focus();
}

/** Shows what is published to a topic, and whenever that connects, what was published before. */
async function follow(topic, history, pane, signal) {
  try {
    for await (const happening of topic.subscribe(signal)) {
      pane.take(happening);
      if (happening.is === 'connected') void catchUp(history, pane, signal);
    }
  } catch (error) {
    // A fault of this page, which must not leave a pane that says that it is connected.
    pane.stop(error);
    throw error;
  }
}

async function catchUp(history, pane, signal) {
  for await (const values of history.readings(signal)) pane.fill(values);
}

/** Puts the words of a language where the page has some besides its panes. */
function say(code) {
  words = wordsIn(code);
  document.documentElement.lang = words === wordsIn('en') ? 'en' : code;
  document.title = words.title;
  for (const element of document.querySelectorAll('[data-words]')) element.textContent = words[element.dataset.words];
}
