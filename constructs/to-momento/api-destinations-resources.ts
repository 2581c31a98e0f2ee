import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * The function that copies a rotated API key to the connection, and the rules that run it: `ApiKeyRotation.followSecret()`.
 */
export interface FollowRotationResources {
  /**
   * The function. Its log group is its member `logGroup`.
   */
  readonly handler: lambda.Function;

  /**
   * The rule that runs the function when Secrets Manager reports another current version of the secret.
   */
  readonly changeRule: events.Rule;

  /**
   * The rule that runs the function every 15 minutes.
   */
  readonly scheduleRule: events.Rule;
}

/**
 * The resources of `Delivery.apiDestinations()`.
 */
export interface ApiDestinationsResources {
  /**
   * The connection, which holds EventBridge's copy of the API key.
   */
  readonly connection: events.Connection;

  /**
   * The API destinations, by the detail-type of their command.
   */
  readonly destinations: Record<string, events.ApiDestination>;

  /**
   * The role that EventBridge assumes. It may invoke the API destinations, and nothing else.
   */
  readonly role: iam.Role;

  /**
   * The resources of `ApiKeyRotation.followSecret()`.
   *
   * @default - none with another `apiKeyRotation`
   */
  readonly followRotation?: FollowRotationResources;
}
