import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, CliCredentialsStackSynthesizer, Duration, Fn, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AssetManifestArtifact } from 'aws-cdk-lib/cx-api';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
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
  MomentoEventBridgeDashboard,
  MomentoWebhookToEventBridge,
  MomentoWebhookToEventBridgeAlarms,
  ReplayProtection,
} from 'cdk-momento-eventbridge';
import { ECHO_CODE } from './echo';
import { momentoSecretName, stacksOf } from './run-name';
import type { MomentoAccount } from './momento-account';
import { RunSubscription } from './run-subscription';
import { DELETES_A_SECOND, RETRY_ATTEMPTS, SOURCES, TABLE } from './stack-facts';

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
  /** Momento itself, where the run has a key for it: the endpoint of its HTTP API, and a cache. */
  readonly momento?: Pick<MomentoAccount, 'cache' | 'endpoint'>;
}

/** How the stack can differ from what it is at first. */
export interface StackVariant {
  /** The webhook's handler is denied the bus. */
  readonly withoutBus?: boolean;
  /** The construct `Old` has the id `New` instead. */
  readonly renamed?: boolean;
  /** There is one more webhook, for a bus that does not exist: it cannot be deployed. */
  readonly onMissingBus?: boolean;
}

/** A template or the code of a function, to be uploaded. */
export interface StackFile {
  readonly key: string;
  readonly path: string;
}

/** The templates of a run with what they need, ready to be uploaded. */
export interface SynthesizedStacks {
  /** In the order in which they are deployed. */
  readonly stacks: readonly { readonly name: string; readonly template: StackFile }[];
  /** All files, the templates too. */
  readonly files: readonly StackFile[];
}

/** Writes the templates of the stacks, and the lists of their files, to a directory. */
export function synthesize(plan: StackPlan, variant: StackVariant, outdir: string): SynthesizedStacks {
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  new VerifyStack(app, plan, variant, new QueuesStack(app, plan));
  const { artifacts, stacks } = app.synth();
  const files = artifacts
    .filter((artifact) => AssetManifestArtifact.isAssetManifestArtifact(artifact))
    .flatMap(({ contents: { files: listed = {} } }) => Object.values(listed))
    .flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => ({ key: objectKey, path: join(outdir, source.path ?? '') })),
    );
  const templateOf = (file: string): StackFile => {
    const template = files.find(({ path }) => path === join(outdir, file));
    if (!template) throw new Error('A stack was synthesized without a template.');
    return template;
  };
  return {
    stacks: stacks.map(({ stackName, templateFile }) => ({ name: stackName, template: templateOf(templateFile) })),
    files,
  };
}

/** The bytes of a file of a synthesized stack. */
export function bytesOf({ path }: StackFile): Uint8Array {
  return readFileSync(path);
}

/** Queues that belong to somebody else: in a stack of their own, encrypted with a key of their own. */
class QueuesStack extends Stack {
  public readonly fallback: sqs.Queue;
  public readonly deadLetters: sqs.Queue;

  public constructor(app: App, plan: StackPlan) {
    super(app, 'Queues', { ...stackProps(plan), stackName: stacksOf(plan.name).queues.name });
    const encryptionMasterKey = new kms.Key(this, 'Key', {
      description: 'Temporary, of `cdk-momento-eventbridge verify`',
      removalPolicy: RemovalPolicy.DESTROY,
      // The least: a deleted key can be had back for so long.
      pendingWindow: Duration.days(7),
    });
    const queue = (id: string, visibilityTimeout?: Duration): sqs.Queue =>
      new sqs.Queue(this, id, {
        encryptionMasterKey,
        retentionPeriod: Duration.days(14),
        removalPolicy: RemovalPolicy.DESTROY,
        ...(visibilityTimeout && { visibilityTimeout }),
      });
    this.fallback = queue('Fallback', Duration.minutes(3));
    this.deadLetters = queue('DeadLetters');
  }
}

