import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pickSigningSecret, readSigningSecrets, type SigningSecrets } from '../../cli/secret-document';

interface Vector extends SigningSecrets {
  readonly name: string;
  readonly document: string;
}

const vectors = JSON.parse(readFileSync(join(__dirname, '../vectors/secret-documents.json'), 'utf8')) as Vector[];

void describe("the command line reads a secret's document as the handler does:", () => {
  for (const { name, document, ...expected } of vectors) {
    void it(name, () => {
      assert.deepEqual(readSigningSecrets(document), expected);
    });
  }

  void it('there are vectors for every problem', () => {
    assert.deepEqual(
      new Set(vectors.map(({ problem }) => problem)),
      new Set([null, 'EMPTY', 'NOT_A_SECRET', 'NOT_JSON', 'NO_SECRETS', 'TOO_MANY']),
    );
  });
});

void describe('what it signs with', () => {
  const [A, B] = ['0123456789abcdef', 'fedcba9876543210'];
  const pick = (document: unknown, webhook?: string): string =>
    pickSigningSecret(readSigningSecrets(JSON.stringify(document)), webhook);

  void it('is the only usable member, whatever is left out beside it', () => {
    assert.equal(pick({ chat: A, version: 2 }), A);
    assert.equal(pick({ secret: A, webhookName: 'webhook-of-production', cacheName: 'chat-of-production' }), A);
  });

  void it('is the member that is named', () => {
    assert.equal(pick({ chat: A, orders: B }, 'orders'), B);
  });

  void it('never shows in a message', () => {
    const documents = [{ chat: A, orders: B }, { chat: A.slice(1) }, { chat: [A] }, { secret: `${A}\n`, other: B }];
    for (const document of documents) {
      for (const webhook of [undefined, 'chat', 'nobody']) {
        try {
          pick(document, webhook);
        } catch (error) {
          assert.doesNotMatch(String(error), /123456|fedcba/);
        }
      }
    }
  });
});
