import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  MomentoEventBridgeDashboard,
  type MomentoEventBridgeDashboardProps,
  MomentoWebhookToEventBridge,
} from '../../../constructs';
import { codeInBucket, Webhook } from '../from-momento/webhook';
import { Topics } from '../from-momento/topics';
import { outputOf } from './handler-output';
import { Monitored } from './monitored';

interface Widget {
  readonly type: string;
  readonly height: number;
  readonly width: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly MetricRow[];
    readonly yAxis?: { readonly left?: { readonly label?: string } };
  };
}

type MetricRow = readonly [...string[], Record<string, unknown>];

interface Body {
  readonly start?: string;
  readonly widgets: readonly Widget[];
}

/** The text of a template with `${id}` for each reference and attribute. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref: ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (join) return (join as [string, unknown[]])[1].map(textOf).join('');
  return ref === undefined ? `\${${(attribute as string[]).join('.')}}` : `\${${ref as string}}`;
}

function bodyOf(stack: Stack): Body {
  const [dashboard, ...more] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  assert.equal(more.length, 0);
  return JSON.parse(textOf((dashboard as { Properties: Record<string, unknown> }).Properties.DashboardBody)) as Body;
}

function dashboardOf(stack: Stack, props: MomentoEventBridgeDashboardProps): Body {
  new MomentoEventBridgeDashboard(stack, 'Dashboard', props);
  return bodyOf(stack);
}

/** A metric as the widgets name it: namespace, name, and dimensions. */
interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: ReadonlyMap<string, string>;
}

function metricsOf({ widgets }: Body): Named[] {
  const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return rows
    .map((row) => row.filter((cell) => typeof cell === 'string'))
    .filter((cells) => cells.length > 0)
    .map(([namespace = '', name = '', ...rest]) => ({
      namespace,
      name,
      dimensions: new Map(rest.flatMap((cell, i) => (i % 2 === 0 ? [[cell, rest[i + 1] ?? '']] : []))),
    }));
}

function refOf(stack: Stack, token: string): string {
  return textOf(stack.resolve(token));
}

