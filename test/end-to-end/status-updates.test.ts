/** The state machine of the manual, word for word: its status updates reach the topic. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { transformSync } from 'esbuild';
import { until } from '../../tools/common/until';
import { ToMomento } from './to-momento';

const MANUAL = readFileSync(join(__dirname, '../../docs/eventbridge-to-momento.md'), 'utf8');

/** Creates the state machine, and the rule that starts it, in a stack, by the manual's own code. */
function runSnippet(stack: Stack): void {
  const [, snippet = ''] = /### From Step Functions\n.*?```ts\n(.*?)```/s.exec(MANUAL) ?? [];
  const { code } = transformSync(snippet, { loader: 'ts', format: 'cjs' });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('require', 'stack', code)(createRequire(__filename), stack);
}

describe('deployed, the state machine of the manual', () => {
  let toMomento: ToMomento;
  before(async () => {
    toMomento = await ToMomento.deploy('API destination', ['orders'], {
      extend: (construct) => {
        runSnippet(Stack.of(construct));
      },
    });
  });
  after(() => toMomento.stop());

  test('publishes each status to the topic of the order', async () => {
    await toMomento.put({ detailType: 'OrderPlaced', detail: { id: '17' } });
    const messages = await until('both status updates', async () => {
      const all = await toMomento.momento.messages('orders', 'order-17');
      return all.length >= 2 ? all : undefined;
    });
    assert.deepEqual(messages.map(({ value }) => value).sort(), ['"packing"', '"shipped"']);
    assert.deepEqual(await toMomento.deadLetters(1, 150), []);
  });
});
