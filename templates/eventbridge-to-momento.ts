import type * as events from 'aws-cdk-lib/aws-events';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EventBridgeToMomento } from '../constructs';
import { ALARM_COMMENTS } from './alarm-email';
import { ToMomentoStack } from './to-momento-stack';

/** EventBridge's limit for the API key of a connection (`ApiKeyValue` in its API reference). */
const MAX_CONNECTION_KEY_CHARACTERS = 512;

/** `EventBridgeToMomento` by API destinations, to be launched from the console. No code runs. */
export class EventBridgeToMomentoStack extends ToMomentoStack {
  public override readonly comments = {
    ...ALARM_COMMENTS,
    ApiDestinationsConnection: 'EventBridge keeps its copy of the API key in a secret of its own.',
  };

  public constructor() {
    super(
      'Amazon EventBridge to Momento, by API destinations: events set and delete cache items and publish to topics',
      MAX_CONNECTION_KEY_CHARACTERS,
    );
    const momento = new EventBridgeToMomento(this, 'Momento', {
      eventBus: this.eventBus,
      // No secret has this name: the parameter takes its place below.
      apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'GivenApiKey', 'ApiKey'),
    });
    // CloudFormation would not read a secret again when its value has changed, and so a changed parameter would do nothing.
    const connection = momento.apiDestinations?.connection.node.findChild('Connection') as events.CfnConnection;
    connection.addPropertyOverride('AuthParameters.ApiKeyAuthParameters.ApiKeyValue', this.apiKey.valueAsString);
    this.addAlarms(momento);
    this.addEventBusOutput();
  }
}
