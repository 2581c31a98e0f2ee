import type * as kms from 'aws-cdk-lib/aws-kms';
import type { HandlerOptions } from '../handlers/handler-options';

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

  /**
   * The key that EventBridge's copy of the API key is encrypted with. It needs the tag `EventBridgeApiDestinations` with the
   * value `true`, and a policy that lets whoever deploys and EventBridge's connections use it
   * (https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-connections.html). Neither is added here.
   *
   * @default - a key that AWS owns
   */
  readonly connectionEncryptionKey?: kms.IKey;
}
