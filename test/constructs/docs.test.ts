import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { transformSync } from 'esbuild';
import { withUnbuiltHandlers } from '../examples/unbuilt-handlers';

/** The lines of a document that are marked as this snippet. */
function snippetOf(document: string, name: string): string {
  const text = readFileSync(join(__dirname, '../../docs', document), 'utf8');
  const snippet = new RegExp(`<!-- snippet: ${name} -->\\s+\`\`\`ts\\n([^]*?)\`\`\``).exec(text)?.[1];
  assert.ok(snippet);
  return snippet;
}

/** The template of the stack that a snippet makes. */
function templateOf(snippet: string): Template {
  const { code } = transformSync(`${snippet}\nexport { stack };`, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as { stack: Stack } };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  withUnbuiltHandlers(() => new Function('require', 'module', code)(createRequire(__filename), module) as unknown);
  return Template.fromStack(module.exports.stack);
}

test('the lines of docs/eventbridge-to-momento.md deploy the way to Momento', () => {
  const snippet = snippetOf('eventbridge-to-momento.md', 'to-momento');
  assert.equal(snippet.trim().split('\n').length, 11);
  templateOf(snippet).resourceCountIs('AWS::Events::ApiDestination', 3);
});

test('the lines of docs/dynamodb-to-momento.md deploy a cache that follows a table', () => {
  templateOf(snippetOf('dynamodb-to-momento.md', 'dynamodb-to-momento')).resourceCountIs('AWS::Pipes::Pipe', 1);
});
