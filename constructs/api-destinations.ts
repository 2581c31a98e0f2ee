import type { Duration } from 'aws-cdk-lib';
import { SecretValue } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { KeyKind } from './command-patterns';
import { momentoCall } from './momento-calls';
import type { MomentoCommand } from './momento-command';

export interface ApiDestinationsProps {
  readonly apiKey: secretsmanager.ISecret;
  readonly apiKeyField?: string;
  readonly apiKeyVersionId?: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Calls a second, of each command that is wanted. */
  readonly rateLimits: ReadonlyMap<MomentoCommand, number>;
  readonly maxEventAge: Duration;
  readonly retryAttempts: number;
  readonly deadLetterQueue: sqs.IQueue;
}

/**
 * Momento's HTTP API as targets of rules: no code runs.
 */
export class ApiDestinations extends Construct {
  public readonly connection: events.Connection;
  public readonly role: iam.Role;
  public readonly destinations: ReadonlyMap<MomentoCommand, events.ApiDestination>;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: ApiDestinationsProps,
  ) {
    super(scope, id);
    this.connection = new events.Connection(this, 'Connection', {
      description: 'Momento API key',
      // The raw key: Momento has no scheme such as Bearer.
      authorization: events.Authorization.apiKey(
        'Authorization',
        SecretValue.secretsManager(props.apiKey.secretArn, {
          jsonField: props.apiKeyField,
          versionId: props.apiKeyVersionId,
        }),
      ),
    });
    this.destinations = new Map([...props.rateLimits].map(([command, limit]) => [command, this.make(command, limit)]));
    this.role = new iam.Role(this, 'Role', {
      description: 'Lets EventBridge call Momento',
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
    });
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['events:InvokeApiDestination'],
        resources: [...this.destinations.values()].map(({ apiDestinationArn }) => apiDestinationArn),
      }),
    );
  }

  /** The target of a rule that accepts a command. */
  public target(command: MomentoCommand, keyKind?: KeyKind): events.IRuleTarget {
    const { role, destinations, props } = this;
    const call = momentoCall(command, keyKind);
    return {
      bind: () => ({
        arn: destinations.get(command)?.apiDestinationArn ?? '',
        role,
        input: call.body,
        httpParameters: {
          pathParameterValues: [...call.pathParameterValues],
          ...(notEmpty(call.queryStringParameters) && { queryStringParameters: call.queryStringParameters }),
          ...(notEmpty(call.headerParameters) && { headerParameters: call.headerParameters }),
        },
        retryPolicy: {
          maximumEventAgeInSeconds: props.maxEventAge.toSeconds(),
          maximumRetryAttempts: props.retryAttempts,
        },
        deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
      }),
    };
  }

  private make(command: MomentoCommand, rateLimitPerSecond: number): events.ApiDestination {
    const { id, description, method, path } = momentoCall(command);
    return new events.ApiDestination(this, id, {
      description,
      connection: this.connection,
      endpoint: `${this.props.url}${path}`,
      httpMethod: method,
      rateLimitPerSecond,
    });
  }
}

function notEmpty(parameters: Readonly<Record<string, string>>): boolean {
  return Object.keys(parameters).length > 0;
}
