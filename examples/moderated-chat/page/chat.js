/** The page: lets somebody in, and shows the chat in each language. */
import { Pane } from './pane.js';
import { Tokens } from './tokens.js';
import { Topic } from './topic.js';

const entrance = document.getElementById('entrance');
const trouble = document.getElementById('trouble');
const button = entrance.querySelector('button');

entrance.addEventListener('submit', async (event) => {
  event.preventDefault();
  // To join twice would show everything twice.
  button.disabled = true;
  try {
    const name = new FormData(entrance).get('name').trim();
    const config = await readConfig();
    const tokens = new Tokens(config.tokens, name);
    await tokens.current();
    join(config, name, tokens);
  } catch (error) {
    trouble.textContent = `You cannot join: ${error.message}`;
    button.disabled = false;
  }
});

trouble.textContent = '';
button.disabled = false;
// Shows that something is missing when the page is set up, before anybody joins.
readConfig().catch((error) => {
  trouble.textContent = error.message;
});

/** What the stack's output `PageConfig` says. */
async function readConfig() {
  const content = await fetch('config.json')
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  const names = ['cache', 'momento', 'publish', 'subscribe', 'tokens'];
  if (names.every((name) => typeof content?.[name] === 'string') && Array.isArray(content.languages)) return content;
  throw new Error("config.json, beside this page, is missing or invalid. Write the stack's output PageConfig to it.");
}

function join(config, name, tokens) {
  trouble.textContent = '';
  entrance.hidden = true;
  const whoami = document.getElementById('whoami');
  whoami.textContent = `You are ${name}`;
  whoami.hidden = false;

  const published = new Topic(config, config.publish, tokens);
  const panes = config.languages.map((language) => {
    const pane = new Pane(language, (text) => published.publish(text));
    void follow(new Topic(config, config.subscribe + language.name, tokens), pane);
    return pane.element;
  });
  document.getElementById('panes').replaceChildren(...panes);
  panes[0]?.querySelector('input').focus();
}

async function follow(topic, pane) {
  try {
    for await (const happening of topic.subscribe()) pane.take(happening);
  } catch (error) {
    // A fault of this page, which must not leave a pane that says that it is connected.
    pane.stop(error.message);
    throw error;
  }
}
