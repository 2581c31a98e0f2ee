import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { HandlerCode } from './handler-code';
import type { LogLevel } from './log-level';

/**
 * How the handlers of a construct run: its Lambda functions.
 */
export interface HandlerOptions {
  /**
   * The processor the handlers run on: `ARM_64` or `X86_64`.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Whether the handlers are traced with X-Ray. The trace of a webhook's request goes on with the event.
   *
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * How long the handlers' logs are kept. The log groups themselves outlive the stack.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The key that the handlers' logs are encrypted with. Its policy has to let CloudWatch Logs use it; one that is made in
   * the same app is not amended.
   *
   * @default - a key of CloudWatch Logs
   */
  readonly logEncryptionKey?: kms.IKey;

  /**
   * The least severe line that the handlers log. No level logs secrets, API keys, signatures or the text of a message, but
   * for one that the webhook's handler could put neither on the bus nor in the fallback queue.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;

  /**
   * The key that the handlers' environment variables are encrypted with. They hold names, addresses and templates, no secret.
   *
   * @default - a key of Lambda
   */
  readonly environmentEncryption?: kms.IKey;

  /**
   * The network that the handlers make their calls from. It needs a way to each service that they call, such as an interface
   * endpoint: `MomentoWebhookToEventBridge` to EventBridge, SQS and Secrets Manager, and to DynamoDB if there is a replay
   * table; `DynamoDbToMomento` to SQS; `Delivery.lambda()` to SQS, Secrets Manager, and Momento itself, by way of the internet.
   *
   * @default - none of yours: Lambda's own, which reaches every service
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Which subnets of `vpc`.
   *
   * @default - the CDK's choice: private ones with a way out if there are any
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the handlers in `vpc`. Leave to call port 443 of the services is all that they need.
   *
   * @default - one is created for each handler, which lets it call everything
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Where the handlers' machine code comes from.
   *
   * @default HandlerCode.prebuilt()
   */
  readonly handlerCode?: HandlerCode;
}
