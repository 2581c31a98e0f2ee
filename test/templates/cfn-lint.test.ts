import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RELEASE_BUCKETS } from '../../templates/host';
import { TEMPLATES } from '../../templates/release';
import { GeneratedTemplates } from './generated';

const CFN_LINT = join(__dirname, '../../.venv/bin/cfn-lint');
// The CDK itself makes a function and a rule depend on a role that they refer to anyway.
const REDUNDANT_DEPENDS_ON = 'W3005';

describe('cfn-lint finds nothing, in any region,', () => {
  const templates = new GeneratedTemplates();
  for (const name of TEMPLATES) {
    test(`in ${name}.yaml`, () => {
      const options = ['--ignore-checks', REDUNDANT_DEPENDS_ON, '--regions', ...RELEASE_BUCKETS.regions];
      const { stdout, stderr, status } = spawnSync(CFN_LINT, [...options, '--', templates.path(name)], {
        encoding: 'utf8',
      });
      assert.deepEqual({ stdout, stderr, status }, { stdout: '', stderr: '', status: 0 });
    });
  }
});
