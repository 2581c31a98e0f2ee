import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(__dirname, '../..');

/** The features of each crate that a workspace depends on, by name and version. */
function featuresIn(workspace: string, ...options: string[]): Map<string, string> {
  const shown = ['--locked', '--prefix', 'none', '--format', '{p} [{f}]', ...options];
  const lines = execFileSync('cargo', ['tree', ...shown], { cwd: join(ROOT, workspace), encoding: 'utf8' }).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, crate, features] = /^(\S+ v\S+) (?:\(\*\) )?\[(.*)\]/.exec(line) ?? [];
      return crate !== undefined && features !== undefined ? [[crate, features] as const] : [];
    }),
  );
}

const nameOf = (crate: string) => crate.split(' ')[0] ?? crate;

// Cargo compiles a crate again for every other version and every other choice of features, and the AWS SDK takes a minute of CPU.
describe('what the handlers depend on is compiled once', () => {
  const handlers = featuresIn('.', '--package', 'cdk-momento-eventbridge-handler', '--edges', 'normal,no-proc-macro');
  const tested = featuresIn('.', '--workspace', '--edges', 'normal,dev,no-proc-macro');

  const others: [string, Map<string, string>][] = [
    ['the examples', featuresIn('examples', '--workspace', '--edges', 'normal,dev,no-proc-macro')],
    ['the demo', featuresIn('tools', '--package', 'demo', '--edges', 'normal,no-proc-macro')],
  ];
  for (const [name, other] of others) {
    test(`for their tests and ${name}`, () => {
      const names = new Set([...other.keys()].map(nameOf));
      const shared = [...handlers.keys()].filter((crate) => names.has(nameOf(crate)));
      const sharedNames = shared.map(nameOf);
      for (const crate of ['tokio', 'aws-smithy-runtime', 'aws-sdk-eventbridge'])
        assert.ok(sharedNames.includes(crate));
      const features = (workspace: Map<string, string>) =>
        Object.fromEntries(shared.map((crate) => [crate, workspace.get(crate) ?? 'not in this version']));
      assert.deepEqual(features(other), features(tested));
    });
  }
});
