import { CfnCondition, CfnOutput, type CfnParameter, Fn } from 'aws-cdk-lib';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import type { EventBridgeToMomento } from '../constructs';
import { OneClickStack } from './one-click-stack';

/** What is the same for the way to Momento, however the commands are delivered. */
export abstract class ToMomentoStack extends OneClickStack {
  protected readonly apiKey: CfnParameter;
  protected readonly eventBus: events.IEventBus;

  protected constructor(description: string) {
    super(description);
    const eventBusName = this.eventBusName('The name of the bus that the commands are put on. It must exist.');
    this.eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    this.apiKey = this.parameter('MomentoApiKey', {
      group: 'Momento',
      label: 'API key',
      description: 'A Momento API key that may do what the commands ask for. To change it, update the stack.',
      type: 'String',
      noEcho: true,
      minLength: 1,
    });
  }

  /** Fits the construct to a bus of which only the deployment knows whether it is the default one, and adds the outputs. */
  protected finish(momento: EventBridgeToMomento): void {
    this.nameBusUnlessDefault(momento.failedInvocationsAlarm.node.defaultChild as CfnAlarm);
    new CfnOutput(this, 'EventBus', {
      value: this.eventBus.eventBusName,
      description: 'The event bus for the commands',
    });
    new CfnOutput(this, 'DeadLetterQueueUrl', {
      value: momento.deadLetterQueue.queueUrl,
      description: 'The dead-letter queue: invalid, rejected and exhausted commands',
    });
  }

  /** EventBridge leaves the name of the bus out of the metrics of rules on the default bus. */
  private nameBusUnlessDefault(alarm: CfnAlarm): void {
    const onDefaultBus = new CfnCondition(this, 'OnDefaultBus', {
      expression: Fn.conditionEquals(this.eventBus.eventBusName, 'default'),
    });
    const busName = Fn.conditionIf(
      onDefaultBus.logicalId,
      { Ref: 'AWS::NoValue' },
      { Name: 'EventBusName', Value: this.eventBus.eventBusName },
    );
    const queries = this.resolve(alarm.metrics) as MetricDataQuery[];
    alarm.metrics = queries.map((query) => {
      const { metricStat } = query;
      if (!metricStat) return query;
      const dimensions = metricStat.metric.dimensions.filter(({ name }) => name !== 'EventBusName');
      const metric = { ...metricStat.metric, dimensions: [busName, ...dimensions] };
      return { ...query, metricStat: { ...metricStat, metric } };
    });
  }
}

/** The parts of a query of an alarm that are changed, once nothing in them is to be resolved any more. */
type MetricDataQuery = CfnAlarm.MetricDataQueryProperty & {
  readonly metricStat?: CfnAlarm.MetricStatProperty & {
    readonly metric: CfnAlarm.MetricProperty & { readonly dimensions: readonly CfnAlarm.DimensionProperty[] };
  };
};
