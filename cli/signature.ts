import { createHmac } from 'node:crypto';

/** The header that carries the signature. */
export const SIGNATURE_HEADER = 'momento-signature';

/** How webhooks are signed, by the names that the handler's settings have for it. */
export const SIGNATURE_ALGORITHMS = {
  /** What Momento sends. */
  HMAC_SHA3_256: 'sha3-256',
  /** For relays and test senders that have no SHA-3. */
  HMAC_SHA256: 'sha256',
} as const;

/** One of them. */
export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS;

/** Signs the bytes of a body: lowercase hexadecimal. */
export function sign(algorithm: SignatureAlgorithm, signingSecret: string, body: Uint8Array): string {
  return createHmac(SIGNATURE_ALGORITHMS[algorithm], signingSecret).update(body).digest('hex');
}
