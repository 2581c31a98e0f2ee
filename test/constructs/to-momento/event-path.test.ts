import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { checkEventPath } from '../../../constructs/to-momento/event-path';

interface Vectors {
  readonly paths: readonly { readonly path: string; readonly isPath: boolean }[];
}

const { paths } = JSON.parse(readFileSync(join(__dirname, '../../vectors/event-paths.json'), 'utf8')) as Vectors;

test('an invalid path in an event is refused at synth, as the handler would refuse it, and every valid one is taken', () => {
  const stack = new Stack();
  for (const { path, isPath } of paths) {
    const check = () => {
      checkEventPath(stack, 'command.key', path);
    };
    if (isPath) check();
    else assert.throws(check, /command\.key must have paths in the event, got "/, path);
  }
});
