import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { transformSync } from 'esbuild';

test('the lines of docs/eventbridge-to-momento.md deploy the way to Momento', () => {
  const text = readFileSync(join(__dirname, '../../docs/eventbridge-to-momento.md'), 'utf8');
  const snippet = /<!-- snippet: to-momento -->\s+```ts\n([^]*?)```/.exec(text)?.[1];
  assert.ok(snippet);
  assert.equal(snippet.trim().split('\n').length, 11);
  const { code } = transformSync(`${snippet}\nexport { stack };`, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as { stack: Stack } };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('require', 'module', code)(createRequire(__filename), module);
  Template.fromStack(module.exports.stack).resourceCountIs('AWS::Events::ApiDestination', 3);
});
