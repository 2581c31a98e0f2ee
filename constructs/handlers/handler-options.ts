import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { HandlerCode } from './handler-code';
import type { LogLevel } from './log-level';

/**
 * Options for the handlers of a construct, its Lambda functions.
 */
export interface HandlerOptions {
  /**
   * The architecture of the handlers: `ARM_64` or `X86_64`.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Whether the handlers are traced with X-Ray. The trace of a webhook request continues with the event.
   *
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * The retention of the handlers' logs. The log groups themselves are kept when the stack is deleted.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The key that encrypts the handlers' logs. Its policy must let CloudWatch Logs use it; the construct does not amend it.
   *
   * @default - a key of CloudWatch Logs
   */
  readonly logEncryptionKey?: kms.IKey;

  /**
   * The log level of the handlers. No level logs secrets, API keys, signatures or the text of a message, except for a message
   * that the webhook handler could put neither on the bus nor in the fallback queue.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;

  /**
   * The key that encrypts the handlers' environment variables. They contain names, addresses and templates, but no secrets.
   *
   * @default - a key of Lambda
   */
  readonly environmentEncryption?: kms.IKey;

  /**
   * The VPC of the handlers. It needs a route to every service that they call, such as an interface endpoint:
   * `MomentoWebhookToEventBridge` to EventBridge, SQS and Secrets Manager, and to DynamoDB with a replay table;
   * `MomentoTopicToEventBridge` to EventBridge, SQS, Secrets Manager and DynamoDB, and over the internet to Momento;
   * `DynamoDbToMomento` to SQS; `Delivery.lambdaFunction()` to SQS and Secrets Manager, and over the internet to Momento;
   * `ApiKeyRotation.followSecret()` to EventBridge and Secrets Manager.
   *
   * @default - none: Lambda's own network, which reaches every service
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of `vpc`.
   *
   * @default - the CDK's choice: private subnets with egress, if there are any
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the handlers in `vpc`. They need outbound HTTPS (port 443) only.
   *
   * @default - one is created for each handler, which allows all outbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The source of the handlers' machine code.
   *
   * @default HandlerCode.prebuilt()
   */
  readonly handlerCode?: HandlerCode;
}
