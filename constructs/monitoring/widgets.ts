import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/** The part of a dashboard that is about one construct. */
export interface Section {
  readonly title: string;
  readonly graphs: readonly cloudwatch.GraphWidget[];
  /** The counts that AWS bills, over the time range that the dashboard shows. */
  readonly billed: readonly cloudwatch.IMetric[];
}

/** The columns of a dashboard's grid (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html). */
const GRID = 24;
const GRAPHS_A_ROW = 3;

/** Colours for what an operator looks for first. Everything else has CloudWatch's own. */
export const GOOD = cloudwatch.Color.GREEN;
export const DELAYED = cloudwatch.Color.ORANGE;
export const BAD = cloudwatch.Color.RED;

const PERCENTILES = [
  ['p50', cloudwatch.Color.BLUE],
  ['p99', cloudwatch.Color.PURPLE],
] as const;

export interface Axes {
  readonly left: cloudwatch.IMetric[];
  readonly leftLabel: string;
  readonly right?: cloudwatch.IMetric[];
  readonly rightLabel?: string;
  readonly stacked?: boolean;
}

/** A graph of metrics. Its axes begin at 0: a graph whose axis does not makes a small change look large. */
export function graph(
  title: string,
  { left, leftLabel, right = [], rightLabel, stacked }: Axes,
): cloudwatch.GraphWidget {
  const axis = (label: string | undefined) => ({ label, min: 0, showUnits: false });
  return new cloudwatch.GraphWidget({
    title,
    width: GRID / GRAPHS_A_ROW,
    height: 6,
    left,
    leftYAxis: axis(leftLabel),
    ...(right.length > 0 && { right, rightYAxis: axis(rightLabel) }),
    stacked,
  });
}

/** The median and the 99th percentile of a time in milliseconds. */
export function percentiles(metricWith: (options: cloudwatch.MetricOptions) => cloudwatch.Metric): cloudwatch.Metric[] {
  return PERCENTILES.map(([statistic, color]) => metricWith({ statistic, label: statistic, color }));
}

/** How many messages a queue holds, and how old the oldest is. */
export function queueGraph(title: string, queue: sqs.IQueue): cloudwatch.GraphWidget {
  const most = { statistic: cloudwatch.Stats.MAXIMUM, period: Duration.minutes(1) };
  return graph(title, {
    left: [
      queue.metricApproximateNumberOfMessagesVisible({ ...most, label: 'to be received', color: DELAYED }),
      queue.metricApproximateNumberOfMessagesNotVisible({ ...most, label: 'received, or waiting' }),
    ],
    leftLabel: 'messages',
    right: [queue.metricApproximateAgeOfOldestMessage({ ...most, label: 'age of the oldest', color: BAD })],
    rightLabel: 'seconds',
  });
}

/** The invocations of a function and how long they take. */
export function functionGraphs(name: string, handler: lambda.Function): cloudwatch.GraphWidget[] {
  return [
    graph(`Function ${name}: invocations`, {
      left: [
        handler.metricInvocations({ label: 'invocations' }),
        handler.metricErrors({ label: 'errors', color: BAD }),
        handler.metricThrottles({ label: 'throttles', color: DELAYED }),
      ],
      leftLabel: 'invocations',
      right: [
        handler.metric('ConcurrentExecutions', {
          statistic: cloudwatch.Stats.MAXIMUM,
          label: 'concurrency',
          color: cloudwatch.Color.GREY,
        }),
      ],
      rightLabel: 'at once',
    }),
    graph(`Function ${name}: duration`, {
      left: percentiles((options) => handler.metricDuration(options)),
      leftLabel: 'milliseconds',
    }),
  ];
}

/** What AWS bills for functions and their logs. */
export function billedByLambda(handlers: readonly lambda.Function[]): cloudwatch.IMetric[] {
  return [
    total(
      'Lambda requests',
      handlers.map((handler) => handler.metricInvocations()),
    ),
    total(
      'Lambda GB-seconds',
      handlers.map((handler) => handler.metricDuration({ statistic: cloudwatch.Stats.SUM })),
      (term, i) => `${term} * ${(memoryOf(handlers[i]) / 1024 / 1000).toString()}`,
    ),
    total('log bytes', handlers.map(({ logGroup }) => logGroup).map(incomingBytes)),
  ];
}

/** Not the CDK's `metricIncomingBytes()`, which names no log group (aws-cdk-lib 2.220). */
function incomingBytes(logGroup: logs.ILogGroup): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: logGroup.logGroupName },
    statistic: cloudwatch.Stats.SUM,
  }).attachTo(logGroup);
}

/** At most: a request can hold several messages, and each message is counted as one. */
export function billedBySqs(queues: readonly sqs.IQueue[]): cloudwatch.IMetric {
  return total(
    'SQS requests, at most',
    queues.flatMap((queue) => [
      queue.metricNumberOfMessagesSent(),
      queue.metricNumberOfMessagesReceived(),
      queue.metricNumberOfMessagesDeleted(),
      queue.metricNumberOfEmptyReceives(),
    ]),
  );
}

/** A sum in which a metric without data counts as 0. The label must be the only such in its widget. */
export function total(
  label: string,
  metrics: readonly cloudwatch.IMetric[],
  term: (filled: string, index: number) => string = (filled) => filled,
): cloudwatch.MathExpression {
  // The metrics of all expressions of a widget share their ids.
  const prefix = label.toLowerCase().replaceAll(/[^a-z]/g, '');
  const terms = metrics.map((metric, i) => ({ id: `${prefix}${i.toString()}`, metric }));
  return new cloudwatch.MathExpression({
    label,
    expression: terms.map(({ id }, i) => term(`FILL(${id}, 0)`, i)).join(' + '),
    usingMetrics: Object.fromEntries(terms.map(({ id, metric }): [string, cloudwatch.IMetric] => [id, metric])),
  });
}

/** The widgets of a section, row by row. */
export function rowsOf({ title, graphs, billed }: Section): cloudwatch.IWidget[][] {
  const heading = new cloudwatch.TextWidget({ markdown: `## ${title}`, width: GRID, height: 1 });
  const rows = Array.from({ length: Math.ceil(graphs.length / GRAPHS_A_ROW) }, (_, row) =>
    graphs.slice(row * GRAPHS_A_ROW, (row + 1) * GRAPHS_A_ROW),
  );
  const bill = new cloudwatch.SingleValueWidget({
    title: 'Billed, in the time range shown',
    width: GRID,
    height: 3,
    metrics: [...billed],
    setPeriodToTimeRange: true,
  });
  return [[heading], ...rows, [bill]];
}

/** The alarms, with their states. */
export function alarmsRow(alarms: readonly cloudwatch.IAlarm[]): cloudwatch.IWidget[] {
  // A row of the widget has four alarms, and its heading takes one more.
  const height = 1 + Math.ceil(alarms.length / 4);
  return [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', width: GRID, height, alarms: [...alarms] })];
}

/** In MiB. 128 is Lambda's own default. */
function memoryOf(handler: lambda.Function | undefined): number {
  const resource = handler?.node.defaultChild;
  return (resource instanceof lambda.CfnFunction ? resource.memorySize : undefined) ?? 128;
}
