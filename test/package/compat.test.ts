import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { breakingChanges, mayBreak } from '../../scripts/compat';

const ROOT = join(__dirname, '../..');
const CLASS = 'cdk-momento-eventbridge.MomentoWebhookToEventBridge';
/** A method that the class itself has, not its base class. */
const METHOD = 'grantWriteSigningSecret';

describe('a comparison with another version', () => {
  const older = mkdtempSync(join(tmpdir(), 'older-'));
  after(() => {
    rmSync(older, { recursive: true });
  });

  /** A version that had what this has, and with other methods in one class. */
  function versionWith(change: (names: { name: string }[]) => { name: string }[]): string {
    cpSync(join(ROOT, 'package.json'), join(older, 'package.json'));
    rmSync(join(older, 'node_modules'), { force: true });
    symlinkSync(join(ROOT, 'node_modules'), join(older, 'node_modules'));
    const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as {
      types: Record<string, { methods: { name: string }[] } | undefined>;
    };
    const type = assembly.types[CLASS];
    assert.ok(type);
    assert.ok(type.methods.some(({ name }) => name === METHOD));
    type.methods = change(type.methods);
    writeFileSync(join(older, '.jsii'), JSON.stringify(assembly));
    return older;
  }

  test('reports a method that is gone', () => {
    const original = versionWith((methods) => [
      ...methods,
      ...methods.filter(({ name }) => name === METHOD).map((method) => ({ ...method, name: 'onNothing' })),
    ]);
    assert.match(breakingChanges(original) ?? '', new RegExp(`METHOD ${CLASS}.onNothing: has been removed`));
  });

  test('accepts a new method', () => {
    const original = versionWith((methods) => methods.filter(({ name }) => name !== METHOD));
    assert.equal(breakingChanges(original), undefined);
  });

  test('that does not exist fails', () => {
    assert.throws(() => breakingChanges(join(older, 'nothing')), /jsii-diff failed/);
  });
});

test('a version breaks by its major number, and by its minor number while that is 0', () => {
  assert.deepEqual(
    [
      mayBreak('1.2.3', '2.0.0'),
      mayBreak('0.1.0', '0.2.0'),
      mayBreak('0.9.0', '1.0.0'),
      mayBreak('1.2.3', '1.3.0'),
      mayBreak('0.1.0', '0.1.1'),
    ],
    [true, true, true, false, false],
  );
});
