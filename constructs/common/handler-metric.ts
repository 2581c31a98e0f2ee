import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** A metric that a handler writes, in the namespace `MomentoEventBridge`: by default the sum over 5 minutes. */
export function handlerMetric(
  scope: IConstruct,
  handler: lambda.IFunction,
  metricName: string,
  props: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'MomentoEventBridge',
    metricName,
    dimensionsMap: { FunctionName: handler.functionName },
    statistic: cloudwatch.Stats.SUM,
    ...props,
  }).attachTo(scope);
}