describe('the dashboard', () => {
  const monitored = new Monitored();
  const { stack, webhook, topics, byApiDestinations, byLambda, cached } = monitored;
  const body = dashboardOf(stack, { monitored: monitored.all });
  const handlers = monitored.handlers.map(([name, handler]) => [name, refOf(stack, handler.functionName)] as const);
  const own = metricsOf(body).filter(({ namespace }) => namespace === 'MomentoEventBridge');

  test('names only metrics that the handlers write, with the dimensions that they write them with', () => {
    assert.ok(own.length > 40);
    for (const { name, dimensions } of own) {
      const [handler] = handlers.find(([, ref]) => ref === dimensions.get('FunctionName')) ?? assert.fail(name);
      const written = outputOf(handler).metrics[name] ?? assert.fail(`${handler} does not write ${name}`);
      const names = [...dimensions.keys()].sort().join();
      assert.ok(
        written.some((set) => [...set].sort().join() === names),
        `${handler} writes ${name} without ${names}`,
      );
    }
  });

  for (const [handler, ref] of handlers) {
    test(`shows each metric that the handler ${handler} writes, of ${ref}`, () => {
      const shown = new Set(
        own.filter(({ dimensions }) => dimensions.get('FunctionName') === ref).map(({ name }) => name),
      );
      // What a refused API key delays is postponed. It has an alarm.
      const hidden = handler === 'deliver' ? ['ApiKeyRefused'] : [];
      assert.deepEqual([...shown, ...hidden].sort(), Object.keys(outputOf(handler).metrics).sort());
    });
  }

  test('shows rejections by each reason that the handler gives, and no other', () => {
    const { properties } =
      body.widgets.find(({ properties: { title } }) => title === 'Rejected requests, by reason') ?? assert.fail();
    assert.equal(properties.metrics?.length, 9);
  });

  test('shows of AWS what it documents, by dimensions that are there', () => {
    const others = metricsOf(body).filter(({ namespace }) => namespace !== 'MomentoEventBridge');
    const expected: Record<string, { names: string[]; dimensions: string[] }> = {
      'AWS/Lambda': {
        names: ['ConcurrentExecutions', 'Duration', 'Errors', 'Invocations', 'Throttles'],
        dimensions: ['FunctionName'],
      },
      'AWS/SQS': {
        names: [
          'ApproximateAgeOfOldestMessage',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesVisible',
          'NumberOfEmptyReceives',
          'NumberOfMessagesDeleted',
          'NumberOfMessagesReceived',
          'NumberOfMessagesSent',
        ],
        dimensions: ['QueueName'],
      },
      'AWS/Events': {
        names: [
          'FailedInvocations',
          'Invocations',
          'InvocationsSentToDlq',
          'RetryInvocationAttempts',
          'SuccessfulInvocationAttempts',
          'TriggeredRules',
        ],
        dimensions: ['RuleName'],
      },
      'AWS/EventBridge/Pipes': {
        names: ['EnrichmentStageFailed', 'ExecutionFailed', 'Invocations', 'TargetStageFailed'],
        dimensions: ['PipeName'],
      },
      'AWS/DynamoDB': { names: ['ConsumedWriteCapacityUnits'], dimensions: ['TableName'] },
      'AWS/Logs': { names: ['IncomingBytes'], dimensions: ['LogGroupName'] },
    };
    assert.deepEqual([...new Set(others.map(({ namespace }) => namespace))].sort(), Object.keys(expected).sort());
    for (const [namespace, { names, dimensions }] of Object.entries(expected)) {
      const found = others.filter((metric) => metric.namespace === namespace);
      assert.deepEqual([...new Set(found.map(({ name }) => name))].sort(), names);
      for (const metric of found) assert.deepEqual([...metric.dimensions.keys()], dimensions);
    }
  });

  test('shows each queue and each function', () => {
    const queues = [
      ...[webhook, topics].flatMap(({ fallbackQueue, deadLetterQueue }) => [fallbackQueue, deadLetterQueue]),
      ...[byApiDestinations, byLambda, cached].map(({ deadLetterQueue }) => deadLetterQueue),
      byLambda.lambdaFunction?.commandQueue,
    ].map((queue) => refOf(stack, queue?.queueName ?? ''));
    const followRotation = byApiDestinations.apiDestinations?.followRotation?.handler.functionName ?? '';
    const functions = [...handlers.map(([, ref]) => ref), refOf(stack, followRotation)];
    const named = (metric: string, dimension: string) =>
      metricsOf(body)
        .filter(({ name }) => name === metric)
        .map(({ dimensions }) => dimensions.get(dimension));
    for (const metric of ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage']) {
      assert.deepEqual(new Set(named(metric, 'QueueName')), new Set(queues));
    }
    for (const metric of ['Errors', 'Throttles', 'ConcurrentExecutions', 'Duration']) {
      assert.deepEqual(new Set(named(metric, 'FunctionName')), new Set(functions));
    }
  });

  test('has a section for each construct, in the order given, and nothing that a construct does not have', () => {
    const headings = (widgets: readonly Widget[]) => widgets.flatMap(({ properties: { markdown = [] } }) => markdown);
    assert.deepEqual(headings(body.widgets), [
      '## From Momento by webhook: Stack/Webhook',
      '## From Momento by subscription: Stack/Topics',
      '## To Momento: Stack/ByApiDestinations',
      '## To Momento: Stack/ByLambda',
      '## From DynamoDB to Momento: Stack/Cached',
    ]);
    const plain = new Webhook();
    const { widgets } = dashboardOf(plain.stack, { monitored: [plain.construct] });
    assert.deepEqual(headings(widgets), ['## From Momento by webhook: Stack/In']);
    const text = JSON.stringify(widgets);
    for (const absent of ['ReplayGuardUnavailable', 'DynamoDB', 'AWS/Events'])
      assert.ok(!text.includes(absent), absent);
  });

  test('fills a row of three, and names the unit of every axis', () => {
    const graphs = body.widgets.filter(({ properties }) => properties.yAxis);
    assert.ok(graphs.length > 30);
    for (const { width, properties } of graphs) {
      assert.equal(width, 8);
      assert.ok(properties.yAxis?.left?.label);
    }
  });
});

