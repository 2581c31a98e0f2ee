import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { HandlerCode } from './handler-code';
import { HandlerRole, type HandlerRoleProps } from './handler-role';
import { LogLevel } from './log-level';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { checkMilliseconds, checkOneOf } from './prop-checks';
import { SignatureAlgorithm } from './signature-algorithm';

export type WebhookHandlerProps = MomentoWebhookToEventBridgeProps & HandlerRoleProps;

/**
 * The function that takes the webhook's requests, with the environment it reads and the role it runs as.
 */
export class WebhookHandler extends lambda.Function {
  public constructor(scope: Construct, id: string, props: WebhookHandlerProps) {
    const architecture = checkedArchitecture(scope, props);
    super(scope, id, {
      description: 'Puts the messages of Momento topics, posted by a webhook, on an event bus',
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      code: (props.handlerCode ?? HandlerCode.prebuilt()).bind('webhook', architecture),
      architecture,
      memorySize: props.memorySize ?? 128,
      // The handler answers within 4.5 s by itself, before Momento gives up; this only ends one that hangs.
      timeout: Duration.seconds(10),
      reservedConcurrentExecutions: props.reservedConcurrency,
      tracing: props.tracing,
      logGroup: props.logGroup,
      role: new HandlerRole(scope, `${id}Role`, props),
      environment: {
        EVENT_BUS_NAME: props.eventBus.eventBusArn,
        MOMENTO_SECRET_ID: props.signingSecret.secretArn,
        FALLBACK_QUEUE_URL: props.fallbackQueue.queueUrl,
        ...checkedSettings(scope, props),
      },
    });
  }
}

function checkedArchitecture(scope: Construct, props: WebhookHandlerProps): lambda.Architecture {
  const { ARM_64, X86_64 } = lambda.Architecture;
  const { architecture = ARM_64 } = props;
  checkOneOf(scope, 'architecture', architecture.name, [ARM_64.name, X86_64.name]);
  return architecture;
}

function checkedSettings(scope: Construct, props: WebhookHandlerProps): Record<string, string> {
  const {
    maxEventAge = Duration.seconds(60),
    maxClockSkew = Duration.seconds(10),
    signatureAlgorithm = SignatureAlgorithm.HMAC_SHA3_256,
    logLevel = LogLevel.INFO,
  } = props;
  return {
    MAX_EVENT_AGE_MS: checkMilliseconds(scope, 'maxEventAge', maxEventAge, Duration.seconds(1), Duration.minutes(5)),
    MAX_CLOCK_SKEW_MS: checkMilliseconds(scope, 'maxClockSkew', maxClockSkew, Duration.millis(0), Duration.minutes(5)),
    SIGNATURE_ALGORITHM: checkOneOf(scope, 'signatureAlgorithm', signatureAlgorithm, Object.values(SignatureAlgorithm)),
    LOG_LEVEL: checkOneOf(scope, 'logLevel', logLevel, Object.values(LogLevel)),
  };
}
