import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { unzipSync } from 'fflate';
import { ASSETS } from '../../scripts/handler/manifest';

/** Unpacks the executable of a zip for as long as a test runs, and says where it is. */
export function unpackBootstrap(context: TestContext, zip: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'handler-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const { bootstrap = assert.fail(`${zip} has no bootstrap`) } = unzipSync(readFileSync(join(ASSETS, zip)));
  const path = join(folder, 'bootstrap');
  writeFileSync(path, bootstrap, { mode: 0o755 });
  return path;
}
