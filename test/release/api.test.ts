import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { entryPoint, linkAssemblies } from '../../scripts/api';

describe('the reference of an entry point that jsii does not know', () => {
  const directory = mkdtempSync(join(tmpdir(), 'api-test-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const reference = (declarations: string): string => {
    const file = join(directory, 'index.d.ts');
    writeFileSync(file, declarations);
    return entryPoint('package/entry', file);
  };

  test('has the documentation and the declaration of each export, and of nothing else', () => {
    assert.equal(
      reference(
        [
          '/** What it is for. */',
          '/** A shape. */\nexport interface Shape {\n    /** In metres. */\n    readonly side: number;\n}',
          '/** Draws. */\nexport declare const draw: (shape: Shape) => Hidden;',
          '/** Hidden. */\ntype Hidden = string;\nexport {};',
        ].join('\n'),
      ),
      [
        '## Entry point `package/entry`\n\nWhat it is for.',
        '### Shape\n\nA shape.',
        '```typescript\ninterface Shape {\n    /** In metres. */\n    readonly side: number;\n}\n```',
        '### draw\n\nDraws.',
        '```typescript\nconst draw: (shape: Shape) => Hidden;\n```',
      ].join('\n\n'),
    );
  });

  test('fails for an export without documentation, and without declarations', () => {
    assert.throws(() => reference('export type Bare = string;'), /package\/entry: Bare has no documentation/);
    assert.throws(() => entryPoint('package/entry', join(directory, 'none.d.ts')), /run 'npm run build' first/);
  });
});

test('what jsii-docgen searches has aws-cdk-lib, and no link back to the repository', () => {
  const directory = mkdtempSync(join(tmpdir(), 'api-test-'));
  try {
    linkAssemblies(directory);
    const modules = join(directory, 'node_modules');
    assert.ok(readdirSync(modules).includes('aws-cdk-lib'));
    const targets = readdirSync(modules).map((name) => realpathSync(join(modules, name)));
    assert.ok(!targets.includes(resolve(__dirname, '../..')), targets.join(', '));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
