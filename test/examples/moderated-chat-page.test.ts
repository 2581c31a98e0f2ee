import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { LANGUAGES } from '../../examples/moderated-chat/languages';
import { PageServer } from '../../tools/run-example/page-server';
import { until } from '../../tools/common/until';
import { startChromium } from './chromium';
import { checkAccessibility, faultsOf } from './page-checks';
import { items, polled, type ScriptedAnswer, ScriptedMomento } from './scripted-momento';

const message = (id: string, fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    ...{ id, sequence: 0, publishedAt: 1_795_329_239_260, author: 'Ada', text: `text of ${id}` },
    ...{ language: 'en', originalLanguage: 'en', masked: false },
    ...fields,
  });

/** Notes what the English pane says of its connection. */
const NOTE_STATES = `{
  const state = document.querySelector('[data-language=english] .state');
  globalThis.states = [];
  new MutationObserver(() => states.push(state.textContent)).observe(state, { childList: true });
}`;

describe('the page of the example moderated-chat, with services that fail', () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let momento: ScriptedMomento;
  let errors: string[];
  before(async () => {
    browser = await startChromium();
    server = await PageServer.start('moderated-chat', {}, []);
  });
  after(async () => {
    await browser.close();
    server.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    errors = faultsOf(page);
    momento = new ScriptedMomento();
    await momento.attach(page);
    await serveConfig(ScriptedMomento.config(server.url));
  });
  afterEach(() => page.close());

  const serveConfig = async (config: unknown, status = 200): Promise<void> => {
    await page.route('**/config.json', (route) =>
      route.fulfill({ status, body: typeof config === 'string' ? config : JSON.stringify(config) }),
    );
  };
  const join = async (name = 'Ada'): Promise<void> => {
    await page.goto(server.url);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
  };
  const enter = async (): Promise<void> => {
    await join();
    await pane().getByText('Connected').waitFor();
    await page.evaluate(NOTE_STATES);
  };
  /**
   * Fails polls until the pane says that its connection is lost, and then waits for one. A single failure, or one after 400 ms, may be
   * that of a connection that was held for long.
   */
  const losesConnection = async (failure: ScriptedAnswer, lost: string): Promise<void> => {
    const states = () => page.evaluate<string[]>('states');
    const isLost = async () => {
      if (momento.answers.length === 0) await momento.answer(failure);
      return (await states()).includes(lost) || undefined;
    };
    await until(`"${lost}"`, isLost, { timeoutMs: 30_000 });
    momento.answers.length = 0;
    const isBack = async () => {
      const seen = await states();
      return seen.lastIndexOf('Connected') > seen.lastIndexOf(lost) || undefined;
    };
    await until('a connection', isBack, { timeoutMs: 30_000 });
    await page.evaluate('states.length = 0');
  };
  const pane = (): Locator => page.locator('[data-language=english]');
  const input = (): Locator => pane().getByPlaceholder('Say something');
  const say = async (text: string): Promise<void> => {
    await input().fill(text);
    await pane().getByRole('button', { name: 'Send' }).click();
  };
  const unsent = (words: string | RegExp): Promise<void> => pane().locator('.unsent').getByText(words).waitFor();
  const unshown = (): Locator => pane().locator('.unshown');

  describe('what a subscriber gets', () => {
    const MALFORMED: Record<string, string> = {
      'not JSON': 'Good morning',
      null: 'null',
      'an array': '[]',
      'no id': message('x', { id: undefined }),
      'an id that is a number': message('x', { id: 7 }),
      'no time': message('x', { publishedAt: undefined }),
      'a time that no date has': message('x', { publishedAt: 9e15 }),
      'a time that is a text': message('x', { publishedAt: 'yesterday' }),
      'an author that is a number': message('x', { author: 1 }),
      'a text that is an object': message('x', { text: { html: '<b>' } }),
      'a number in its topic that is a fraction': message('x', { sequence: 0.5 }),
    };

    test('a malformed message is skipped and counted, and the messages after it are shown', async () => {
      await enter();
      let number = 0;
      for (const [shape, text] of Object.entries(MALFORMED)) {
        number += 1;
        const id = `after-${number.toString()}`;
        await momento.answer(items(polled(2 * number, { text }), polled(2 * number + 1, { text: message(id) })));
        await pane().getByText(`text of ${id}`, { exact: true }).waitFor();
        const counted = `${number.toString()} message${number === 1 ? '' : 's'} skipped`;
        await pane().getByText(counted).waitFor();
        assert.equal(await pane().locator('.message').count(), number, shape);
      }
      await pane().getByText('Connected').waitFor();
      assert.deepEqual(errors, []);
    });

    test('a message that is not a text is skipped and counted, and the connection is not called lost', async () => {
      await enter();
      for (const value of [{ binary: 'AAEC' }, { text: null }, {}, null]) {
        await momento.answer(items(polled(1, value)));
      }
      await momento.answer(items(polled(2, { text: message('last') })));
      await pane().getByText('text of last').waitFor();
      await pane().getByText('4 messages skipped').waitFor();
      await pane().getByText('Connected').waitFor();
    });

    test('an answer that is not Momento’s is a lost connection, which comes back', async () => {
      await enter();
      for (const body of ['<html>', '{"items":[{"item":{"topic_seq', '{}', '{"items":null}', '{"items":[null]}', '5']) {
        await losesConnection({ body }, 'Reconnecting: the answer was not readable');
      }
      await momento.answer(items(polled(1, { text: message('last') })));
      await pane().getByText('text of last').waitFor();
      assert.deepEqual(errors, []);
    });

    test('a place where messages may be missing is marked once, however often the connection is lost there', async () => {
      await enter();
      for (let loss = 0; loss < 3; loss += 1) {
        await losesConnection({ status: 500, body: '' }, 'Reconnecting: Momento answered 500');
      }
      assert.equal(await pane().getByText('Messages may be missing here').count(), 1);
    });

    test('answers without a message are not asked for without a pause', async () => {
      await enter();
      momento.answers.push(...Array.from({ length: 1000 }, () => items()));
      const before = momento.polls;
      const started = performance.now();
      await momento.answer();
      await until('four polls', () => Promise.resolve(momento.polls >= before + 4 || undefined));
      const took = performance.now() - started;
      // With three pauses of 250 ms at least.
      assert.ok(took > 700, `four polls in ${took.toFixed()} ms`);
    });
  });

  describe('what a user writes', () => {
    test('is not sent if it is blank, and the pane says so', async () => {
      await enter();
      for (const blank of ['   ', '\t', '\u3000', '\u200b\u200d', '\u2800', '\ufeff \u00ad']) {
        await say(blank);
        await unsent('there is nothing to read in it');
        await say('Hello');
        await until('the message', () => Promise.resolve(momento.published.length > 0 ? true : undefined));
        assert.deepEqual(momento.published.splice(0), ['Hello'], JSON.stringify(blank));
      }
    });

    test('is sent again with another token if Momento has refused the first', async () => {
      await enter();
      momento.publish = (route) =>
        route.fulfill({ status: route.request().headers().authorization === 'token-1' ? 401 : 204 });
      await say('Hello');
      await until('both attempts', () => Promise.resolve(momento.published.length === 2 ? true : undefined));
      assert.deepEqual([...new Set(momento.tokensUsed)], ['token-1', 'token-2']);
      assert.equal(await input().inputValue(), '');
      await unshown().getByText('Sent, being moderated').waitFor();
    });

    test('stays with the reason in words if Momento refuses it, until it is sent again or discarded', async () => {
      await enter();
      for (const [status, words] of [
        [401, 'the token has expired'],
        [403, 'the token is not for this topic'],
        [429, 'there are too many requests'],
        [500, 'Momento answered 500'],
      ] as const) {
        momento.publish = (route) => route.fulfill({ status, body: '{"description":"an answer of Momento"}' });
        await say(`Hello ${status.toString()}`);
        await unshown().getByText(`Not sent: ${words}`).waitFor();
        await unshown().getByText(`Hello ${status.toString()}`).waitFor();
        await pane().getByRole('button', { name: 'Discard' }).click();
        await unshown().waitFor({ state: 'detached' });
      }
      await say('Hello');
      await unshown().getByText('Not sent').waitFor();
      momento.publish = (route) => route.fulfill({ status: 204 });
      momento.published.length = 0;
      await pane().getByRole('button', { name: 'Retry' }).click();
      await unshown().getByText('Sent, being moderated').waitFor();
      assert.deepEqual(momento.published, ['Hello']);
    });

    test('stays if it could not be sent, beside what was written meanwhile', async () => {
      await enter();
      let fail = (): void => undefined;
      momento.publish = (route) =>
        new Promise<void>((resolve) => {
          fail = () => {
            resolve(route.abort());
          };
        });
      await say('first');
      await unshown().getByText('Sending').waitFor();
      await until('the message', () => Promise.resolve(momento.published.length > 0 ? true : undefined));
      await input().fill('second');
      fail();
      await unshown().getByText('Momento cannot be reached').waitFor();
      await unshown().getByText('first').waitFor();
      assert.equal(await input().inputValue(), 'second');
    });

    test('is replaced by the message that it becomes, which says that it is the reader’s own', async () => {
      await enter();
      await say('Hello');
      await unshown().getByText('Sent').waitFor();
      await momento.answer(
        items(
          polled(1, { text: message('other', { author: 'Ben', text: 'Hello' }) }),
          polled(2, { text: message('mine', { text: 'Hello', sequence: 1 }) }),
        ),
      );
      await pane().getByText('Ada (You)').waitFor();
      await unshown().waitFor({ state: 'detached' });
      assert.deepEqual(await pane().locator('.author').allTextContents(), ['Ben', 'Ada (You)']);
      assert.deepEqual(await pane().locator('.initials').allTextContents(), ['B', 'A']);
    });
  });

  describe('the history', () => {
    const hundred = Array.from({ length: 100 }, (_, number) =>
      message(`h${number.toString()}`, { sequence: number, publishedAt: 1_795_329_000_000 + number }),
    );
    const texts = (): Promise<string[]> => pane().locator('.message .text:not(.original)').allTextContents();

    test('is shown to who comes late, and each message once, though it is read several times and arrives too', async () => {
      momento.history = (route) => route.fulfill({ body: `[${hundred.join(',')}]` });
      await enter();
      await pane().getByText('text of h99', { exact: true }).waitFor();
      // One that was also published while the page connected, and a new one.
      await momento.answer(
        items(
          polled(1, { text: hundred[99] }),
          polled(2, { text: message('new', { publishedAt: 1_795_330_000_000 }) }),
        ),
      );
      await pane().getByText('text of new').waitFor();
      await until('another reading', () => Promise.resolve(momento.historyReads > 1 ? true : undefined));
      const expected = hundred.map((_, number) => `text of h${number.toString()}`);
      assert.deepEqual(await texts(), [...expected, 'text of new']);
    });

    test('brings what was on its way when the page connected, in its place', async () => {
      momento.history = (route) =>
        route.fulfill({ body: `[${hundred.slice(0, momento.historyReads > 1 ? 3 : 2).join(',')}]` });
      await enter();
      await momento.answer(items(polled(1, { text: message('new', { publishedAt: 1_795_330_000_000 }) })));
      await pane().getByText('text of h2').waitFor();
      await pane().getByText('text of new').waitFor();
      assert.deepEqual(await texts(), ['text of h0', 'text of h1', 'text of h2', 'text of new']);
    });

    test('that is broken leaves the pane connected, and what is malformed in it is counted once', async () => {
      for (const body of ['<html>', '{}', 'null']) {
        momento.history = (route) => route.fulfill({ body });
        const reads = momento.historyReads;
        await (reads === 0 ? enter() : page.reload());
        await until('a reading', () => Promise.resolve(momento.historyReads > reads ? true : undefined));
        await pane().getByText('Connected').waitFor();
      }
      momento.history = (route) => route.fulfill({ body: `[5,{"id":1},${message('fine')}]` });
      await page.goto(server.url);
      await pane().getByText('text of fine').waitFor();
      const reads = momento.historyReads;
      await until('another reading', () => Promise.resolve(momento.historyReads > reads ? true : undefined));
      await pane().getByText('2 messages skipped').waitFor();
      assert.deepEqual(errors, []);
    });
  });

  describe('a reader', () => {
    const languages = LANGUAGES.map(({ name, code, label }) => ({ name, code, label, needsCode: name !== 'english' }));
    const shown = async (): Promise<(string | null)[]> => {
      const panes = await page.locator('.pane').all();
      return Promise.all(panes.map((each) => each.getAttribute('data-language')));
    };
    beforeEach(() => serveConfig(ScriptedMomento.config(server.url, languages)));

    test('chooses languages, which the page remembers with the name', async () => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await enter();
      assert.deepEqual(await shown(), ['english', 'spanish', 'japanese']);
      await page.getByRole('checkbox', { name: 'Español' }).uncheck();
      await page.getByRole('checkbox', { name: 'English' }).uncheck();
      assert.deepEqual(await shown(), ['japanese']);
      // One stays.
      await page.getByRole('checkbox', { name: '日本語' }).click();
      assert.deepEqual(await shown(), ['japanese']);
      await page.reload();
      await page.locator('[data-language=japanese]').getByText('接続済み').waitFor();
      assert.deepEqual(await shown(), ['japanese']);
      await page.getByText('Ada さんとして参加中').waitFor();
      await page.getByRole('checkbox', { name: 'Español' }).check();
      assert.deepEqual(await shown(), ['spanish', 'japanese']);
      await page.getByRole('button', { name: 'Cambiar de nombre' }).click();
      assert.equal(await page.getByLabel('Your name').inputValue(), '');
    });

    test('has one pane at a time on a phone, in whose words the page is', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await enter();
      assert.deepEqual(await shown(), ['english']);
      await page.getByRole('radio', { name: 'Español' }).check();
      assert.deepEqual(await shown(), ['spanish']);
      await page.getByText('Eres Ada').waitFor();
      await page.getByPlaceholder('Di algo').waitFor();
      await page.reload();
      await page.locator('[data-language=spanish]').getByText('Conectado').waitFor();
      assert.deepEqual(await shown(), ['spanish']);
    });

    test('sees the languages of the plan, and is asked for the code that has more', async () => {
      momento.readable = ['english', 'spanish'];
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(server.url);
      await page.getByLabel('Your name').fill('Ada');
      await page.getByLabel('Access code').fill('a code');
      const asked = page.waitForRequest('**/tokens');
      await page.getByRole('button', { name: 'Join' }).click();
      assert.deepEqual((await asked).postDataJSON(), { name: 'Ada', code: 'a code' });
      await pane().getByText('Connected').waitFor();
      assert.deepEqual(await shown(), ['english', 'spanish']);
      assert.ok(await page.getByRole('checkbox', { name: '日本語' }).isDisabled());
    });

    test('sees the original on demand', async () => {
      momento.readable = ['english'];
      await enter();
      const fields = { text: 'hola', language: 'en', originalLanguage: 'es', original: 'buenas' };
      await momento.answer(
        items(polled(1, { text: message('translated', fields) })),
        items(polled(2, { text: message('plain') })),
      );
      await pane().getByText('text of plain').waitFor();
      await pane().getByText('from Spanish').waitFor();
      assert.equal(await pane().getByText('buenas').isVisible(), false);
      await pane().getByRole('button', { name: 'Show the original' }).click();
      await pane().getByText('buenas').waitFor();
      assert.equal(await pane().getByText('buenas').getAttribute('lang'), 'es');
      await pane().getByRole('button', { name: 'Hide the original' }).click();
      await pane().getByText('buenas').waitFor({ state: 'hidden' });
    });
  });

  describe('who wants to join', () => {
    for (const [what, config, status] of [
      ['without', '', 404],
      ['with a broken', '{', 200],
      ['with an HTML page for a', '<!doctype html>', 200],
      ['with an incomplete', { cache: 'chat', momento: 'http://127.0.0.1' }, 200],
      ['with an empty', null, 200],
    ] as const) {
      test(`is told ${what} config.json how to set the chat up`, async () => {
        await serveConfig(config, status);
        await page.goto(server.url);
        await page.getByRole('heading', { name: 'This chat is not set up yet' }).waitFor();
        await page.getByText('npx cdk deploy').waitFor();
        assert.equal(await page.getByRole('button', { name: 'Join' }).count(), 0);
        assert.deepEqual(errors, []);
      });
    }

    test('is told that the page needs a web server if its scripts cannot be loaded', async () => {
      await page.route('**/*.js', (route) => route.abort());
      await page.goto(server.url);
      await page.getByText('this page needs JavaScript and a web server').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Join' }).count(), 0);
    });

    test('is told that the function gives no token, and why', async () => {
      const answers: [(typeof momento)['token'], string][] = [
        [(route) => route.fulfill({ status: 502, body: 'Internal Server Error' }), 'answered 502'],
        [(route) => route.fulfill({ status: 429, json: { Message: 'Rate exceeded' } }), 'answered 429'],
        [(route) => route.fulfill({ json: {} }), 'answered 200 without a token'],
        [(route) => route.fulfill({ json: null }), 'answered 200 without a token'],
        [(route) => route.fulfill({ json: { token: 'token' } }), 'answered 200 without a token'],
        [(route) => route.fulfill({ json: { token: 'token', expiresAt: 1 } }), 'answered 200 without a token'],
        [(route) => route.abort(), 'cannot be reached'],
      ];
      for (const [answer, words] of answers) {
        momento.token = answer;
        await join();
        await page.getByText(`You cannot join: the function that gives tokens ${words}`).waitFor();
      }
      for (const status of [400, 403, 429]) {
        momento.token = (route) => route.fulfill({ status, json: { message: `The reason for ${status.toString()}` } });
        await join();
        await page.getByText(`You cannot join: The reason for ${status.toString()}`).waitFor();
      }
    });

    test('joins once, however often the button is pressed', async () => {
      const token = momento.token;
      momento.token = async (route) => {
        await delay(200);
        await token(route);
      };
      await page.goto(server.url);
      await page.getByLabel('Your name').fill('Ada');
      await page.getByRole('button', { name: 'Join' }).dblclick();
      await pane().getByText('Connected').waitFor();
      await delay(600);
      assert.equal(momento.polls, 1);
    });
  });

  describe('WCAG 2.2 AA, at each width, light and dark', () => {
    test('is kept by the page that is not set up', async () => {
      await serveConfig('', 404);
      await page.goto(server.url);
      await page.getByRole('heading', { name: 'This chat is not set up yet' }).waitFor();
      await checkAccessibility(page);
    });

    test('is kept by the entrance, with an error', async () => {
      momento.token = (route) => route.abort();
      await join();
      await page.getByText('You cannot join').waitFor();
      await checkAccessibility(page);
    });

    test('is kept by the chat, whatever state its messages are in, by keyboard alone', async () => {
      const languages = LANGUAGES.map(({ name, code, label }) => ({
        name,
        code,
        label,
        needsCode: name === 'japanese',
      }));
      await serveConfig(ScriptedMomento.config(server.url, languages));
      momento.readable = ['english', 'spanish'];
      momento.publish = (route) => route.fulfill({ status: 429 });
      const fields = { text: 'Good morning', originalLanguage: 'es', original: 'Buenos días', masked: true };
      const all = [message('mine'), message('other', { author: 'Ben Bitdiddle', ...fields }), '{"not":"a message"}'];
      momento.history = (route) => route.fulfill({ body: `[${all.join(',')}]` });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(server.url);
      const { keyboard } = page;
      /** Presses Tab until the element with the focus is this one. */
      const reach = async (target: Locator): Promise<void> => {
        for (let presses = 0; presses < 30; presses += 1) {
          if ((await target.and(page.locator(':focus')).count()) === 1) return;
          await keyboard.press('Tab');
        }
        assert.fail(`Tab does not reach ${target.toString()}`);
      };
      await page.getByRole('button', { name: 'Join' }).waitFor();
      await reach(page.getByLabel('Your name'));
      await keyboard.type('Ada');
      await keyboard.press('Enter');
      await pane().getByText('Connected').waitFor();
      await reach(input());
      await keyboard.type('Hello');
      await keyboard.press('Enter');
      await unshown().getByText('Not sent').waitFor();
      await keyboard.press('Shift+Tab');
      await keyboard.press('Shift+Tab');
      await keyboard.press('Enter');
      await until('another attempt', () => Promise.resolve(momento.published.length > 1 ? true : undefined));
      await unshown().getByText('Not sent').waitFor();
      await reach(page.getByRole('checkbox', { name: 'Español' }));
      await keyboard.press('Space');
      assert.equal(await page.locator('.pane').count(), 1);
      await keyboard.press('Space');
      await page.locator('[data-language=spanish]').getByText('Conectado').waitFor();
      await reach(pane().getByRole('button', { name: 'Show the original' }));
      await keyboard.press('Enter');
      await pane().getByText('Buenos días').waitFor();
      await pane().getByText('1 message skipped').waitFor();
      await checkAccessibility(page);
      assert.deepEqual(errors, []);
    });
  });

  test('a token that cannot be replaced is what a pane names, not Momento', async () => {
    await enter();
    const token = momento.token;
    momento.token = (route) => route.fulfill({ status: 502, body: 'Internal Server Error' });
    await momento.answer({ status: 401, body: '' });
    await pane().getByText('Reconnecting: the function that gives tokens answered 502').waitFor();
    momento.token = token;
    await pane().getByText('Connected').waitFor();
  });
});
