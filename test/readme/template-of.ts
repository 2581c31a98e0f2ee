import { createRequire } from 'node:module';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { transformSync } from 'esbuild';
import { withUnbuiltHandlers } from '../examples/unbuilt-handlers';

/** The template of the constant `stack` that a snippet declares. Runs the snippet. */
export function templateOf(snippet: string): Template {
  const { code } = transformSync(`${snippet}\nexport { stack };`, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as { stack: Stack } };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  withUnbuiltHandlers(() => new Function('require', 'module', code)(createRequire(__filename), module) as unknown);
  return Template.fromStack(module.exports.stack);
}
