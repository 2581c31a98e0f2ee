import type { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerOptions } from '../handlers/handler-options';
import type { ReplayProtection } from './replay-protection';
import type { SignatureAlgorithm } from './signature-algorithm';

/**
 * What `MomentoWebhookToEventBridge` can be told. Every member is optional.
 */
export interface MomentoWebhookToEventBridgeProps extends HandlerOptions {
  /**
   * The bus that the messages are put on. It must be in the stack's own account and region: the rules of `onMessage` are
   * made there, and EventBridge has no call across regions. Carry messages further with a rule whose target is the other
   * bus.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The signing secret of the webhook, as Momento shows it. Its versions AWSCURRENT and AWSPREVIOUS are both accepted, so
   * that a rotation loses no message.
   *
   * Several webhooks can post to the one URL. Their signing secrets are then the values of a JSON object, such as
   * `{"chat":"…","orders":"…"}`: a request is taken if any of them signed it, and the log, and the metrics read with the
   * option `webhook`, call it by that member's name. CloudWatch bills up to seven metrics for each name. Whoever knows one
   * of the secrets can post messages of any cache and topic. At most 20, four times what Momento allowed in a namespace:
   * each further one makes it dearer to refuse what none of them signed.
   *
   * @default - a secret is created, without a value; put it in with `aws secretsmanager put-secret-value`. Until then
   * every request is refused. It is deleted with the stack: Momento shows the value again.
   */
  readonly signingSecret?: secretsmanager.ISecret;

  /**
   * Where a message waits that the bus did not take: Momento sends each message once, so it must not be refused. A
   * standard queue of the stack's own region, and of no other use: what else it holds ends in the dead-letter queue.
   *
   * Give it a visibility timeout of 3 minutes, six times what the redrive handler may take, as Lambda advises; under its
   * 30 seconds the deployment fails. Give it a dead-letter queue with a `maxReceiveCount` of 1000, SQS's most: the redrive
   * handler receives a message each time it tries, and a smaller number would cut `redrivePatience` short.
   *
   * @default - a queue is created: as above, encrypted with keys that SQS manages, TLS only, messages kept for 14 days,
   * the longest that SQS keeps them. It is deleted with the stack, with what it holds.
   */
  readonly fallbackQueue?: sqs.IQueue;

  /**
   * How long the redrive handler tries to put a parked message on the bus before it moves it to the dead-letter queue. It
   * waits longer after each attempt, up to 15 minutes. A message that the bus would never take is moved at once.
   *
   * From 1 minute to 10 days, in whole milliseconds: attempts 15 minutes apart stay under the 1000 that SQS allows, and
   * the fallback queue keeps messages for 14 days.
   *
   * @default Duration.days(1)
   */
  readonly redrivePatience?: Duration;

  /**
   * Where a parked message ends that could not be put on the bus, with the reason in its message attributes. A standard
   * queue of the stack's own account and region, as SQS asks of a dead-letter queue, and not the fallback queue.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, messages kept for 14 days. It is
   * deleted with the stack, with what it holds.
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * How a request is known that was taken before.
   *
   * @default ReplayProtection.memory()
   */
  readonly replayProtection?: ReplayProtection;

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
   * know those, each environment of the handler remembers the last 4096 messages: nearly 3 minutes' worth at the most that
   * Momento delivers, 5 messages a second from each of 5 webhooks. A table (`replayProtection`) remembers them all.
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
   * The memory of the webhook's handler, in MiB. It needs a small part of the least that Lambda offers; Lambda grants
   * processor time in proportion, so more of it shortens cold starts.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * The most environments of the webhook's handler that run at once, taken from the account's concurrency and set aside
   * for it. It is the bound on what a flood costs. 0 should turn the URL off (not tried on AWS).
   *
   * Anyone who knows the URL can post to it, and each refused request is an invocation of a millisecond or two and about a
   * kilobyte of log: in us-east-1 less than 1 USD a million. The URL takes ten requests a second for each environment, so
   * a day of flood costs less than 1 USD for each. Lambda answers 429 to the rest, which as far as we know it does not bill.
   *
   * It answers so to the genuine sender too, who can't be told apart until the handler runs, and Momento does not repeat
   * a message: in a flood larger than the limit, genuine messages are lost in the proportion in which all requests are
   * turned away. Without a limit a flood can take up the account's concurrency, 1000 unless AWS changed it: it costs that
   * many times as much, and every other function of the account suffers too. Momento sends at most 25 requests a second,
   * which 3 environments take in calm; 10 to 50 ride out most noise.
   *
   * Where that is not enough, put CloudFront with a rate-based rule of AWS WAF before the URL and give Momento the
   * distribution's address: a `FunctionUrlOrigin` and a behaviour that allows POST, caches nothing and forwards all headers
   * but Host (`AllowedMethods.ALLOW_ALL`, `CachePolicy.CACHING_DISABLED`,
   * `OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER`). Without origin access control, which asks the sender of a POST
   * for a header that Momento does not send: whoever knows the URL itself can still go round, so tell nobody.
   *
   * @default - no limit but the account's
   */
  readonly reservedConcurrency?: number;
}
