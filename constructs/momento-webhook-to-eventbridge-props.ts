import type { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerCode } from './handler-code';
import type { LogLevel } from './log-level';
import type { SignatureAlgorithm } from './signature-algorithm';

/**
 * What `MomentoWebhookToEventBridge` can be told. Every member is optional.
 */
export interface MomentoWebhookToEventBridgeProps {
  /**
   * The bus that the messages are put on. It must be in the stack's own account and region: the rules of `onMessage` are
   * made there, and EventBridge has no call across regions. Carry messages further with a rule whose target is the other
   * bus.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The signing secret of the webhook, as Momento shows it, or a JSON object whose values are the signing secrets of
   * several webhooks. Its versions AWSCURRENT and AWSPREVIOUS are both accepted, so that a rotation loses no message.
   *
   * @default - a secret is created, without a value; put it in with `aws secretsmanager put-secret-value`. Until then
   * every request is refused. It is deleted with the stack: Momento shows the value again.
   */
  readonly signingSecret?: secretsmanager.ISecret;

  /**
   * Where a message waits that the bus did not take: Momento sends each message once, so it must not be refused. A
   * standard queue of the stack's own region.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, messages kept for 14 days, the
   * longest that SQS keeps them. It is deleted with the stack, with what it holds.
   */
  readonly fallbackQueue?: sqs.IQueue;

  /**
   * The keyed hash that the requests are signed with.
   *
   * @default SignatureAlgorithm.HMAC_SHA3_256, Momento's own
   */
  readonly signatureAlgorithm?: SignatureAlgorithm;

  /**
   * How long ago a message may have been published. Older ones are refused, as Momento's documentation advised, so that
   * a request that somebody recorded is soon worth nothing.
   *
   * From 1 second to 5 minutes, the window that Standard Webhooks settled on, in whole milliseconds. Momento gives a
   * request up after 5 seconds and never repeats it, so a longer age admits no message of Momento's, only recordings. To
   * know those, each copy of the handler remembers the last 4096 messages: nearly 3 minutes' worth at the most that
   * Momento delivers, 5 messages a second from each of 5 webhooks.
   *
   * @default Duration.seconds(60)
   */
  readonly maxEventAge?: Duration;

  /**
   * How far in the future a message may have been published, by the handler's clock: how far the clocks of Momento and
   * Lambda may be apart.
   *
   * From 0 to 5 minutes, the difference that AWS itself allows in a signed request, in whole milliseconds.
   *
   * @default Duration.seconds(10)
   */
  readonly maxClockSkew?: Duration;

  /**
   * The processor the handler runs on: `ARM_64` or `X86_64`.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * The handler's memory, in MiB. It needs a small part of the least that Lambda offers; Lambda grants processor time in
   * proportion, so more of it shortens cold starts.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * The most copies of the handler that run at once, set aside for it. The URL then takes ten times as many requests a
   * second; Lambda answers 429 to the rest, and Momento does not repeat them. 0 turns the URL off.
   *
   * @default - no limit but the account's
   */
  readonly reservedConcurrency?: number;

  /**
   * Whether requests are traced with X-Ray. The trace goes on with the event.
   *
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * How long the handler's log is kept. The log group itself outlives the stack.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The least severe line that the handler logs. No level logs secrets, signatures or, unless neither the bus nor the
   * fallback queue took a message, its text.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;

  /**
   * Where the handler's machine code comes from.
   *
   * @default HandlerCode.prebuilt()
   */
  readonly handlerCode?: HandlerCode;
}
