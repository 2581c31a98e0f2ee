import { handlerMessage } from '../../webhook-answer';
import { broken, type Check, held, notHere } from '../check';

/** CloudWatch shows metrics from a log a minute or two after the line. */
const PATIENCE = { timeoutMs: 6 * 60_000 };
const WINDOW_MS = 3 * 3_600_000;

/** What the handlers count, where CloudWatch has it. */
export const METRIC_CHECKS: readonly Check[] = [
  {
    id: 'metrics/embedded-format',
    promise:
      "The handlers' lines in the embedded metric format become metrics: MomentoEventBridge, Accepted, by FunctionName.",
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html',
    local: { does: 'keeps them as lines of the log', evidence: 'not modelled' },
    async run(trial) {
      const answer = await trial.post(trial.message());
      if (handlerMessage(answer) !== 'Success') {
        return broken(`A message to be counted is answered ${answer.status.toString()}.`);
      }
      if (trial.isLocal) return notHere('The local AWS makes no metrics of log lines.');
      const { GetMetricStatisticsCommand } = await import('@aws-sdk/client-cloudwatch');
      const accepted = await trial.until(async () => {
        const command = new GetMetricStatisticsCommand({
          Namespace: 'MomentoEventBridge',
          MetricName: 'Accepted',
          Dimensions: [{ Name: 'FunctionName', Value: trial.output('HandlerName') }],
          StartTime: new Date(Date.now() - WINDOW_MS),
          EndTime: new Date(),
          Period: 60,
          Statistics: ['Sum'],
        });
        const { Datapoints = [] } = await trial.clients.cloudWatch.send(command);
        return Datapoints.length > 0 ? Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0) : undefined;
      }, PATIENCE);
      if (accepted === undefined) return broken('There is no such metric after 6 minutes.');
      return held(`Accepted has the sum ${accepted.toString()}.`);
    },
  },
];
