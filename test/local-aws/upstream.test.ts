/** That we know of each rule of the local AWS where it is from, and can show ministack what is wrong. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';

const LOCAL_AWS = join(__dirname, '../../tools/local-aws');
const PYTHON = join(__dirname, '../../.venv/bin/python');
const EVIDENCE = ['record', 'documentation', 'inference'];

const read = (file: string) => readFileSync(join(LOCAL_AWS, file), 'utf8');
const modulesIn = (folder: string) =>
  readdirSync(join(LOCAL_AWS, folder))
    .filter((file) => file.endsWith('.py') && file !== '__init__.py')
    .map((file) => file.replace(/\.py$/, ''))
    .sort();

const FIXES = modulesIn('emulator/fixes');

/** The rows of the tables in aws-behaviour.md. */
const RULES = [...read('aws-behaviour.md').matchAll(/^\| `([-\w]+)` +\|(.*)\|$/gm)].map(([, id = '', cells = '']) => {
  const [rule = '', evidence = '', source = '', checked = ''] = cells.split(' | ').map((cell) => cell.trim());
  return { id, rule, evidence, source, checked };
});

describe('each fix of ministack', () => {
  test('is applied, and has a report for ministack', () => {
    const applied = [...read('emulator/fixes/__init__.py').matchAll(/^ {4}(\w+)\.apply\(\)$/gm)];
    assert.deepEqual(applied.map(([, name]) => name).sort(), FIXES);
    assert.deepEqual(modulesIn('upstream/reports'), FIXES);
  });

  test('has a rule in aws-behaviour.md, and each rule its evidence, source and date', () => {
    const named = new Set(RULES.map(({ id }) => id));
    assert.deepEqual(
      FIXES.filter((fix) => !named.has(fix)),
      [],
    );
    for (const { id, rule, evidence, source, checked } of RULES) {
      // The name of a module has an underscore where that of a rule of ministack's own has a hyphen.
      assert.ok(FIXES.includes(id) || !id.includes('_'), `there is no fix ${id}`);
      assert.ok(rule && source, id);
      assert.ok(EVIDENCE.includes(evidence), `${id}: ${evidence}`);
      assert.match(checked, /^20\d\d-\d\d-\d\d$/, id);
    }
  });

  test('is in the README with the evidence that aws-behaviour.md has for its rules', () => {
    for (const evidence of EVIDENCE) {
      const item = new RegExp(`^- \\*\\*By ${evidence}\\*\\*:([^]*?)\\.$(?!\\n {2})`, 'm').exec(read('README.md'))?.[1];
      const listed = [...(item ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
      const fixes = RULES.filter((rule) => rule.evidence === evidence && FIXES.includes(rule.id)).map(({ id }) => id);
      assert.deepEqual(listed, [...new Set(fixes)].sort(), evidence);
    }
  });

  test('is still needed, and makes ministack do what its report says that AWS does', async () => {
    const { stdout } = await promisify(execFile)(PYTHON, ['-m', 'upstream'], { cwd: LOCAL_AWS }).catch(
      (error: unknown) => assert.fail((error as { stdout?: string }).stdout ?? String(error)),
    );
    assert.match(stdout, new RegExp(`^${FIXES.length.toString()} reproductions$`, 'm'));
  });
});

describe('the emulator', () => {
  test('knows the protocol of each service that is used here as botocore does, without loading it', async () => {
    const services = ['dynamodb', 'events', 'iam', 'lambda', 'logs', 'monitoring', 's3', 'sqs', 'states', 'unknown'];
    const script = `
import json, sys
from ministack.core import responses
theirs = responses._service_model
from emulator.service_metadata import read_no_more_of_models, service_model
read_no_more_of_models()
assert responses._service_model is service_model
metadata_of = lambda model: model and dict(model.metadata)
ours = [metadata_of(responses._service_model(name)) for name in sys.argv[1:]]
is_loaded = "botocore" in sys.modules
print(json.dumps({"ours": ours, "theirs": [metadata_of(theirs(name)) for name in sys.argv[1:]], "isLoaded": is_loaded}))`;
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', script, ...services], { cwd: LOCAL_AWS });
    const { ours, theirs, isLoaded } = JSON.parse(stdout) as { ours: unknown[]; theirs: unknown[]; isLoaded: boolean };
    assert.deepEqual(ours, theirs);
    assert.equal(ours.filter((metadata) => metadata !== null).length, services.length - 1);
    assert.equal(isLoaded, false);
  });
});
