import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/**
 * Compares a stack's template with the one in `snapshots/`, so that nothing changes there unnoticed. Where the change is
 * meant, `UPDATE_SNAPSHOTS=1` writes it again.
 */
export function checkSnapshot(name: string, stack: Stack): void {
  const file = join(__dirname, 'snapshots', `${name}.json`);
  // The hash of an asset is that of its contents, which are not the template's concern.
  const text = JSON.stringify(Template.fromStack(stack).toJSON(), undefined, 2).replace(/\b[0-9a-f]{64}\b/g, 'ASSET');
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, `${text}\n`);
  assert.ok(existsSync(file), `${file} is missing: UPDATE_SNAPSHOTS=1 writes it`);
  assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(file, 'utf8')));
}
