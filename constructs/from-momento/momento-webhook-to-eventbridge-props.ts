import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { HandlerOptions } from '../handlers/handler-options';
import type { ReplayProtection } from './replay-protection';
import type { SignatureAlgorithm } from './signature-algorithm';

/**
 * Props for `MomentoWebhookToEventBridge`. All are optional.
 */
export interface MomentoWebhookToEventBridgeProps extends HandlerOptions {
  /**
   * The event bus that the messages are put on. It must be in the stack's own account and region: the rules of `onMessage`
   * are created there, and EventBridge has no call across regions. To forward messages further, add a rule whose target is the
   * other bus.
   *
   * EventBridge accepts events for a bus that does not exist, and drops them. So the construct adds a disabled rule to a bus
   * that is passed in: the deployment fails if the bus does not exist, and the bus cannot be deleted while the rule is there.
   *
   * @default - the account's default bus
   */
  readonly eventBus?: events.IEventBus;

  /**
   * The signing secret of the webhook, as Momento shows it, or the JSON object that Momento's tools answer with
   * (`{"secret":"…","webhookName":"…","cacheName":"…"}`). Its versions AWSCURRENT and, for `previousSecretValidity`,
   * AWSPREVIOUS are accepted, so that a rotation loses no message. A signing secret has 16 bytes or more, and does not begin
   * or end with white space, a control character or a byte order mark; the log names a member of the object that does.
   *
   * Several webhooks can post to the same URL. Their signing secrets are then the values of a JSON object, such as
   * `{"chat":"…","orders":"…"}`: a request is genuine if any of them signed it, and the member's name identifies it in the
   * log and in the metrics read with the option `webhook`. CloudWatch bills up to seven metrics for each name. Anyone who knows
   * one of the secrets can post messages of any cache and topic. At most 20, four times what Momento allowed in a namespace:
   * every further secret makes it more expensive to reject a forged request.
   *
   * @default - a secret is created, without a value; set it with `aws secretsmanager put-secret-value`. Until then every
   * request is rejected. `signingSecretRemovalPolicy` says when the secret is deleted
   */
  readonly signingSecret?: secretsmanager.ISecret;

  /**
   * How long the previous version of the signing secret (AWSPREVIOUS) stays valid after a rotation. It counts from when a
   * running execution environment notices the rotation; in one that starts later, from when the current version was created.
   *
   * From 0, which rejects what the previous secret signed at once, to 365 days, in whole milliseconds.
   *
   * @default Duration.days(1)
   */
  readonly previousSecretValidity?: Duration;

  /**
   * The fallback queue, for messages that the bus does not take: Momento sends each message only once. A standard queue in the
   * stack's own region, used for nothing else: other messages in it go to the dead-letter queue.
   *
   * Give it a visibility timeout of 3 minutes, six times the timeout of the redrive handler, as Lambda advises; below 30
   * seconds the deployment fails. Give it a dead-letter queue with a `maxReceiveCount` of 1000, the most that SQS allows: the
   * redrive handler receives a message on every attempt, so a smaller number would cut `redrivePatience` short.
   *
   * @default - a queue is created: as above, encrypted with keys that SQS manages, TLS only, with a retention period of 14
   * days, the most that SQS allows. `queueRemovalPolicy` says when it is deleted
   */
  readonly fallbackQueue?: sqs.IQueue;

  /**
   * How long the redrive handler retries a parked message before it moves it to the dead-letter queue. The delay grows with
   * every attempt, up to 15 minutes. A message that the bus can never take is moved at once.
   *
   * From 1 minute to 10 days, in whole milliseconds: attempts 15 minutes apart stay below the 1000 receives that SQS allows,
   * and the fallback queue keeps messages for 14 days.
   *
   * @default Duration.days(1)
   */
  readonly redrivePatience?: Duration;

