import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, CliCredentialsStackSynthesizer, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AssetManifestArtifact } from 'aws-cdk-lib/cx-api';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  ApiKeyRotation,
  CacheItemTtl,
  Delivery,
  DynamoDbToMomento,
  EventBridgeToMomento,
  MomentoEndpoint,
  MomentoWebhookToEventBridge,
  ReplayProtection,
} from 'cdk-momento-eventbridge';
import { ECHO_CODE } from './echo';
import { RETRY_ATTEMPTS, SOURCES, TABLE } from './stack-facts';

/** The architecture of the handlers, as Lambda names it. */
export type ArchitectureName = 'arm64' | 'x86_64';

/** What the stack is made for. */
export interface StackPlan {
  /** That of the run, and so of the stack and of the bucket that the code is uploaded to. */
  readonly name: string;
  readonly region: string;
  readonly architecture: ArchitectureName;
  /** The endpoint of a local AWS, which function URLs are reached at. Nothing on AWS. */
  readonly localEndpoint?: string;
}

/** How the stack can differ from what it is at first. */
export interface StackVariant {
  /** The webhook's handler is denied the bus. */
  readonly withoutBus?: boolean;
  /** The construct `Old` has the id `New` instead. */
  readonly renamed?: boolean;
}

/** A template with what it needs, ready to be uploaded. */
export interface SynthesizedStack {
  readonly templateKey: string;
  readonly files: readonly { readonly key: string; readonly path: string }[];
}

/** Writes the template of the stack, and the list of its files, to a directory. */
export function synthesize(plan: StackPlan, variant: StackVariant, outdir: string): SynthesizedStack {
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  new VerifyStack(app, plan, variant);
  const { artifacts } = app.synth();
  const [manifest] = artifacts.filter((artifact) => AssetManifestArtifact.isAssetManifestArtifact(artifact));
  const listed = Object.values(manifest?.contents.files ?? {});
  const files = listed.flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }) => ({ key: objectKey, path: join(outdir, source.path ?? '') })),
  );
  const template = files.find(({ path }) => path.endsWith('.template.json'));
  if (!template) throw new Error('The stack was synthesized without a template.');
  return { templateKey: template.key, files };
}

/** The bytes of a file of a synthesized stack. */
export function bytesOf({ path }: SynthesizedStack['files'][number]): Uint8Array {
  return readFileSync(path);
}

/** Both directions, with an echo in Momento's place, and a queue that gets what is on the bus. */
class VerifyStack extends Stack {
  public constructor(app: App, plan: StackPlan, variant: StackVariant) {
    super(app, plan.name, {
      description: 'Temporary, of `cdk-momento-eventbridge verify`, which deletes it',
      env: { region: plan.region },
      // The account need not be bootstrapped: the person who runs this uploads and deploys with their own credentials.
      synthesizer: new CliCredentialsStackSynthesizer({ fileAssetsBucketName: plan.name }),
    });
    const architecture = plan.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
    const eventBus = new events.EventBus(this, 'Bus', { eventBusName: plan.name });
    const output = (id: string, value: string) => new CfnOutput(this, id, { value });

    const webhook = new MomentoWebhookToEventBridge(this, 'Webhook', {
      eventBus,
      architecture,
      replayProtection: ReplayProtection.table(),
      outputs: false,
    });
    if (variant.withoutBus) {
      webhook.handler.addToRolePolicy(
        new iam.PolicyStatement({
          effect: iam.Effect.DENY,
          actions: ['events:PutEvents'],
          resources: [eventBus.eventBusArn],
        }),
      );
    }
    // The queues and the secret of this one have to survive that it gets another id.
    new MomentoWebhookToEventBridge(this, variant.renamed ? 'New' : 'Old', {
      eventBus,
      architecture,
      signingSecretRemovalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      outputs: false,
    });
    const seen = new sqs.Queue(this, 'Seen', {
      retentionPeriod: Duration.hours(1),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    webhook.onMessage('AllMessages', { target: new targets.SqsQueue(seen) });

    const echoLog = new logs.LogGroup(this, 'EchoLog', {
      retention: logs.RetentionDays.ONE_DAY,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const echo = new lambda.Function(this, 'Echo', {
      description: "Stands in for Momento's HTTP API",
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: lambda.Code.fromInline(ECHO_CODE),
      logGroup: echoLog,
      timeout: Duration.seconds(10),
    });
    const { url } = echo.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    const endpoint = MomentoEndpoint.custom(reachable(url, plan.localEndpoint));
    const apiKey = new secretsmanager.Secret(this, 'ApiKey', {
      description: 'A made-up Momento API key',
      generateSecretString: { excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const common = { apiKey, endpoint, eventBus, maxEventAge: Duration.minutes(5), outputs: false };
    const byDestination = new EventBridgeToMomento(this, 'ByDestination', {
      ...common,
      sources: [SOURCES.byDestination],
      retryAttempts: RETRY_ATTEMPTS,
      delivery: Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret({ architecture }) }),
    });
    const byFunction = new EventBridgeToMomento(this, 'ByFunction', {
      ...common,
      sources: [SOURCES.byFunction, SOURCES.table],
      delivery: Delivery.lambdaFunction({ architecture }),
    });
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: TABLE.key, type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const changes = new DynamoDbToMomento(this, 'Changes', {
      table,
      momento: byFunction,
      architecture,
      source: SOURCES.table,
      cacheName: TABLE.cache,
      cacheItem: {
        key: `{${TABLE.key}}`,
        value: `{${TABLE.value}}`,
        ttl: CacheItemTtl.duration(Duration.hours(1)),
      },
      filters: [
        lambda.FilterCriteria.filter({
          dynamodb: { Keys: { [TABLE.key]: { S: lambda.FilterRule.beginsWith(TABLE.passes) } } },
        }),
      ],
      outputs: false,
    });

    output('BusName', eventBus.eventBusName);
    output('Url', reachable(webhook.url, plan.localEndpoint));
    output('SigningSecretArn', webhook.signingSecret.secretArn);
    output('HandlerName', webhook.handler.functionName);
    output('HandlerLogName', webhook.logGroup.logGroupName);
    output('Architecture', plan.architecture);
    output('SeenUrl', seen.queueUrl);
    output('EchoName', echo.functionName);
    output('EchoLogName', echoLog.logGroupName);
    output('ApiKeyArn', apiKey.secretArn);
    output('DestinationDeadLettersUrl', byDestination.deadLetterQueue.queueUrl);
    output('FunctionDeadLettersUrl', byFunction.deadLetterQueue.queueUrl);
    output('TableName', table.tableName);
    output('TableDeadLettersUrl', changes.deadLetterQueue.queueUrl);
    output('ConnectionName', byDestination.apiDestinations?.connection.connectionName ?? '');
  }
}

/** The URL of a function, as other programs reach it. That of a local AWS has a host name that only AWS knows. */
function reachable(url: string, localEndpoint: string | undefined): string {
  const host = Fn.select(2, Fn.split('/', url));
  // Without the slash at the end of a function URL: a path follows.
  if (localEndpoint === undefined) return Fn.join('', ['https://', host]);
  return Fn.join('', [`${localEndpoint}/_aws/lambda-url/`, Fn.select(0, Fn.split('.', host))]);
}
