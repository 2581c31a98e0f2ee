import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

const CFN_LINT = join(__dirname, '../../.venv/bin/cfn-lint');
// The CDK itself makes a function depend on its role's policy and on the role, which the policy depends on anyway.
const REDUNDANT_DEPENDS_ON = 'W3005';

/** Fails if cfn-lint finds anything in the stack's template. */
export function lint(stack: Stack): void {
  const directory = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  try {
    const file = join(directory, 'template.json');
    writeFileSync(file, JSON.stringify(Template.fromStack(stack).toJSON()));
    const options = ['--ignore-checks', REDUNDANT_DEPENDS_ON, '--regions', 'us-east-1'];
    execFileSync(CFN_LINT, [...options, '--', file], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout ?? String(error));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
