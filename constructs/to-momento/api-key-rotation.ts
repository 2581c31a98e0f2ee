import type { HandlerOptions } from '../handlers/handler-options';

/**
 * Options for `ApiKeyRotation.onDeployment()`.
 */
export interface OnDeploymentOptions {
  /**
   * The version of the secret to copy. CloudFormation reads the secret only when the connection changes: to take a rotated
   * key, deploy with the id of its version, which has 32 to 64 characters.
   *
   * @default - the version that is current when the connection is created or changed
   */
  readonly versionId?: string;
}

/** What an `ApiKeyRotation` comes to: a copy of one version, or a handler with these options. */
export type ApiKeyRotationConfig =
  | { readonly versionId?: string; readonly handlerOptions?: undefined }
  | { readonly versionId?: undefined; readonly handlerOptions: HandlerOptions };

/**
 * How the connection of `Delivery.apiDestinations()` takes a rotated API key. EventBridge keeps a copy of the key in the
 * connection, and never reads the secret again by itself.
 */
export abstract class ApiKeyRotation {
  /**
   * A deployment copies the key, and only another `versionId` copies it again. No code runs.
   *
   * @param options the version to copy
   */
  public static onDeployment(options: OnDeploymentOptions = {}): ApiKeyRotation {
    return new OnDeployment(options);
  }

  /**
   * A function copies the key when Secrets Manager reports another current version, and every 15 minutes in case a report
   * is lost. A rotated key needs no deployment.
   *
   * @param options how the function runs
   */
  public static followSecret(options: HandlerOptions = {}): ApiKeyRotation {
    return new FollowSecret(options);
  }

  /**
   * Called by the delivery that the rotation is given to.
   *
   * @internal
   */
  public abstract _bind(): ApiKeyRotationConfig;
}

class OnDeployment extends ApiKeyRotation {
  public constructor(private readonly options: OnDeploymentOptions) {
    super();
  }

  /** @internal */
  public _bind(): ApiKeyRotationConfig {
    return { versionId: this.options.versionId };
  }
}

class FollowSecret extends ApiKeyRotation {
  public constructor(private readonly options: HandlerOptions) {
    super();
  }

  /** @internal */
  public _bind(): ApiKeyRotationConfig {
    return { handlerOptions: this.options };
  }
}