  /**
   * The dead-letter queue, for parked messages that could not be put on the bus, with the reason in the message attributes. A
   * standard queue in the stack's own account and region, as SQS requires, and not the fallback queue.
   *
   * @default - a queue is created: encrypted with keys that SQS manages, TLS only, with a retention period of 14 days.
   * `queueRemovalPolicy` says when it is deleted
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * How replayed requests are detected.
   *
   * @default ReplayProtection.memory()
   */
  readonly replayProtection?: ReplayProtection;

  /**
   * The algorithm of the signature.
   *
   * @default SignatureAlgorithm.HMAC_SHA3_256, Momento's own
   */
  readonly signatureAlgorithm?: SignatureAlgorithm;

  /**
   * The maximum age of a message. Older messages are rejected, as Momento's documentation advised, so that a recorded request
   * soon becomes useless.
   *
   * From 1 second to 5 minutes, the window that Standard Webhooks recommends, in whole milliseconds. Momento times out a
   * request after 5 seconds and never retries it, so a longer age admits no genuine message, only replays. To detect those,
   * each execution environment remembers the last 50,000 messages, in some 6 MB: 83 a second over the longest window, where
   * Momento delivers 5 a second for each webhook. Beyond that, a message that could be a forgotten one is answered 503, unless
   * a table (`replayProtection`), which remembers all of them, says that it is new.
   *
   * @default Duration.seconds(60)
   */
  readonly maxEventAge?: Duration;

  /**
   * The maximum clock skew: how far in the future, by the handler's clock, a message may have been published.
   *
   * From 0 to 5 minutes, the skew that AWS itself allows in a signed request, in whole milliseconds.
   *
   * @default Duration.seconds(10)
   */
  readonly maxClockSkew?: Duration;

  /**
   * The memory of the webhook handler, in MiB. The handler uses a small part of the minimum; Lambda allots CPU in proportion,
   * so more memory shortens cold starts.
   *
   * @default 128
   */
  readonly memorySize?: number;

  /**
   * The reserved concurrency of the webhook handler: the maximum number of execution environments, set aside from the account's
   * concurrency. It bounds the cost of a flood. 0 should turn the URL off (not tried on AWS).
   *
   * Anyone who knows the URL can post to it. Each rejected request is an invocation of a millisecond or two and about a
   * kilobyte of log: in us-east-1 less than 1 USD a million. The URL takes ten requests a second for each environment, so a day
   * of flood costs less than 1 USD for each. Lambda answers 429 to the rest, which as far as we know it does not bill.
   *
   * Lambda answers 429 to Momento too, because only the handler can distinguish genuine requests, and Momento does not retry: in
   * a flood larger than the limit, genuine messages are lost in the same proportion as all requests. Without a limit a flood
   * can use up the account's concurrency, 1000 unless AWS changed it: it costs that many times as much, and throttles every
   * other function in the account. Momento sends at most 25 requests a second, for which 3 environments are enough; 10 to 50
   * outlast most noise.
   *
   * If that is not enough, put CloudFront with a rate-based rule of AWS WAF in front of the URL, and register the
   * distribution's address with Momento: a `FunctionUrlOrigin` and a behavior that allows POST, caches nothing and forwards all
   * headers but Host (`AllowedMethods.ALLOW_ALL`, `CachePolicy.CACHING_DISABLED`,
   * `OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER`). Do not use origin access control, which needs a header that Momento
   * does not send with a POST. Keep the function URL itself private: anyone who knows it can bypass the firewall.
   *
   * @default - no limit but the account's
   */
  readonly reservedConcurrency?: number;

  /**
   * The removal policy of the queues that the construct creates. A queue can hold the only copy of a message. With the default
   * it is kept when the stack is deleted, and when an update no longer needs it: with a queue of your own, or under another
   * construct id. A kept queue is yours to empty and delete.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly queueRemovalPolicy?: RemovalPolicy;

  /**
   * The removal policy of the signing secret that the construct creates. Momento shows the value again, so nothing is lost with
   * it.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly signingSecretRemovalPolicy?: RemovalPolicy;

  /**
   * Whether the stack has the output `Url`, and the outputs `SigningSecretArn`, `FallbackQueueUrl` and `DeadLetterQueueUrl` for
   * the resources that the construct creates.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
