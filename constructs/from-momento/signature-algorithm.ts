/**
 * The keyed hash that a webhook request is signed with.
 */
export enum SignatureAlgorithm {
  /**
   * HMAC with SHA3-256: what Momento signs with.
   */
  HMAC_SHA3_256 = 'HMAC_SHA3_256',

  /**
   * HMAC with SHA-256: for a relay or a test sender of your own that has no SHA3. Momento's own requests are refused.
   */
  HMAC_SHA256 = 'HMAC_SHA256',
}
