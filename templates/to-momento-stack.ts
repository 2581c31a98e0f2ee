import { CfnOutput, type CfnParameter } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { type EventBridgeToMomento, EventBridgeToMomentoAlarms } from '../constructs';
import { AlarmEmail } from './alarm-email';
import { OneClickStack } from './one-click-stack';

/** What both delivery modes to Momento share. */
export abstract class ToMomentoStack extends OneClickStack {
  protected readonly apiKey: CfnParameter;
  protected readonly eventBus: events.IEventBus;

  /** @param mostKeyCharacters the most characters of the API key */
  protected constructor(description: string, mostKeyCharacters: number) {
    super(description);
    const eventBusName = this.eventBusName('The name of the bus that the commands are put on. It must exist.');
    this.eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    this.apiKey = this.apiKeyParameter('for the commands', mostKeyCharacters);
  }

  /** Adds the alarms of the construct, and the parameter for the address that they are sent to. */
  protected addAlarms(momento: EventBridgeToMomento): void {
    new AlarmEmail(this).addAlarms(
      (actions) => new EventBridgeToMomentoAlarms(this, 'Alarms', { monitored: momento, actions }),
    );
  }

  /** Names the bus beside the outputs of the construct. */
  protected addEventBusOutput(): void {
    new CfnOutput(this, 'EventBus', {
      value: this.eventBus.eventBusName,
      description: 'The event bus for the commands',
    });
  }
}
