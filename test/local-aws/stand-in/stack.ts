import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secrets from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { buildSync } from 'esbuild';
import { zipDirectory } from '../../../tools/local-aws/zip-directory';

/** What differs between the versions of the stack that the tests deploy. */
export interface StandInOptions {
  /** Whether the function may put events on its bus. Default: it may. */
  readonly mayPutEvents?: boolean | 'on another bus';
  /** Whether the rule may send to its queue. Default: it may. */
  readonly mayDeliver?: boolean;
  /** Adds a resource that cannot be created. Default: it has none. */
  readonly impossible?: boolean;
}

/**
 * Synthesizes the stack that the local AWS is tested with: the stand-in function with everything it may call, and a rule
 * that carries its events to a queue.
 *
 * @returns the cloud assembly.
 */
export function synthesizeStandIn(options: StandInOptions = {}): string {
  const scratch = mkdtempSync(join(tmpdir(), 'stand-in-'));
  process.once('exit', () => {
    rmSync(scratch, { recursive: true });
  });
  const app = new App({ outdir: join(scratch, 'cdk.out') });
  const stack = new Stack(app, 'StandIn');
  const code = bundle(join(scratch, 'code'));

  const bus = new events.EventBus(stack, 'Bus', { eventBusName: 'stand-in' });
  const secret = new secrets.CfnSecret(stack, 'Secret');
  const fallback = new sqs.Queue(stack, 'Fallback', { enforceSSL: true, encryption: sqs.QueueEncryption.SQS_MANAGED });
  const common = {
    runtime: lambda.Runtime.PROVIDED_AL2023,
    handler: 'bootstrap',
    architecture: lambda.Architecture.ARM_64,
  };
  const worker = new lambda.Function(stack, 'Worker', {
    ...common,
    code: lambda.Code.fromAsset(code),
    timeout: Duration.seconds(3),
    logGroup: new logs.LogGroup(stack, 'WorkerLog', { retention: logs.RetentionDays.ONE_WEEK }),
    environment: {
      BUS_NAME: bus.eventBusName,
      QUEUE_URL: fallback.queueUrl,
      SECRET_ID: secret.ref,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  const { mayPutEvents = true } = options;
  if (mayPutEvents === true) bus.grantPutEventsTo(worker);
  if (mayPutEvents === 'on another bus') new events.EventBus(stack, 'AnotherBus').grantPutEventsTo(worker);
  fallback.grantSendMessages(worker);
  secrets.Secret.fromSecretCompleteArn(stack, 'ReadableSecret', secret.ref).grantRead(worker);

  const zip = join(scratch, 'code.zip');
  writeFileSync(zip, zipDirectory(code));
  const reserved = new lambda.Function(stack, 'Reserved', {
    ...common,
    code: lambda.Code.fromAsset(zip),
    reservedConcurrentExecutions: 1,
  });
  const broken = new lambda.Function(stack, 'Broken', { ...common, code: lambda.Code.fromAsset(brokenCode(scratch)) });

  const orders = new sqs.Queue(stack, 'Orders', {
    deadLetterQueue: { queue: new sqs.Queue(stack, 'DeadOrders'), maxReceiveCount: 2 },
  });
  const consumer = new lambda.Function(stack, 'Consumer', {
    ...common,
    code: lambda.Code.fromAsset(code),
    logGroup: new logs.LogGroup(stack, 'ConsumerLog', { retention: logs.RetentionDays.ONE_WEEK }),
    environment: { ORDERS_URL: orders.queueUrl, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  orders.grantConsumeMessages(consumer);
  consumer.addEventSourceMapping('FromOrders', {
    eventSourceArn: orders.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
  });

  const deliveries = new sqs.Queue(stack, 'Deliveries');
  const deadLetters = new sqs.Queue(stack, 'DeadLetters');
  const target = new targets.SqsQueue(deliveries, { deadLetterQueue: deadLetters });
  const rule = new events.Rule(stack, 'Rule', {
    eventBus: bus,
    eventPattern: { source: ['stand-in'], detail: { carry: [true] } },
    targets: [target],
  });
  if (options.mayDeliver === false) deliveries.node.tryRemoveChild('Policy');
  if (options.impossible) rule.addTarget({ bind: () => ({ arn: 'arn:aws:sqs:nowhere', id: '' }) });

  const outputs = {
    WorkerUrl: worker.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url,
    ReservedUrl: reserved.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url,
    BrokenUrl: broken.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url,
    WorkerName: worker.functionName,
    BrokenName: broken.functionName,
    ConsumerName: consumer.functionName,
    OrdersUrl: orders.queueUrl,
    DeadOrdersUrl: orders.deadLetterQueue?.queue.queueUrl ?? '',
    SecretArn: secret.ref,
    FallbackUrl: fallback.queueUrl,
    DeliveriesUrl: deliveries.queueUrl,
    DeadLettersUrl: deadLetters.queueUrl,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
  return app.synth().directory;
}

function bundle(directory: string): string {
  buildSync({
    entryPoints: [join(__dirname, 'bootstrap.ts')],
    outfile: join(directory, 'bootstrap'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Functions see a PATH of their own.
    banner: { js: `#!${process.execPath}` },
    logLevel: 'error',
  });
  return directory;
}

function brokenCode(scratch: string): string {
  const directory = mkdtempSync(join(scratch, 'broken-'));
  writeFileSync(join(directory, 'bootstrap'), '#!/bin/sh\necho "EVENT_BUS_NAME is missing"\nexit 1\n', { mode: 0o755 });
  return directory;
}
