import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { CACHE, TOPIC } from '../../examples/dynamodb-write-through/dynamodb-write-through-stack';
import { LocalDynamoDbWriteThrough } from '../../tools/run-example/dynamodb-write-through/run';
import { PageServer } from '../../tools/run-example/page-server';
import { startChromium } from './chromium';
import { checkAccessibility, faultsOf } from './page-checks';

const NAME = 'dynamodb-write-through';

describe('the page of the example dynamodb-write-through, deployed', () => {
  let example: LocalDynamoDbWriteThrough;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  before(async () => {
    [example, browser] = await Promise.all([LocalDynamoDbWriteThrough.start(), startChromium()]);
  });
  after(async () => {
    await browser.close();
    await example.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 640 } });
    faults = faultsOf(page);
  });
  afterEach(() => page.close());

  const open = async (): Promise<void> => {
    await page.goto(example.url);
    await page.getByText('Connected').waitFor();
  };
  const item = (location: string): Locator => page.locator('#items tr', { hasText: location });
  const change = (kind: string, location: string): Locator =>
    page.locator(`#changes [data-change=${kind}]`, { hasText: location }).first();
  const fill = async (values: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(values)) await page.getByLabel(label).fill(value);
  };
  const write = async (values: Readonly<Record<string, string>>): Promise<void> => {
    await fill(values);
    await page.getByRole('button', { name: 'Write' }).click();
  };
  const hasFocus = async (target: Locator): Promise<boolean> => (await target.and(page.locator(':focus')).count()) > 0;
  /** Presses Tab until the focus is there: as somebody does who has no mouse. */
  const tabTo = async (target: Locator): Promise<void> => {
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press('Tab');
      if (await hasFocus(target)) return;
    }
    assert.fail(`30 times Tab, and ${String(target)} has no focus`);
  };

  test('writes, updates and deletes with the keyboard alone, and shows what the cache has and what the topic says', async () => {
    await open();
    await page.getByText('Nothing is cached').waitFor();

    await tabTo(page.getByLabel('Location'));
    await page.keyboard.type('Oslo "N" \\ 50 % ø');
    await page.keyboard.press('Enter');
    await page.getByText(/is in the cache after \d+ ms/).waitFor();
    await change('INSERT', 'Oslo "N" \\ 50 % ø').waitFor();
    assert.match((await item('Oslo').innerText()).replace(/\s+/g, ' '), /^Oslo "N" \\ 50 % ø 3 -7\.5 80 \d+ s /);

    await tabTo(page.getByRole('button', { name: 'Edit Oslo' }));
    await page.keyboard.press('Enter');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('4.25');
    await page.keyboard.press('Enter');
    await change('MODIFY', 'Oslo').waitFor();
    await item('Oslo').getByText('4.25', { exact: true }).waitFor();
    assert.match(await change('MODIFY', 'Oslo').innerText(), /"MaxTemp": 4\.25/);

    await tabTo(page.getByRole('button', { name: 'Delete Oslo' }));
    await page.keyboard.press('Enter');
    await page.getByText(/is gone from the cache after \d+ ms/).waitFor();
    await change('REMOVE', 'Oslo').waitFor();
    await page.getByText('Nothing is cached').waitFor();
    assert.ok(await hasFocus(page.getByLabel('Location')));
    assert.deepEqual(faults, []);
  });

  test('is within WCAG 2.2 AA at each width, light and dark, and shows the items again after a reload', async () => {
    await open();
    await write({ Location: 'Tromsø', 'Highest, °C': '-1', 'Lowest, °C': '-9', 'Chance of rain, %': '20' });
    await page.getByText('Tromsø is in the cache').waitFor();
    await write({ Location: 'Bergen', 'Highest, °C': '8', 'Lowest, °C': '5', 'Chance of rain, %': '95' });
    await page.getByText('Bergen is in the cache').waitFor();
    await page.getByRole('button', { name: 'Delete Tromsø' }).click();
    await change('REMOVE', 'Tromsø').waitFor();
    await write({ Location: 'Oslo', 'Highest, °C': '3', 'Lowest, °C': '-7.5', 'Chance of rain, %': '80' });
    await page.getByText('Oslo is in the cache').waitFor();
    await change('INSERT', 'Oslo').waitFor();
    if (process.env.SCREENSHOT) {
      const path = join(__dirname, '../../examples', NAME, 'screenshot.png');
      await page.screenshot({ path, animations: 'disabled' });
    }
    await write({ Location: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch' });
    await page.getByText('gogogoch is in the cache').waitFor();
    await checkAccessibility(page);
    // A card hides what does not fit into it.
    await page.setViewportSize({ width: 390, height: 800 });
    assert.equal(await page.locator('form').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);

    await page.reload();
    await item('Bergen').getByText('95', { exact: true }).waitFor();
    await item('Oslo').getByText('-7.5', { exact: true }).waitFor();
    assert.deepEqual(faults, []);
  });

  test('says what the function behind it refuses, and what Momento does', async () => {
    await open();
    await write({ Location: '   ' });
    await page.getByText('was not changed: Location must have 1 to 64 characters').waitFor();

    await example.momento.inject({ method: 'GET', targetPrefix: '/cache/', kind: 'answer', status: 429 });
    await write({ Location: 'Alta' });
    await page.getByText('Alta was changed in the table, but the cache cannot be read: Momento answered 429').waitFor();
    await example.momento.clearFaults();
    await example.momento.inject({ method: 'GET', targetPrefix: '/topics/', kind: 'answer', status: 500 });
    await page.reload();
    await page.getByText('Reconnecting: Momento answered 500').waitFor();
    await example.momento.clearFaults();
    await page.getByText('Connected').waitFor();
  });

  test('says that its configuration is missing', async () => {
    const server = await PageServer.start(NAME, {}, []);
    await page.goto(server.url);
    await page.getByText('config.json, beside this page, is missing or invalid').waitFor();
    server.stop();
  });

  test('has a function behind it that refuses what is not weather, and tokens that only read', async () => {
    const config = JSON.parse(example.outputs.get('PageConfig')) as Record<string, string>;
    const api = example.aws.functionUrl(config.api ?? '');
    const ask = async (method: string, path: string, body?: object | string): Promise<string> => {
      const answer = await fetch(api + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return `${answer.status.toString()} ${await answer.text()}`;
    };
    const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
    const weather = { MaxTemp: 1, MinTemp: 0, ChancesOfPrecipitation: 2, TTL: inSeconds(60) };
    const put = (body: object | string) => ask('PUT', 'items?Location=Oslo', body);
    assert.match(await put('{'), /^400 .*must be JSON/);
    assert.match(await put('null'), /^400 .*MaxTemp must be a number/);
    assert.match(await put({ ...weather, MinTemp: '0' }), /^400 .*MinTemp must be a number/);
    assert.match(await put({ ...weather, TTL: inSeconds(-1) }), /^400 .*TTL must be/);
    assert.match(await put({ ...weather, TTL: inSeconds(90_000) }), /^400 .*TTL must be/);
    assert.match(await ask('PUT', `items?Location=${'x'.repeat(65)}`, weather), /^400 .*Location must have/);
    assert.match(await ask('POST', 'items?Location=Oslo', weather), /^405 /);
    assert.match(await ask('GET', 'elsewhere'), /^404 /);

    const { token, expiresAt } = JSON.parse((await ask('POST', 'token')).slice(4)) as {
      token: string;
      expiresAt: number;
    };
    assert.ok(expiresAt > inSeconds(0) && expiresAt <= inSeconds(600));
    const momento = async (method: string, path: string) => {
      const body = method === 'GET' ? {} : { body: 'text' };
      return (
        await fetch(`${example.momento.endpoint}/${path}`, { method, headers: { authorization: token }, ...body })
      ).status;
    };
    assert.equal(await momento('GET', `cache/${CACHE}?key=missing`), 404);
    assert.equal(await momento('PUT', `cache/${CACHE}?key=missing&ttl_seconds=60`), 403);
    assert.equal(await momento('POST', `topics/${CACHE}/${TOPIC}`), 403);
  });

  // Last, because Momento's clock goes forward.
  test('shows that an item has expired, by itself', async () => {
    await page.clock.install();
    await open();
    await write({ Location: 'Hammerfest', 'Expires after, seconds': '120' });
    await item('Hammerfest').waitFor();
    // The page's clock first: a look that is on its way when Momento forgets the item must know why.
    await page.clock.fastForward(121_000);
    await example.momento.advanceClock(121_000);
    await change('EXPIRED', 'Hammerfest').waitFor();
    await item('Hammerfest').waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
  });
});
