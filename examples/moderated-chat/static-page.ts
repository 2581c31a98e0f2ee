import { Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface StaticPageProps {
  /** The folder with the page and its `server.mjs`. */
  readonly folder: string;
  /** What the page reads as `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The URLs that the page may connect to, besides its own. */
  readonly connectTo: readonly string[];
}

/**
 * A page behind a function URL. Its Content-Security-Policy lets it load its own files and connect to the given URLs, and nothing else.
 *
 * Anyone who knows the URL can open the page. For a domain name of your own or a cache, put Amazon CloudFront in front of it.
 */
export class StaticPage extends Construct {
  /** Where the page is. */
  public readonly url: string;

  public constructor(scope: Construct, id: string, { folder, config, connectTo }: StaticPageProps) {
    super(scope, id);
    const server = new lambda.Function(this, 'Server', {
      description: 'Serves the page',
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'server.handler',
      code: lambda.Code.fromAsset(folder),
      timeout: Duration.seconds(5),
      logGroup: new logs.LogGroup(this, 'Log', { retention: logs.RetentionDays.ONE_MONTH }),
      environment: { CONFIG: Stack.of(this).toJsonString(config), CONNECT_TO: connectTo.join(' ') },
    });
    this.url = server.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;
  }
}
