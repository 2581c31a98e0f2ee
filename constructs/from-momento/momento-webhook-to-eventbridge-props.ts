import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { MomentoToEventBridgeProps } from './momento-to-eventbridge-props';
import type { ReplayProtection } from './replay-protection';
import type { SignatureAlgorithm } from './signature-algorithm';

/**
 * Props for `MomentoWebhookToEventBridge`. All are optional.
 */
export interface MomentoWebhookToEventBridgeProps extends MomentoToEventBridgeProps {
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
   * each execution environment remembers the last 50,000 messages, in some 3 MB: 83 a second over the longest window, where
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
   * The memory of the webhook handler, in MiB, from 128 to 10,240. The handler uses a small part of the minimum; Lambda allots CPU in proportion,
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
