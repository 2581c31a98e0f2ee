import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiKeyProblem } from '../../cli/api-key-document';

// As handler/src/momento/api_key.rs reads them.
void describe('a document with an API key', () => {
  const documents: [string, string | undefined, ReturnType<typeof apiKeyProblem>][] = [
    ['eyJhcGlfa2V5Ijoi', undefined, undefined],
    [' eyJhcGlfa2V5Ijoi\n', undefined, undefined],
    ['\u00a0key\u2003', undefined, undefined],
    ['', undefined, 'EMPTY'],
    [' \r\n', undefined, 'EMPTY'],
    ['two words', undefined, 'UNSENDABLE'],
    ['clé', undefined, 'UNSENDABLE'],
    ['\ufeffkey', undefined, 'UNSENDABLE'],
    ['key\u0000', undefined, 'UNSENDABLE'],
    ['{"key":"abc"}', undefined, 'WHICH_FIELD'],
    ['\n {', undefined, 'WHICH_FIELD'],
    ['{"key":" abc\\n"}', 'key', undefined],
    ['{"key":"abc","key":"a b"}', 'key', 'UNSENDABLE'],
    ['{"key":""}', 'key', 'EMPTY'],
    ['{"key":1}', 'key', 'NO_FIELD'],
    ['{"other":"abc"}', 'key', 'NO_FIELD'],
    ['{"other":"abc"}', 'toString', 'NO_FIELD'],
    ['["abc"]', 'key', 'NOT_AN_OBJECT'],
    ['abc', 'key', 'NOT_AN_OBJECT'],
  ];
  for (const [document, field, problem] of documents) {
    void it(`${JSON.stringify(document)}, field ${field ?? 'none'}: ${problem ?? 'valid'}`, () => {
      assert.equal(apiKeyProblem(document, field), problem);
    });
  }
});
