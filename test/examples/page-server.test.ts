import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PageServer } from '../../tools/run-example/page-server';

const EXAMPLES = join(__dirname, '../../examples');
/** What every example with a page has: anyone who copies one gets a copy that works on its own. */
const SHARED = ['page/base.css', 'page/server.mjs', 'static-page.ts'];

const withPage = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'page/server.mjs')));

for (const file of SHARED) {
  test(`${file} is the same in each example that has a page`, () => {
    const copies = new Map(withPage.map((name) => [name, readFileSync(join(EXAMPLES, name, file), 'utf8')]));
    assert.ok(copies.size > 0);
    for (const [name, copy] of copies) assert.equal(copy, [...copies.values()][0], name);
  });
}

for (const name of withPage) {
  describe(`the server of the page of ${name}`, () => {
    let server: PageServer;
    before(async () => {
      server = await PageServer.start(name, { cache: 'a' }, ['https://one.example', 'https://two.example/']);
    });
    after(() => {
      server.stop();
    });

    test('serves the page, its styles and scripts, and its configuration', async () => {
      for (const [path, type] of [
        ['', 'text/html; charset=utf-8'],
        ['index.html', 'text/html; charset=utf-8'],
        ['base.css', 'text/css; charset=utf-8'],
      ] as const) {
        const answer = await fetch(server.url + path);
        assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type], path);
        const file = join(EXAMPLES, name, 'page', path || 'index.html');
        assert.equal(await answer.text(), readFileSync(file, 'utf8'));
      }
      assert.deepEqual(await (await fetch(`${server.url}config.json`)).json(), { cache: 'a' });
    });

    test('serves nothing else: not itself, nor what is outside of its folder', async () => {
      for (const path of ['server.mjs', '..%2Fpackage.json', '%2e%2e/package.json', 'missing.js', 'page/base.css']) {
        assert.equal((await fetch(server.url + path)).status, 404, path);
      }
    });

    test('lets the page run its own files only, and connect to what it is given only', async () => {
      const { headers } = await fetch(server.url);
      const policy = (headers.get('content-security-policy') ?? '').split('; ');
      assert.ok(policy.includes("default-src 'none'"));
      assert.ok(policy.includes("connect-src 'self' https://one.example https://two.example/"));
      assert.doesNotMatch(policy.join(' '), /unsafe|\*/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    });
  });
}
