/** The page: lets somebody in, and shows the chat in each language. */
import { Pane } from './pane.js';
import { Tokens } from './tokens.js';
import { Topic } from './topic.js';

const entrance = document.getElementById('entrance');
const trouble = document.getElementById('trouble');

/** What the stack's output `PageConfig` says. */
const config = await (await fetch('config.json')).json();

entrance.addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = new FormData(entrance).get('name').trim();
  const tokens = new Tokens(config.tokens, name);
  try {
    await tokens.current();
  } catch (error) {
    trouble.textContent = `You cannot join: ${error.message}`;
    return;
  }
  join(name, tokens);
});

function join(name, tokens) {
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
  for await (const happening of topic.subscribe()) pane.take(happening);
}
