import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { RELEASE_BUCKETS } from '../../templates/host';
import { TEMPLATES } from '../../templates/release';
import { cfnLint } from '../cfn-lint';
import { GeneratedTemplates } from './generated';

describe('cfn-lint finds nothing, in any region,', () => {
  const templates = new GeneratedTemplates();
  let findings: ReadonlyMap<string, readonly string[]>;

  before(() => {
    findings = cfnLint(
      TEMPLATES.map((name) => templates.path(name)),
      RELEASE_BUCKETS.regions,
    );
  });

  for (const name of TEMPLATES) {
    test(`in ${name}.yaml`, () => {
      assert.deepEqual(findings.get(templates.path(name)), []);
    });
  }
});
