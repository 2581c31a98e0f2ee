/** The page: writes to the table, and shows what the cache has and what the topic says. */
import { ask, delay, Momento } from './momento.js';

const form = document.getElementById('write');
const outcome = document.getElementById('outcome');
const trouble = document.getElementById('trouble');
const NUMBERS = ['MaxTemp', 'MinTemp', 'ChancesOfPrecipitation'];
/** How often the cache is asked for an item that is not there yet, and for how long. */
const LOOK_EVERY_MS = 100;
const LOOK_FOR_MS = 30_000;

let config;
let momento;
/** The rows of the table of items, by location. */
const rows = new Map();
/** When the cache was asked for what is shown of a location. */
const lookedAt = new Map();

start().catch((error) => {
  trouble.textContent = error.message;
});

async function start() {
  config = await readConfig();
  momento = new Momento(config);
  trouble.textContent = '';
  form.querySelector('button').disabled = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void write();
  });
  setInterval(() => rows.forEach((row) => row.tick()), 1000);
  void follow();
  const { items } = await ask(config.api, 'items');
  await Promise.all(items.map(({ Location }) => look(Location)));
}

/** What the stack gives the page. */
async function readConfig() {
  const content = await fetch('config.json')
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  if (['momento', 'cache', 'topic', 'api'].every((name) => typeof content?.[name] === 'string')) return content;
  throw new Error('config.json, beside this page, is missing or invalid. The stack makes it.');
}

/** Writes what is in the form, and says how long it took until it was in the cache. */
async function write() {
  const { Location, seconds, ...numbers } = Object.fromEntries(new FormData(form));
  const item = Object.fromEntries(NUMBERS.map((name) => [name, Number(numbers[name])]));
  item.TTL = Math.floor(Date.now() / 1000) + Number(seconds);
  await change(Location.trim(), { method: 'PUT', body: JSON.stringify(item) }, 'is in the cache', (cached) => {
    return cached !== undefined && Object.entries(item).every(([name, value]) => cached[name] === value);
  });
}

function remove(location) {
  return change(location, { method: 'DELETE' }, 'is gone from the cache', (cached) => cached === undefined);
}

/** Changes the table, and waits until the cache has followed. */
async function change(location, request, what, hasFollowed) {
  const show = (words, isGood) => {
    outcome.className = isGood ? 'good' : 'bad';
    outcome.textContent = words;
  };
  outcome.textContent = '';
  const headers = { 'content-type': 'application/json' };
  try {
    await ask(config.api, `items?Location=${encodeURIComponent(location)}`, { ...request, headers });
  } catch (error) {
    return show(`${location} was not changed: ${error.message}`, false);
  }
  const written = performance.now();
  const milliseconds = () => Math.round(performance.now() - written);
  try {
    while (milliseconds() < LOOK_FOR_MS) {
      if (hasFollowed(await look(location))) return show(`${location} ${what} after ${milliseconds()} ms`, true);
      await delay(LOOK_EVERY_MS);
    }
    show(`${location} was changed in the table, but not yet in the cache`, false);
  } catch (error) {
    show(`${location} was changed in the table, but the cache cannot be read: ${error.message}`, false);
  }
}

/** Reads an item from the cache, and shows it as it is there now. */
async function look(location) {
  const started = performance.now();
  const text = await momento.get(location);
  const item = text === undefined ? undefined : JSON.parse(text);
  // An answer can overtake another.
  if (started < (lookedAt.get(location) ?? 0)) return item;
  lookedAt.set(location, started);
  const row = rows.get(location);
  if (item) {
    rows.set(location, row ?? new Row(location));
    rows.get(location).show(item);
  } else if (row) {
    rows.delete(location);
    row.remove();
    if (row.hasExpired) log('EXPIRED', location);
  }
  document.getElementById('empty').hidden = rows.size > 0;
  return item;
}

/** Shows the changes that the topic tells, and looks at the items that they are of. */
async function follow() {
  const state = document.querySelector('.state');
  const show = (name, words) => {
    state.dataset.state = name;
    state.textContent = words;
  };
  for await (const { is, text, reason } of momento.subscribe(config.topic)) {
    if (is === 'connected') show('connected', 'Connected');
    if (is === 'lost') show('lost', `Reconnecting: ${reason}`);
    if (is === 'gap') log('GAP', 'Changes may be missing here');
    if (is === 'message') take(text);
  }
}

function take(text) {
  let location, item;
  try {
    const { change: kind, keys, item: changed } = JSON.parse(text);
    [location, item] = [keys.Location, changed];
    log(kind, location, item);
  } catch {
    return log('?', 'A message that is not a change of the table');
  }
  // Cache and topic are told at the same time, so the cache can be a moment later.
  void settle(location, item);
}

/** Looks at an item until it is as a change has it, or for a while: a later change may have come before. */
async function settle(location, item) {
  for (let waited = 0; waited < 2000; waited += LOOK_EVERY_MS) {
    const cached = await look(location).catch(() => undefined);
    if (JSON.stringify(cached) === JSON.stringify(item)) return;
    await delay(LOOK_EVERY_MS);
  }
}

function log(kind, what, item) {
  const changes = document.getElementById('changes');
  if (kind === 'GAP' && changes.firstElementChild?.dataset.change === kind) return;
  const entry = copyOf('change');
  entry.dataset.change = kind;
  entry.querySelector('time').textContent = new Date().toLocaleTimeString();
  entry.querySelector('.badge').textContent = kind;
  entry.querySelector('b').textContent = what;
  // With spaces, so that lines can end there.
  entry.querySelector('code').textContent = item ? JSON.stringify(item, undefined, 1).replace(/\n */g, ' ') : '';
  changes.prepend(entry);
}

/** An item in the cache. */
class Row {
  #element = copyOf('item');
  #item;

  constructor(location) {
    this.location = location;
    this.#element.querySelector('th').textContent = location;
    const button = (name, does) => {
      const element = this.#element.querySelector(`[name=${name}]`);
      element.setAttribute('aria-label', `${element.textContent} ${location}`);
      element.addEventListener('click', does);
    };
    button('edit', () => this.#edit());
    button('delete', () => void remove(location));
    document.getElementById('items').append(this.#element);
  }

  show(item) {
    this.#item = item;
    for (const name of NUMBERS) this.#cell(name).textContent = item[name];
    this.#showTime();
  }

  remove() {
    const hasFocus = this.#element.contains(document.activeElement);
    this.#element.remove();
    if (hasFocus) form.elements.namedItem('Location').focus();
  }

  get hasExpired() {
    return this.#secondsLeft <= 0;
  }

  /** Counts down. What has expired is looked up, to see that Momento has forgotten it. */
  tick() {
    this.#showTime();
    if (this.hasExpired) void look(this.location).catch(() => undefined);
  }

  #showTime() {
    this.#cell('seconds').textContent = `${Math.max(0, this.#secondsLeft)} s`;
  }

  get #secondsLeft() {
    return Math.ceil(this.#item.TTL - Date.now() / 1000);
  }

  #edit() {
    form.elements.namedItem('Location').value = this.location;
    for (const name of NUMBERS) form.elements.namedItem(name).value = this.#item[name];
    form.elements.namedItem('MaxTemp').focus();
  }

  #cell(name) {
    return this.#element.querySelector(`[data-of=${name}]`);
  }
}

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}
