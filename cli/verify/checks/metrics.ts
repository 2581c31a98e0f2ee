import type { Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { handlerMessage, isRefusal } from '../../webhook-answer';
import { broken, type Check, held, notHere } from '../check';
import { type WrittenMetric, writtenMetrics } from '../metric-lines';
import { ARRIVAL, type Patience, type Trial } from '../trial';

/** CloudWatch shows metrics from a log a minute or two after the line. */
const ARRIVES: Patience = { timeoutMs: 6 * 60_000, pauseMs: 10_000 };
/** The alarm looks at five minutes at a time, once a minute: so long it stays after the last rejection. */
const GOES_OFF: Patience = { timeoutMs: 8 * 60_000, pauseMs: 10_000 };
const IS_OVER: Patience = { timeoutMs: 20 * 60_000, pauseMs: 10_000 };
const WINDOW_MS = 3 * 3_600_000;

/** What the handlers count, where CloudWatch has it. */
export const METRIC_CHECKS: readonly Check[] = [
  {
    id: 'metrics/embedded-format',
    promise:
      "The handlers' lines in the embedded metric format become metrics, with the namespace, the name and the dimensions in the line.",
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html',
    local: { does: 'keeps them as lines of the log', evidence: 'not modelled' },
    async run(trial) {
      const written = await metricsOfWebhook(trial);
      if (typeof written === 'string') return broken(written);
      const names = written.map(named);
      if (trial.isLocal)
        return notHere(`The local AWS makes no metrics of log lines. In the log: ${names.join('; ')}.`);
      let missing = written;
      const isThere = await trial.until(async () => {
        missing = await withoutData(trial, written);
        return missing.length === 0 ? true : undefined;
      }, ARRIVES);
      if (isThere) return held(`There are ${names.join('; ')}.`);
      return broken(`After 6 minutes CloudWatch does not have ${missing.map(named).join('; ')}.`);
    },
  },
  {
    id: 'metrics/dashboard',
    promise: 'CloudWatch takes the dashboard, which has a graph of each metric that the handler of the webhook writes.',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html',
    local: {
      does: 'takes a dashboard whose body has the documented structure',
      evidence: 'documentation',
      rules: ['dashboard_body'],
    },
    async run(trial) {
      const { GetDashboardCommand } = await import('@aws-sdk/client-cloudwatch');
      const get = new GetDashboardCommand({ DashboardName: trial.output('DashboardName') });
      const { DashboardBody = '' } = await trial.clients.cloudWatch.send(get);
      const shown = metricsIn(DashboardBody);
      const written = await metricsOfWebhook(trial);
      if (typeof written === 'string') return broken(written);
      const missing = written.filter(
        ({ name }) => !written.some((one) => one.name === name && shown.some((metric) => isSame(metric, one))),
      );
      const seen = `The dashboard has ${shown.length.toString()} metrics.`;
      if (missing.length > 0) return broken(`${seen} It does not have ${missing.map(named).join('; ')}.`);
      const names = new Set(written.map(({ name }) => name));
      return held(`${seen} Among them are all that the handler wrote: ${[...names].join(', ')}.`);
    },
  },
  {
    id: 'metrics/alarm',
    promise: 'The alarm for rejected requests goes off after one, and is over when there are no more.',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html',
    local: { does: 'has alarms, which never go off, since it makes no metrics of log lines', evidence: 'not modelled' },
    alongside: true,
    async run(trial) {
      const answer = await trial.post(trial.message(), "a stranger's signing secret");
      if (!isRefusal(answer)) return broken(`A request to be counted is answered ${answer.status.toString()}.`);
      const alarm = await rejectionsAlarm(trial);
      if (!alarm) return broken('There is no such alarm.');
      const isWritten = await trial.until(async () => {
        const written = writtenMetrics(await trial.logLines(trial.output('HandlerLogName')));
        return written.some((metric) => isSame(metric, alarm)) ? true : undefined;
      }, ARRIVAL);
      const watched = `The alarm watches ${named(alarm)}`;
      if (!isWritten) return broken(`${watched}, which the handler did not write after a rejection.`);
      if (trial.isLocal) return notHere(`${watched}, which the handler wrote. Alarms of the local AWS do not go off.`);
      const states: string[] = [];
      const isState = async (state: string): Promise<true | undefined> => {
        const current = (await rejectionsAlarm(trial))?.state ?? 'gone';
        if (states.at(-1) !== current) states.push(current);
        return current === state ? true : undefined;
      };
      const began = Date.now();
      const isOff = await trial.until(() => isState('ALARM'), GOES_OFF);
      const isOver = isOff && (await trial.until(() => isState('OK'), IS_OVER));
      const minutes = ((Date.now() - began) / 60_000).toFixed(0);
      const seen = `${watched}. Its states within ${minutes} minutes: ${states.join(', ')}.`;
      return isOver ? held(seen) : broken(seen);
    },
  },
];

type MetricName = Omit<WrittenMetric, 'value'>;

/** Has the handler accept a message, and waits for the metrics in its log, each once. A sentence if it does not. */
async function metricsOfWebhook(trial: Trial): Promise<MetricName[] | string> {
  const answer = await trial.post(trial.message());
  if (handlerMessage(answer) !== 'Success') return `A message to be counted is answered ${answer.status.toString()}.`;
  const written = await trial.until(async () => {
    const metrics = writtenMetrics(await trial.logLines(trial.output('HandlerLogName')));
    return metrics.some(({ name }) => name === 'Accepted') ? metrics : undefined;
  }, ARRIVAL);
  if (!written) return 'The handler has no metric of accepted messages in its log.';
  return [...new Map(written.map((metric) => [named(metric), metric])).values()];
}

/** Those of which CloudWatch has no data. */
async function withoutData(trial: Trial, metrics: readonly MetricName[]): Promise<MetricName[]> {
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const MetricDataQueries = metrics.map(({ namespace, name, dimensions }, index): MetricDataQuery => {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const Metric = { Namespace: namespace, MetricName: name, Dimensions };
    return { Id: `m${index.toString()}`, MetricStat: { Metric, Period: 300, Stat: 'SampleCount' } };
  });
  const times = { StartTime: new Date(Date.now() - WINDOW_MS), EndTime: new Date() };
  const { MetricDataResults = [] } = await trial.clients.cloudWatch.send(
    new GetMetricDataCommand({ MetricDataQueries, ...times }),
  );
  const found = MetricDataResults.filter(({ Values = [] }) => Values.length > 0).map(({ Id }) => Id);
  return metrics.filter((_, index) => !found.includes(`m${index.toString()}`));
}

/** The metrics in the body of a dashboard. */
function metricsIn(body: string): MetricName[] {
  const { widgets } = JSON.parse(body) as {
    widgets: readonly { readonly properties: { readonly metrics?: readonly (readonly unknown[])[] } }[];
  };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap((row) => {
      const [namespace, name, ...pairs] = row.filter((cell) => typeof cell === 'string');
      // Without: an expression of others.
      if (namespace === undefined || name === undefined) return [];
      const isName = (_: string, index: number): boolean => index % 2 === 0;
      const dimensions = Object.fromEntries(
        pairs.filter(isName).map((key, index) => [key, pairs[2 * index + 1] ?? '']),
      );
      return [{ namespace, name, dimensions }];
    }),
  );
}

async function rejectionsAlarm(trial: Trial): Promise<(MetricName & { readonly state: string }) | undefined> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const describe = new DescribeAlarmsCommand({ AlarmNames: [trial.output('RejectionsAlarmName')] });
  const { MetricAlarms: [alarm] = [] } = await trial.clients.cloudWatch.send(describe);
  if (!alarm) return undefined;
  const { Namespace = '', MetricName = '', Dimensions = [], StateValue = '' } = alarm;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }: Dimension) => [Name, Value]));
  return { namespace: Namespace, name: MetricName, dimensions, state: StateValue };
}

function isSame(one: MetricName, other: MetricName): boolean {
  return named(one) === named(other);
}

function named({ namespace, name, dimensions }: MetricName): string {
  const pairs = Object.entries(dimensions).map(([key, value]) => `${key} ${value}`);
  return [namespace, name, ...pairs.sort()].join(' ');
}