function stackProps(plan: StackPlan) {
  return {
    description: 'Temporary, of `cdk-momento-eventbridge verify`, which deletes it',
    env: { region: plan.region },
    // The account need not be bootstrapped: the person who runs this uploads and deploys with their own credentials.
    synthesizer: new CliCredentialsStackSynthesizer({ fileAssetsBucketName: plan.name }),
  };
}

/** Both directions, with an echo in Momento's place, and a queue that gets what is on the bus. */
class VerifyStack extends Stack {
  public constructor(app: App, plan: StackPlan, variant: StackVariant, queues: QueuesStack) {
    super(app, 'Main', { ...stackProps(plan), stackName: stacksOf(plan.name).main.name });
    const architecture = plan.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
    const eventBus = new events.EventBus(this, 'Bus', { eventBusName: plan.name });
    const output = (id: string, value: string): void => {
      new CfnOutput(this, id, { value });
    };

    const webhook = new MomentoWebhookToEventBridge(this, 'Webhook', {
      eventBus,
      architecture,
      replayProtection: ReplayProtection.table(),
      outputs: false,
    });
    const denyBus = ({ handler }: MomentoWebhookToEventBridge): void => {
      const { DENY: effect } = iam.Effect;
      const denied = { effect, actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] };
      handler.addToRolePolicy(new iam.PolicyStatement(denied));
    };
    if (variant.withoutBus) denyBus(webhook);
    // The queues and the secret of this one have to survive that it gets another id. Its bus has no rule but the construct's own.
    const guardedBus = new events.EventBus(this, 'GuardedBus', { eventBusName: `${plan.name}-guarded` });
    new MomentoWebhookToEventBridge(this, variant.renamed ? 'New' : 'Old', {
      eventBus: guardedBus,
      architecture,
      signingSecretRemovalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      outputs: false,
    });
    const { signingSecret } = webhook;
    // Its handler never gets at the bus, so that all messages are parked. The redrive function does.
    const withOwnQueues = new MomentoWebhookToEventBridge(this, 'OwnQueues', {
      eventBus,
      architecture,
      signingSecret,
      fallbackQueue: queues.fallback,
      deadLetterQueue: queues.deadLetters,
      outputs: false,
    });
    denyBus(withOwnQueues);
    if (variant.onMissingBus) {
      const missing = events.EventBus.fromEventBusName(this, 'MissingBus', `${plan.name}-missing`);
      new MomentoWebhookToEventBridge(this, 'OnMissingBus', {
        eventBus: missing,
        architecture,
        signingSecret,
        outputs: false,
      });
    }
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
    const doorUrl = this.addDoor(echoLog);
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
      rateLimits: { cacheDelete: DELETES_A_SECOND },
      delivery: Delivery.apiDestinations({ apiKeyRotation: ApiKeyRotation.followSecret({ architecture }) }),
    });
    const byFunction = new EventBridgeToMomento(this, 'ByFunction', {
      ...common,
      sources: [SOURCES.byFunction, SOURCES.table],
      delivery: Delivery.lambdaFunction({ architecture }),
    });
    const toOwnQueues = new EventBridgeToMomento(this, 'ToOwnQueues', {
      ...common,
      sources: [SOURCES.ownQueues],
      deadLetterQueue: queues.deadLetters,
    });
    const subscription =
      plan.momento && new RunSubscription(this, 'Subscription', plan, { ...plan.momento, architecture, eventBus });
    // Its messages are in that queue too: they have the source of the webhook's.
    subscription?.subscription.onMissedMessages('Gaps', { target: new targets.SqsQueue(seen) });
    if (plan.momento) {
      const { endpoint: momentoEndpoint } = plan.momento;
      const toMomento = new EventBridgeToMomento(this, 'ToMomento', {
        ...common,
        sources: [SOURCES.momento],
        apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'MomentoApiKey', momentoSecretName(plan.name)),
        // As a token, whose scheme the construct does not know: that of a local Momento has no TLS.
        endpoint: MomentoEndpoint.custom(Lazy.string({ produce: () => momentoEndpoint })),
        retryAttempts: RETRY_ATTEMPTS,
        queueRemovalPolicy: RemovalPolicy.DESTROY,
      });
      output('MomentoDeadLettersUrl', toMomento.deadLetterQueue.queueUrl);
    }
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

    const alarms = new MomentoWebhookToEventBridgeAlarms(this, 'Alarms', { monitored: webhook, rejectedThreshold: 1 });
    const { dashboard } = new MomentoEventBridgeDashboard(this, 'Dashboard', {
      monitored: [webhook, byDestination, byFunction, changes, ...(subscription ? [subscription.subscription] : [])],
      alarms: alarms.alarms,
    });

    output('BusName', eventBus.eventBusName);
    output('Url', reachable(webhook.url, plan.localEndpoint));
    output('SigningSecretArn', signingSecret.secretArn);
    output('HandlerName', webhook.handler.functionName);
    output('HandlerLogName', webhook.logGroup.logGroupName);
    output('Architecture', plan.architecture);
    output('DashboardName', dashboard.dashboardName);
    output('RejectionsAlarmName', alarms.requestsRejected.alarmName);
    output('SeenUrl', seen.queueUrl);
    output('EchoName', echo.functionName);
    output('EchoLogName', echoLog.logGroupName);
    output('ApiKeyArn', apiKey.secretArn);
    output('DestinationDeadLettersUrl', byDestination.deadLetterQueue.queueUrl);
    output('FunctionDeadLettersUrl', byFunction.deadLetterQueue.queueUrl);
    output('TableName', table.tableName);
    output('TableDeadLettersUrl', changes.deadLetterQueue.queueUrl);
    output('TableHandlerLogName', changes.handler.logGroup.logGroupName);
    output('ConnectionName', byDestination.apiDestinations?.connection.connectionName ?? '');
    output('GuardedBusName', guardedBus.eventBusName);
    output('DoorUrl', reachable(doorUrl, plan.localEndpoint));
    output('OwnQueuesUrl', reachable(withOwnQueues.url, plan.localEndpoint));
    output('OwnFallbackUrl', queues.fallback.queueUrl);
    output('OwnDeadLettersUrl', toOwnQueues.deadLetterQueue.queueUrl);
    for (const [name, value] of Object.entries(subscription?.outputs ?? {})) output(name, value);
  }

  /** A function whose URL has one of the two permissions that AWS asks for. */
  private addDoor(logGroup: logs.LogGroup): string {
    const door = new lambda.Function(this, 'Door', {
      description: 'Answers 204, if the caller is let in',
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: lambda.Code.fromInline("def handler(event, context):\n    return {'statusCode': 204}\n"),
      logGroup,
    });
    // By their L1: the L2 gives both permissions.
    const { attrFunctionUrl } = new lambda.CfnUrl(this, 'DoorAddress', {
      authType: 'NONE',
      targetFunctionArn: door.functionArn,
    });
    new lambda.CfnPermission(this, 'DoorPermission', {
      action: 'lambda:InvokeFunctionUrl',
      functionName: door.functionName,
      functionUrlAuthType: 'NONE',
      principal: '*',
    });
    new CfnOutput(this, 'DoorName', { value: door.functionName });
    return attrFunctionUrl;
  }
}

/** The URL of a function, as other programs reach it. That of a local AWS has a host name that only AWS knows. */
function reachable(url: string, localEndpoint: string | undefined): string {
  const host = Fn.select(2, Fn.split('/', url));
  // Without the slash at the end of a function URL: a path follows.
  if (localEndpoint === undefined) return Fn.join('', ['https://', host]);
  return Fn.join('', [`${localEndpoint}/_aws/lambda-url/`, Fn.select(0, Fn.split('.', host))]);
}
