/**
 * The algorithm of a webhook's signature.
 */
export enum SignatureAlgorithm {
  /**
   * HMAC with SHA3-256: what Momento signs with.
   */
  HMAC_SHA3_256 = 'HMAC_SHA3_256',

  /**
   * HMAC with SHA-256: for a relay or a test sender without SHA3. Requests of Momento itself are rejected.
   */
  HMAC_SHA256 = 'HMAC_SHA256',
}
