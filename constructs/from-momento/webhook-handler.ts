import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { secretId } from '../common/secret-id';
import { SOURCE } from '../common/detail-type';
import { Handler } from '../handlers/handler';
import type { MomentoWebhookToEventBridgeProps } from './momento-webhook-to-eventbridge-props';
import { checkMilliseconds, checkOneOf } from '../common/prop-checks';
import type { ReplayProtectionConfig } from './replay-protection';
import { ReplayTableOutage } from './replay-table-outage';
import { SignatureAlgorithm } from './signature-algorithm';

export interface WebhookHandlerProps {
  readonly eventBus: events.IEventBus;
  readonly fallbackQueue: sqs.IQueue;
  readonly replays: ReplayProtectionConfig;
  readonly settings: MomentoWebhookToEventBridgeProps;
  readonly signingSecret: secretsmanager.ISecret;
}

/**
 * The function behind the webhook's URL, with its environment variables and permissions.
 */
export class WebhookHandler extends Handler {
  public constructor(scope: Construct, id: string, props: WebhookHandlerProps) {
    const { eventBus, fallbackQueue, replays, settings, signingSecret } = props;
    super(scope, id, {
      binary: 'webhook',
      description: 'Puts messages of Momento topics, posted by a webhook, on an event bus',
      memorySize: settings.memorySize ?? 128,
      // The handler answers within 4.5 s, before Momento times out; this only ends a handler that hangs.
      timeout: Duration.seconds(10),
      reservedConcurrency: settings.reservedConcurrency,
      settings,
      environment: {
        EVENT_BUS_NAME: eventBus.eventBusArn,
        MOMENTO_SECRET_ID: secretId(scope, 'signingSecret', signingSecret),
        FALLBACK_QUEUE_URL: fallbackQueue.queueUrl,
        ...checkedSettings(scope, settings),
        ...checkedReplayTable(scope, replays),
      },
    });
    this.may.putEventsOn(eventBus, [SOURCE]);
    this.may.readSecret(signingSecret);
    this.may.sendTo(fallbackQueue);
    if (replays.table) {
      this.may.writeItemsOf(replays.table);
    }
  }
}

function checkedSettings(scope: Construct, settings: MomentoWebhookToEventBridgeProps): Record<string, string> {
  const {
    maxEventAge = Duration.seconds(60),
    maxClockSkew = Duration.seconds(10),
    signatureAlgorithm = SignatureAlgorithm.HMAC_SHA3_256,
    previousSecretValidity,
  } = settings;
  return {
    MAX_EVENT_AGE_MS: checkMilliseconds(scope, 'maxEventAge', maxEventAge, Duration.seconds(1), Duration.minutes(5)),
    MAX_CLOCK_SKEW_MS: checkMilliseconds(scope, 'maxClockSkew', maxClockSkew, Duration.millis(0), Duration.minutes(5)),
    SIGNATURE_ALGORITHM: checkOneOf(scope, 'signatureAlgorithm', signatureAlgorithm, Object.values(SignatureAlgorithm)),
    ...(previousSecretValidity && {
      PREVIOUS_SECRET_VALIDITY_MS: checkMilliseconds(
        scope,
        'previousSecretValidity',
        previousSecretValidity,
        Duration.millis(0),
        Duration.days(365),
      ),
    }),
  };
}

function checkedReplayTable(scope: Construct, replays: ReplayProtectionConfig): Record<string, string> {
  const { table, whenUnavailable = ReplayTableOutage.ACCEPT } = replays;
  return table === undefined
    ? {}
    : {
        REPLAY_TABLE_NAME: table.tableName,
        REPLAY_TABLE_OUTAGE: checkOneOf(scope, 'whenUnavailable', whenUnavailable, Object.values(ReplayTableOutage)),
      };
}
