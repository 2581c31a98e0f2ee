import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { cfnLint } from '../cfn-lint';

/** Fails if cfn-lint finds anything in the templates of these stacks. */
export function lint(...stacks: readonly Stack[]): void {
  assert.deepEqual(
    findingsOfCfnLint(stacks),
    stacks.map(() => []),
  );
}

/** What cfn-lint finds in the template of each stack. */
export function findingsOfCfnLint(stacks: readonly Stack[]): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  try {
    const files = stacks.map((stack, index) => {
      const file = join(directory, `${index.toString()}.json`);
      writeFileSync(file, JSON.stringify(Template.fromStack(stack).toJSON()));
      return file;
    });
    const findings = cfnLint(files);
    return files.map((file) => findings.get(file) ?? []);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
