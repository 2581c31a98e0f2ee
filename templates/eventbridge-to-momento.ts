import { CfnCondition, CfnOutput, Fn } from 'aws-cdk-lib';
import type { Alarm, CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EventBridgeToMomento } from '../constructs';
import { OneClickStack } from './one-click-stack';

/** `EventBridgeToMomento` by API destinations, to be launched from the console. No code runs. */
export class EventBridgeToMomentoStack extends OneClickStack {
  public override readonly comments = {
    ApiDestinationsConnection: 'EventBridge keeps its copy of the API key in a secret of its own.',
    FailedInvocationsAlarm: 'EventBridge leaves the name of the bus out of the metrics of rules on the default bus.',
  };

  public constructor() {
    super('Amazon EventBridge to Momento: events set or delete cache items or publish to topics');
    const eventBusName = this.eventBusName('The name of the bus that the commands are put on. It must exist.');
    const apiKey = this.parameter('MomentoApiKey', {
      group: 'Momento',
      label: 'API key',
      description: 'A Momento API key that may do what the commands ask for. To change it, update the stack.',
      type: 'String',
      noEcho: true,
      minLength: 1,
    });
    const eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    const momento = new EventBridgeToMomento(this, 'Momento', {
      eventBus,
      // No secret has this name: the parameter takes its place below.
      apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'GivenApiKey', 'ApiKey'),
    });
    // CloudFormation would not read a secret again when its value has changed, and so a changed parameter would do nothing.
    const connection = momento.connection?.node.findChild('Connection') as events.CfnConnection;
    connection.addPropertyOverride('AuthParameters.ApiKeyAuthParameters.ApiKeyValue', apiKey.valueAsString);
    this.nameBusUnlessDefault(momento.failedInvocationsAlarm, eventBus);

    new CfnOutput(this, 'EventBus', { value: eventBus.eventBusName, description: 'The event bus for the commands' });
    new CfnOutput(this, 'DeadLetterQueueUrl', {
      value: momento.deadLetterQueue.queueUrl,
      description: 'The queue of the commands that are none, that Momento refused, or that were tried in vain',
    });
  }

  /** Gives the metrics of an alarm the dimensions that they have on AWS, whichever bus is given at deployment. */
  private nameBusUnlessDefault(alarm: Alarm, eventBus: events.IEventBus): void {
    const onDefaultBus = new CfnCondition(this, 'OnDefaultBus', {
      expression: Fn.conditionEquals(eventBus.eventBusName, 'default'),
    });
    const busName = Fn.conditionIf(
      onDefaultBus.logicalId,
      { Ref: 'AWS::NoValue' },
      { Name: 'EventBusName', Value: eventBus.eventBusName },
    );
    const resource = alarm.node.defaultChild as CfnAlarm;
    const metrics = this.resolve(resource.metrics) as MetricDataQuery[];
    resource.metrics = metrics.map((query) => {
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
