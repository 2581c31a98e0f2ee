import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { PageServer } from '../../tools/run-example/moderated-chat/page-server';
import { until } from '../../tools/common/until';
import { startChromium } from './chromium';
import { items, polled, ScriptedMomento } from './scripted-momento';

const message = (id: string, fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    ...{ id, sequence: 0, publishedAt: 1_795_329_239_260, author: 'Ada', text: `text of ${id}` },
    ...{ language: 'en', originalLanguage: 'en', masked: false },
    ...fields,
  });

describe('the page of the example moderated-chat, with services that fail', () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let momento: ScriptedMomento;
  let errors: string[];
  before(async () => {
    browser = await startChromium();
    server = await PageServer.start({});
  });
  after(async () => {
    await browser.close();
    server.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(5000);
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
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
  };
  const pane = (): Locator => page.locator('[data-language=english]');
  const input = (): Locator => pane().getByPlaceholder('Say something');
  const say = async (text: string): Promise<void> => {
    await input().fill(text);
    await pane().getByRole('button', { name: 'Send' }).click();
  };
  const unsent = (words: string | RegExp): Promise<void> => pane().locator('.unsent').getByText(words).waitFor();

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
        // Twice: a single failure may be a connection that was held for long.
        await momento.answer({ body }, { body });
        await pane().getByText('Reconnecting: the answer was not readable').waitFor();
        await pane().getByText('Connected').waitFor();
      }
      await momento.answer(items(polled(1, { text: message('last') })));
      await pane().getByText('text of last').waitFor();
      assert.deepEqual(errors, []);
    });

    test('a place where messages may be missing is marked once, however often the connection is lost there', async () => {
      await enter();
      for (let loss = 0; loss < 3; loss += 1) {
        await momento.answer({ status: 500, body: '' }, { status: 500, body: '' });
        await pane().getByText('Reconnecting: Momento answered 500').waitFor();
        await pane().getByText('Connected').waitFor();
      }
      assert.equal(await pane().getByText('Messages may be missing here').count(), 1);
    });

    test('answers without a message are not asked for without a pause', async () => {
      await enter();
      momento.answers.push(...Array.from({ length: 1000 }, () => items()));
      const before = momento.polls;
      await momento.answer();
      await delay(1000);
      const polls = momento.polls - before;
      assert.ok(polls > 1 && polls < 10, `${polls.toString()} polls in a second`);
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
      assert.equal(await pane().locator('.unsent').textContent(), '');
    });

    test('comes back with the reason in words if Momento refuses it', async () => {
      await enter();
      for (const [status, words] of [
        [401, 'the token has expired'],
        [403, 'the token is not for this topic'],
        [429, 'there are too many requests'],
        [500, 'Momento answered 500'],
      ] as const) {
        momento.publish = (route) => route.fulfill({ status, body: '{"description":"an answer of Momento"}' });
        await say('Hello');
        await unsent(`Not sent: ${words}`);
        assert.equal(await input().inputValue(), 'Hello');
      }
    });

    test('comes back if it could not be sent, beside what was written meanwhile', async () => {
      await enter();
      let fail = (): void => undefined;
      momento.publish = (route) =>
        new Promise<void>((resolve) => {
          fail = () => {
            resolve(route.abort());
          };
        });
      await say('first');
      await until('the message', () => Promise.resolve(momento.published.length > 0 ? true : undefined));
      await input().fill('second');
      fail();
      await unsent('Momento cannot be reached');
      assert.equal(await input().inputValue(), 'first second');
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
      test(`is told ${what} config.json that it is missing or invalid, and the page stays`, async () => {
        await serveConfig(config, status);
        await page.goto(server.url);
        await page.getByText('config.json, beside this page, is missing or invalid').waitFor();
        await page.getByLabel('Your name').fill('Ada');
        await page.getByRole('button', { name: 'Join' }).click();
        await page.getByText('You cannot join: config.json').waitFor();
        assert.equal(page.url(), server.url);
        assert.deepEqual(errors, []);
      });
    }

    test('is told that the page needs a web server if its scripts cannot be loaded', async () => {
      await page.route('**/*.js', (route) => route.abort());
      await page.goto(server.url);
      await page.getByText('this page needs JavaScript and a web server').waitFor();
      assert.ok(await page.getByRole('button', { name: 'Join' }).isDisabled());
    });

    test('is told that the function gives no token, and why', async () => {
      const answers: [(typeof momento)['token'], string][] = [
        [(route) => route.fulfill({ status: 502, body: 'Internal Server Error' }), 'answered 502'],
        [(route) => route.fulfill({ status: 429, json: { Message: 'Rate exceeded' } }), 'answered 429'],
        [(route) => route.fulfill({ json: {} }), 'answered 200 without a token'],
        [(route) => route.fulfill({ json: null }), 'answered 200 without a token'],
        [(route) => route.fulfill({ json: { token: 'token' } }), 'answered 200 without a token'],
        [(route) => route.abort(), 'cannot be reached'],
      ];
      for (const [answer, words] of answers) {
        momento.token = answer;
        await join();
        await page.getByText(`You cannot join: the function that gives tokens ${words}`).waitFor();
      }
      momento.token = (route) => route.fulfill({ status: 400, json: { message: 'A name has 1 to 16 characters' } });
      await join();
      await page.getByText('You cannot join: A name has 1 to 16 characters').waitFor();
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
