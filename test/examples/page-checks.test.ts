import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './chromium';
import { checkAccessibility, faultsOf } from './page-checks';

const LOOK = readFileSync(join(__dirname, '../../examples/dynamodb-write-through/page/base.css'), 'utf8');

/** Everything that the stylesheet has a look for. */
const EVERYTHING = `
  <header><h1>A page</h1><p>What it is for</p></header>
  <main class="columns">
    <section class="card" data-state="connected">
      <div class="bar"><h2>A card</h2><p class="state">Connected</p></div>
      <form>
        <div class="fields">
          <label>Text<input value="Oslo" placeholder="A place" /></label>
          <label>Number<input type="number" placeholder="7" /></label>
          <label>Choice<select><option>one</option></select></label>
        </div>
        <p class="actions"><button>Write</button><button class="quiet" type="button">Read</button>
        <button disabled>Not now</button></p>
        <p class="good">Written</p><p class="bad">Not written</p><p class="faint">Later</p>
      </form>
    </section>
    <section class="card" data-state="lost">
      <div class="bar"><h2>Another</h2><p class="state">Reconnecting</p></div>
      <div class="scroll" tabindex="0" role="region" aria-label="Items">
        <table><thead><tr><th scope="col">Location</th><th scope="col">MaxTemp</th></tr></thead>
        <tbody><tr><th scope="row">Oslo</th><td>3 <span class="badge">INSERT</span></td></tr></tbody></table>
      </div>
      <p><a href="https://example.org">A link</a> and <code>code</code></p>
      <pre><code>{"Location":"${'Llanfairpwllgwyngyll'.repeat(5)}"}</code></pre>
    </section>
  </main>`;

const withLook = (body: string, style = LOOK) =>
  `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A page</title>` +
  `<style>${style}</style>${body}</html>`;

describe('the check of a page', () => {
  let browser: Browser;
  let page: Page;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser.close());
  beforeEach(async () => {
    page = await browser.newPage();
  });
  afterEach(() => page.close());

  test('finds nothing in all that the stylesheet of the examples has a look for', async () => {
    await page.setContent(withLook(EVERYTHING));
    await checkAccessibility(page);
  });

  test('names what is against WCAG, in the width and colours in which it is', async () => {
    const pale = '@media (prefers-color-scheme: dark) and (min-width: 1000px) { .faint { color: #445 } }';
    await page.setContent(withLook(EVERYTHING, LOOK + pale));
    await assert.rejects(checkAccessibility(page), (error: Error) => {
      assert.match(error.message, /at 1280 px, dark: color-contrast .*\n.*<p class="faint">Later<\/p>/);
      assert.doesNotMatch(error.message, /at 390|light/);
      return true;
    });
  });

  test('finds targets that are too small, and what is too wide for a phone', async () => {
    const small = 'button { min-height: 0; padding: 0; height: 10px; width: 10px; overflow: hidden; font-size: 6px }';
    await page.setContent(
      withLook(`${EVERYTHING}<p style="width: 30rem">wide</p>`, `${LOOK}${small} .actions { gap: 0 }`),
    );
    await assert.rejects(checkAccessibility(page), (error: Error) => {
      assert.match(error.message, /at 390 px, light: target-size /);
      assert.match(error.message, /at 390 px, light: the page is \d+ px too wide/);
      assert.doesNotMatch(error.message, /at 820 px, light: the page/);
      return true;
    });
  });

  test('keeps what a Content-Security-Policy refused, and errors of scripts', async () => {
    const faults = faultsOf(page);
    await page.route('http://page.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: { 'content-security-policy': "default-src 'none'; script-src 'self'" },
        body: '<p style="color: red">styled</p><script>inline()</script>',
      }),
    );
    await page.goto('http://page.example/');
    assert.equal(faults.length, 2);
    assert.match(faults.join('\n'), /style/);
    const broken = page.waitForEvent('pageerror');
    await page.evaluate('setTimeout(() => { throw new Error("broken") })');
    await broken;
    assert.match(faults.join('\n'), /broken/);
  });
});
