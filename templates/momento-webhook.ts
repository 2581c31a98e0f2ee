import { Aws, CfnCondition, CfnOutput, Fn } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { MomentoWebhookToEventBridge, MomentoWebhookToEventBridgeAlarms } from '../constructs';
import { ALARM_COMMENTS, AlarmEmail } from './alarm-email';
import type { HandlerZips } from './handler-zips';
import type { Host } from './host';
import { OneClickStack } from './one-click-stack';
import { ReleasedCode } from './released-code';

/** Empty, or what the handler takes for a signing secret, or JSON with signing secrets. The handler could not tell an ARN. */
const SIGNING_SECRET_PATTERN = (() => {
  const end = String.raw`[^\s\x00-\x1f\x7f-\x9f\ufeff]`;
  return String.raw`^(?!arn:)(${end}[\s\S]{14,}${end})?$`;
})();

/** `MomentoWebhookToEventBridge`, to be launched from the console. */
export class MomentoWebhookStack extends OneClickStack {
  public override readonly comments = {
    EventBusMustExist:
      'EventBridge drops events for a bus that does not exist. This rule makes the deployment fail instead.',
    SigningSecret: 'Can be empty at first, because Momento creates the signing secret when you register the URL.',
    ...ALARM_COMMENTS,
  };

  public constructor(host: Host, zips: HandlerZips) {
    super(
      'Momento topics to Amazon EventBridge: a Momento webhook posts messages to a Lambda function, which puts them on a bus',
    );
    const eventBusName = this.eventBusName('The name of the event bus to put the messages on. It must exist.');
    const signingSecret = this.parameter('MomentoSigningSecret', {
      group: 'Momento',
      label: 'Signing secret of the webhook',
      description:
        'The signing secret of a Momento webhook that you have. If you have none, leave it empty: launch the stack, create the ' +
        'webhook with the Url of the outputs, then update the stack with the signing secret that Momento shows. Until ' +
        'then, every request is answered 503.',
      type: 'String',
      default: '',
      noEcho: true,
      allowedPattern: SIGNING_SECRET_PATTERN,
      constraintDescription:
        'must be empty, or the signing secret itself: at least 16 characters, without white space and control characters at ' +
        'its ends, and not the ARN of a secret',
    });
    const code = new ReleasedCode(this, host, zips);
    const email = new AlarmEmail(this);

    const eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    const momento = new MomentoWebhookToEventBridge(this, 'Momento', {
      eventBus,
      handlerCode: code.handlerCode,
    });
    code.run(momento);

    const secretIsGiven = new CfnCondition(this, 'SigningSecretIsGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(signingSecret.valueAsString, '')),
    });
    const secret = momento.signingSecret.node.defaultChild as CfnSecret;
    secret.description = 'Signing secret of the Momento webhook';
    secret.secretString = Fn.conditionIf(secretIsGiven.logicalId, signingSecret.valueAsString, Aws.NO_VALUE).toString();

    email.addAlarms(
      (actions) => new MomentoWebhookToEventBridgeAlarms(this, 'Alarms', { monitored: momento, actions }),
    );
    new CfnOutput(this, 'EventBus', { value: eventBus.eventBusName, description: 'The event bus with the messages' });
    this.addLogOutput('LogGroup', momento.handler, 'The log of the function that takes messages to the bus');
    this.addLogOutput(
      'RedriveLogGroup',
      momento.redriveHandler,
      'The log of the function that redrives parked messages',
    );
  }
}