describe('the props', () => {
  test('choose name, time range and alarms', () => {
    const { stack, construct } = new Webhook();
    const alarm = construct.metricLost().createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
    const body = dashboardOf(stack, {
      monitored: [construct],
      alarms: [alarm],
      dashboardName: 'chat',
      defaultInterval: Duration.days(1),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'chat' });
    assert.equal(body.start, '-P1D');
    assert.deepEqual(body.widgets[0]?.properties.alarms, [refOf(stack, alarm.alarmArn)]);
  });

  test('show three hours by default, and no alarms', () => {
    const { stack, construct } = new Topics();
    const body = dashboardOf(stack, { monitored: [construct] });
    assert.equal(body.start, '-PT3H');
    assert.ok(body.widgets.every(({ type }) => type !== 'alarm'));
  });

  test('are rejected where CloudWatch or we could do nothing with them, with what to do', () => {
    const { stack, construct } = new Webhook();
    const rejected: [props: MomentoEventBridgeDashboardProps, sentence: RegExp][] = [
      [{ monitored: [] }, /^Stack\/D0: monitored must have 1 to 20 constructs, got 0\.$/],
      [
        { monitored: [construct, construct] },
        /^Stack\/D1: monitored must have each construct once, got Stack\/In twice\./,
      ],
      [
        { monitored: [new sqs.Queue(stack, 'Queue')] },
        /^Stack\/D2: monitored must have constructs of cdk-momento-eventbridge, .*, got Stack\/Queue\.$/,
      ],
      [
        {
          monitored: [construct],
          alarms: Array.from({ length: 101 }, (_, i) =>
            cloudwatch.Alarm.fromAlarmArn(
              stack,
              `A${i.toString()}`,
              `arn:aws:cloudwatch:eu-west-1:1:alarm:${i.toString()}`,
            ),
          ),
        },
        /^Stack\/D3: alarms must have at most 100, got 101\. Leave some out\.$/,
      ],
      [
        { monitored: Array.from({ length: 21 }, () => construct) },
        /^Stack\/D4: monitored must have 1 to 20 constructs, got 21\.$/,
      ],
      ...['', 'with a space', 'chat/orders', 'chat.orders', 'é', 'c'.repeat(256)].map(
        (dashboardName, i): [MomentoEventBridgeDashboardProps, RegExp] => [
          { monitored: [construct], dashboardName },
          new RegExp(
            `^Stack/D${(5 + i).toString()}: dashboardName must be 1 to 255 letters, digits, - and _, ` +
              `got ${dashboardName || 'an empty string'}\\. Choose another name\\.$`,
          ),
        ],
      ),
    ];
    for (const [i, [props, message]] of rejected.entries()) {
      assert.throws(() => new MomentoEventBridgeDashboard(stack, `D${i.toString()}`, props), { message });
    }
  });

  test('allow 20 constructs and a row of alarms, which stay within 500 widgets, 2,500 metrics and 1 MB, whatever they are', () => {
    for (const index of new Monitored().all.keys()) {
      const { stack, all } = new Monitored();
      const one = all[index] ?? assert.fail();
      const body = dashboardOf(stack, { monitored: [one] });
      const metrics = body.widgets.flatMap(({ properties }) => properties.metrics ?? []);
      const id = one.node.path;
      assert.ok(1 + 20 * body.widgets.length <= 500, `${id} has ${body.widgets.length.toString()} widgets`);
      assert.ok(20 * metrics.length <= 2500, `${id} has ${metrics.length.toString()} metrics`);
      // Names of functions and queues have 80 characters at most, where the template has a reference.
      assert.ok(20 * (JSON.stringify(body).length + 80 * metrics.length) <= 1_000_000, id);
    }
  });
});

test('a dashboard in another region than what it shows names that region', () => {
  const app = new App();
  const env = (region: string) => ({ env: { account: '111111111111', region } });
  const from = new Stack(app, 'From', { ...env('eu-west-1'), crossRegionReferences: true });
  const webhook = new MomentoWebhookToEventBridge(from, 'Webhook', { handlerCode: codeInBucket(from) });
  const stack = new Stack(app, 'Stack', { ...env('us-east-1'), crossRegionReferences: true });
  new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored: [webhook] });
  const { Properties } = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'))[0] as {
    Properties: unknown;
  };
  assert.match(JSON.stringify(Properties), /\\"region\\":\\"eu-west-1\\"/);
});
