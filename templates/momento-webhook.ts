import { Aws, CfnCondition, CfnOutput, Fn } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { HandlerCode, MomentoWebhookToEventBridge } from '../constructs';
import type { HandlerZips } from './handler-zips';
import { OneClickStack } from './one-click-stack';
import { bucketOfDeployment } from './release';

const { ARM_64, X86_64 } = lambda.Architecture;

/** `MomentoWebhookToEventBridge`, to be launched from the console. */
export class MomentoWebhookStack extends OneClickStack {
  public override readonly comments = {
    EventBusMustExist:
      'EventBridge accepts events for a bus that does not exist, and loses them. It refuses a rule on one.',
    SigningSecret: 'Empty at first, since Momento gives the signing secret only once it knows the URL.',
  };

  public constructor(zips: HandlerZips) {
    super(
      'Momento topics to Amazon EventBridge: a Lambda function behind a URL, to which a Momento webhook posts messages',
    );
    const eventBusName = this.eventBusName('The name of the event bus to put the messages on. It must exist.');
    const signingSecret = this.parameter('MomentoSigningSecret', {
      group: 'Momento',
      label: 'Signing secret of the webhook',
      description:
        'Leave it empty at first. Launch the stack, create the Momento webhook with the Url of the outputs, ' +
        'then update the stack with the signing secret that Momento shows. Until then, every request is refused.',
      type: 'String',
      default: '',
      noEcho: true,
    });
    const architecture = this.parameter('Architecture', {
      group: 'Lambda',
      label: 'Processor',
      description: 'What the functions run on. arm64 is the cheaper one.',
      type: 'String',
      default: ARM_64.name,
      allowedValues: [ARM_64.name, X86_64.name],
    });
    this.requireReleaseRegion();

    const eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    const bucket = s3.Bucket.fromBucketName(this, 'CodeBucket', bucketOfDeployment());
    const onArm = new CfnCondition(this, 'OnArm64', {
      expression: Fn.conditionEquals(architecture.valueAsString, ARM_64.name),
    });
    const code = (handler: string) => {
      const [arm, x86] = [ARM_64, X86_64].map(({ name }) => zips.key(handler, name));
      return lambda.Code.fromBucket(bucket, Fn.conditionIf(onArm.logicalId, arm, x86).toString());
    };
    const momento = new MomentoWebhookToEventBridge(this, 'Momento', {
      eventBus,
      handlerCode: HandlerCode.fromCode({ webhook: code('webhook'), redrive: code('redrive') }),
    });
    // The construct has to know the architecture at synth, to choose code by it: here the code follows the parameter.
    for (const handler of [momento.handler, momento.redriveHandler]) {
      (handler.node.defaultChild as lambda.CfnFunction).architectures = [architecture.valueAsString];
    }

    const secretIsGiven = new CfnCondition(this, 'SigningSecretIsGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(signingSecret.valueAsString, '')),
    });
    const secret = momento.signingSecret.node.defaultChild as CfnSecret;
    secret.description = 'Signing secret of the Momento webhook';
    secret.secretString = Fn.conditionIf(secretIsGiven.logicalId, signingSecret.valueAsString, Aws.NO_VALUE).toString();

    new events.CfnRule(this, 'EventBusMustExist', {
      description: 'Does nothing: it is here because it cannot be made on an event bus that does not exist',
      eventBusName: eventBusName.valueAsString,
      eventPattern: { source: ['Momento'] },
      state: 'DISABLED',
    });
    new CfnOutput(this, 'EventBus', { value: eventBus.eventBusName, description: 'The event bus with the messages' });
  }
}
