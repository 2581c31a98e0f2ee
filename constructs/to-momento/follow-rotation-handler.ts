import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { nameOf, secretId } from '../common/secret-id';
import { Handler } from '../handlers/handler';
import type { HandlerOptions } from '../handlers/handler-options';

export interface FollowRotationHandlerProps {
  readonly apiKey: secretsmanager.ISecret;
  readonly apiKeyField?: string;
  readonly connection: events.Connection;
  readonly settings: HandlerOptions;
}

/**
 * The function that copies the API key from the secret to a connection, and the rules that run it.
 */
export class FollowRotationHandler extends Handler {
  /** Runs it when Secrets Manager reports another current version of the secret. */
  public readonly changeRule: events.Rule;

  /** Runs it every 15 minutes, in case a report is lost. */
  public readonly scheduleRule: events.Rule;

  public constructor(scope: Construct, id: string, props: FollowRotationHandlerProps) {
    const { apiKey, apiKeyField, connection, settings } = props;
    super(scope, id, {
      binary: 'follow-rotation',
      description: 'Copies the API key from the secret to the connection to Momento',
      memorySize: 128,
      timeout: Duration.seconds(30),
      settings,
      environment: {
        CONNECTION_NAME: connection.connectionName,
        MOMENTO_API_KEY_SECRET_ID: secretId(scope, 'apiKey', apiKey),
        ...(apiKeyField !== undefined && { MOMENTO_API_KEY_FIELD: apiKeyField }),
      },
    });
    this.may.readSecret(apiKey);
    this.may.updateConnection(connection);
    this.changeRule = new events.Rule(scope, 'ApiKeyChanged', {
      description: 'Runs the function that copies the API key when the secret changes',
      // On the default bus, where Secrets Manager puts it even without a CloudTrail trail:
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/secret-event-notifications.html
      eventPattern: {
        source: ['aws.secretsmanager'],
        detailType: ['Secret Label Updated'],
        ...named(apiKey),
      },
      targets: [new targets.LambdaFunction(this)],
    });
    this.scheduleRule = new events.Rule(scope, 'ApiKeySchedule', {
      description: 'Runs the function that copies the API key every 15 minutes',
      schedule: events.Schedule.rate(Duration.minutes(15)),
      targets: [new targets.LambdaFunction(this)],
    });
  }
}

/** The secret as the event names it. A secret imported by name has no full ARN to compare with. */
function named(secret: secretsmanager.ISecret): events.EventPattern {
  const { secretFullArn } = secret;
  const labelUpdated = ['AWSCURRENT'];
  return secretFullArn === undefined
    ? { detail: { name: [nameOf(secret)], labelUpdated } }
    : { resources: [secretFullArn], detail: { labelUpdated } };
}
