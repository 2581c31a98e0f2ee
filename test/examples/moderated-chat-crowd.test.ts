import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { LANGUAGES } from '../../examples/moderated-chat/languages';
import { LocalMomento } from '../../tools';
import { until } from '../../tools/common/until';
import { PageServer } from '../../tools/run-example/page-server';
import { startChromium } from './chromium';

const CACHE = 'chat';
const MESSAGES = 1000;
const USERS = 50;
/** How many messages are in the history, and how many a pane has at most. */
const [KEPT, MOST] = [100, 500];
const NAMES = LANGUAGES.map(({ name }) => name);
const topicOf = (language: string): string => `friends-subscribe-${language}`;

/** A message as the steps of a language publish it. */
const message = (number: number, language: string): object => ({
  ...{ id: `1-${number.toString()}`, sequence: number, publishedAt: 1_795_329_000_000 + number },
  ...{ author: `User ${(number % USERS).toString()}`, text: `${number.toString()} in ${language}` },
  ...{ language, originalLanguage: 'en', masked: false },
});
const textsOf = (first: number, end: number, language: string): string[] =>
  Array.from({ length: end - first }, (_, index) => `${(first + index).toString()} in ${language}`);

describe(`the page of the example moderated-chat, with ${MESSAGES.toString()} messages of ${USERS.toString()} users`, () => {
  let browser: Browser;
  let server: PageServer;
  let momento: LocalMomento;
  before(async () => {
    browser = await startChromium();
    momento = await LocalMomento.start({ caches: [CACHE] });
    const config = {
      ...{ cache: CACHE, languages: LANGUAGES, momento: momento.endpoint },
      ...{ publish: 'friends-publish', subscribe: topicOf(''), tokens: '/tokens' },
    };
    server = await PageServer.start('moderated-chat', config, [momento.endpoint]);
  });
  after(async () => {
    await browser.close();
    server.stop();
    await momento.stop();
  });

  /** What the function gives that makes tokens. */
  const tokenFor = (name: string): Promise<string> =>
    momento.mintToken({
      permissions: [
        { role: 'publishonly', cache: CACHE, topic: 'friends-publish' },
        ...NAMES.flatMap((language) => [
          { role: 'subscribeonly', cache: CACHE, topic: topicOf(language) } as const,
          { role: 'readonly', cache: CACHE, key: topicOf(language) } as const,
        ]),
      ],
      expiresInSeconds: 600,
      tokenId: name,
    });
  const reader = async (name: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.route('**/tokens', async (route) =>
      route.fulfill({
        json: { token: await tokenFor(name), expiresAt: Math.floor(Date.now() / 1000) + 600, languages: NAMES },
      }),
    );
    await page.goto(server.url);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
    await connected(page);
    return page;
  };
  const connected = async (page: Page): Promise<void> => {
    for (const name of NAMES) await page.locator(`[data-language=${name}][data-state=connected]`).waitFor();
  };
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { authorization: momento.apiKey, 'content-type': 'text/plain' };
    const answer = await fetch(`${momento.endpoint}${path}`, { method, headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 204);
  };
  /** Publishes messages: neighbours overtake each other, and some come twice. */
  const publish = async (first: number, end: number): Promise<void> => {
    for (let number = first; number < end; number += 2) {
      const numbers = number % 20 === 0 ? [number + 1, number, number] : [number + 1, number];
      for (const each of numbers) {
        await Promise.all(NAMES.map((name) => send('POST', `/topics/${CACHE}/${topicOf(name)}`, message(each, name))));
      }
    }
  };
  /** Keeps the last messages before one, as the function `keep-history` does. */
  const keep = async (end: number): Promise<void> => {
    for (const name of NAMES) {
      const last = Array.from({ length: KEPT }, (_, index) => message(end - KEPT + index, name));
      await send('PUT', `/cache/${CACHE}?key=${topicOf(name)}&ttl_seconds=3600`, last);
    }
  };
  /** Waits until each pane shows exactly the messages from one to before another, each once and in order. */
  const shows = async (page: Page, who: string, first: number, end: number): Promise<void> => {
    for (const name of NAMES) {
      const texts = () => page.locator(`[data-language=${name}] .message .text:not(.original)`).allTextContents();
      // The last message overtakes the one before it, so that both are waited for.
      const last = textsOf(end - 2, end, name);
      const areThere = async () => (isDeepStrictEqual((await texts()).slice(-2), last) ? true : undefined);
      await until(`${last.join(' and ')} at ${who}`, areThere, { timeoutMs: 60_000, everyMs: 50 });
      assert.deepEqual(await texts(), textsOf(first, end, name), who);
    }
  };

  test('shows who was there the newest, who comes in between what was before too, and who comes late the last 100', async () => {
    const half = MESSAGES / 2;
    const early = await reader('Early');
    await publish(0, half);
    await keep(half);
    const between = await reader('Between');
    await shows(between, 'who came in between', half - KEPT, half);
    await publish(half, MESSAGES);
    await keep(MESSAGES);
    await shows(early, 'who was there', MESSAGES - MOST, MESSAGES);
    await shows(between, 'who came in between', MESSAGES - MOST, MESSAGES);

    const late = await reader('Late');
    await shows(late, 'who comes late', MESSAGES - KEPT, MESSAGES);
    for (const [who, page] of Object.entries({ late, early })) {
      await page.reload();
      await connected(page);
      await shows(page, `${who} after a reload`, MESSAGES - KEPT, MESSAGES);
    }
  });
});
