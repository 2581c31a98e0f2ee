// Checks the signature vectors, which Python made, against Node's own HMAC: two implementations that agree.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const vectors = JSON.parse(readFileSync(new URL('signatures.json', import.meta.url), 'utf8'));
assert.ok(vectors.length > 0, 'there are no vectors');
for (const { name, secret, bodyHex, hmacSha3_256, hmacSha256 } of vectors) {
  const hmac = (hash) => createHmac(hash, secret).update(Buffer.from(bodyHex, 'hex')).digest('hex');
  assert.equal(hmac('sha3-256'), hmacSha3_256, name);
  assert.equal(hmac('sha256'), hmacSha256, name);
}
console.log(`${vectors.length} signature vectors agree`);
