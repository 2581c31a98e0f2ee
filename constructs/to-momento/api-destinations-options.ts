import type * as kms from 'aws-cdk-lib/aws-kms';
import type { ApiKeyRotation } from './api-key-rotation';

/**
 * Options for `Delivery.apiDestinations()`.
 */
export interface ApiDestinationsOptions {
  /**
   * How the connection takes a rotated API key.
   *
   * @default ApiKeyRotation.onDeployment()
   */
  readonly apiKeyRotation?: ApiKeyRotation;

  /**
   * The key that encrypts EventBridge's copy of the API key. It must have the tag `EventBridgeApiDestinations` with the value
   * `true`, and a policy that lets EventBridge's connections and the deploying role use it
   * (https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-connections.html). The construct adds neither.
   *
   * @default - a key that AWS owns
   */
  readonly connectionEncryptionKey?: kms.IKey;
}
