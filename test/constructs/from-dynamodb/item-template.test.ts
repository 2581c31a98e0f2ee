import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Aws } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { isMalformedJson } from '../../../constructs/common/text-template';
import { Cached, KEY } from './cached';

interface Vector {
  readonly template: string;
  readonly kind: 'json' | 'malformed' | 'text';
}

const VECTORS = JSON.parse(readFileSync(join(__dirname, '../../vectors/value-templates.json'), 'utf8')) as Vector[];

const warnings = (value: string): string[] =>
  Annotations.fromStack(new Cached({ cacheItem: { ...KEY, value } }).stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => entry.data as string);

describe('a value template', () => {
  test('that begins like JSON but is not JSON is told from one that is, and from a text, as the handler tells them', () => {
    for (const { template, kind } of VECTORS) {
      assert.equal(isMalformedJson(template), kind === 'malformed', template);
    }
  });

  test('that begins like JSON but is not JSON has a warning that it is treated as a text', () => {
    const [warning, ...more] = warnings('{{"name":"{Name}","n":{N},}}');
    assert.match(
      warning ?? '',
      /^cacheItem\.value begins like JSON, but is not JSON: .* not escaped\. Correct the JSON/,
    );
    assert.deepEqual(more, []);
  });

  test('that is JSON, or a text, or known only at deployment has no warning', () => {
    for (const value of ['{{"name":"{Name}","n":{N}}}', '{Min} to {Max}', `{{"region":"${Aws.REGION}",}}`]) {
      assert.deepEqual(warnings(value), [], value);
    }
  });

  test('that reads as an attribute with quotes or spaces in its name has a warning that says how to write braces', () => {
    for (const [value, name] of [
      ['{"n":1}', '"\\"n\\":1"'],
      ['{ Max } degrees', '" Max "'],
    ] as const) {
      const [warning, ...more] = warnings(value);
      assert.ok(warning?.startsWith(`cacheItem.value names an attribute ${name}.`), warning);
      assert.match(warning ?? '', /Write {{ and }} for literal braces/);
      assert.deepEqual(more, []);
    }
  });
});
