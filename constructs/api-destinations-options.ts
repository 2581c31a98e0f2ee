import type { HandlerOptions } from './handler-options';

/**
 * What `Delivery.apiDestinations()` can be told. Every member is optional; those of the handler have a meaning only with
 * `followSecretRotation`.
 */
export interface ApiDestinationsOptions extends HandlerOptions {
  /**
   * Whether a function gives the connection the API key anew when the secret has changed, so that a rotated key needs no
   * deployment. EventBridge keeps a copy of the key in the connection, and by itself never reads the secret again.
   *
   * The function runs when Secrets Manager says that the secret has another current version, and every 15 minutes in case
   * nobody said so.
   *
   * @default false: a rotated key is taken by a deployment with another `apiKeyVersionId`, and by no other
   */
  readonly followSecretRotation?: boolean;
}
