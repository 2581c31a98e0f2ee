import { CfnOutput, SecretValue } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Delivery, EventBridgeToMomento } from '../constructs';
import { ALARM_COMMENTS } from './alarm-email';
import type { HandlerZips } from './handler-zips';
import type { Host } from './host';
import { MAX_PARAMETER_CHARACTERS } from './one-click-stack';
import { ReleasedCode } from './released-code';
import { ToMomentoStack } from './to-momento-stack';

/** `EventBridgeToMomento` by a function, to be launched from the console: a message arrives byte for byte. */
export class EventBridgeToMomentoByLambdaStack extends ToMomentoStack {
  public override readonly comments = ALARM_COMMENTS;

  public constructor(host: Host, zips: HandlerZips) {
    super(
      'Amazon EventBridge to Momento, by a Lambda function that delivers messages byte for byte',
      MAX_PARAMETER_CHARACTERS,
    );
    const code = new ReleasedCode(this, host, zips);
    const apiKey = new secretsmanager.Secret(this, 'ApiKey', {
      description: 'Momento API key',
      secretStringValue: SecretValue.cfnParameter(this.apiKey),
    });
    const momento = new EventBridgeToMomento(this, 'Momento', {
      eventBus: this.eventBus,
      apiKey,
      delivery: Delivery.lambdaFunction({ handlerCode: code.handlerCode }),
    });
    code.run(momento);
    this.addAlarms(momento);
    this.addEventBusOutput();
    new CfnOutput(this, 'ApiKeyArn', { value: apiKey.secretArn, description: 'The secret that holds the API key' });
    if (momento.lambdaFunction) {
      this.addLogOutput('LogGroup', momento.lambdaFunction.handler, 'The log of the function that delivers commands');
    }
  }
}
