import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { entryPoint } from '../../scripts/api';

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
