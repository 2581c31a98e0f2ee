import { SecretValue } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ApiDestinationsOptions } from './api-destinations-options';
import type { BoundDelivery, CommandRoutes, DeliveryProps } from './bound-delivery';
import { commandPatterns, type KeyKind } from './command-patterns';
import { FollowRotationHandler } from './follow-rotation-handler';
import { momentoCall } from './momento-calls';
import type { MomentoCommand } from '../common/momento-command';
import { refuse } from '../common/prop-checks';

/** What distinguishes the rules of a command, by the kind of its key. */
const RULE_SUFFIXES: Record<KeyKind, string> = { key: 'ByKey', key_base64: 'ByKeyBase64' };

export interface ApiDestinationsProps extends DeliveryProps {
  readonly options: ApiDestinationsOptions;
}

/**
 * Momento's HTTP API as targets of rules: no code runs.
 */
export class ApiDestinations extends Construct implements BoundDelivery {
  public readonly connection: events.Connection;
  public readonly role: iam.Role;
  public readonly apiDestinations: Readonly<Record<string, events.ApiDestination>>;
  public readonly followRotationHandler?: FollowRotationHandler;

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
    const { connectionEncryptionKey } = props.options;
    for (const resource of this.connection.node.children) {
      // The L2 construct has no prop for it.
      if (connectionEncryptionKey && resource instanceof events.CfnConnection) {
        resource.kmsKeyIdentifier = connectionEncryptionKey.keyArn;
      }
    }
    this.apiDestinations = Object.fromEntries(props.commands.map((command) => [command, this.destination(command)]));
    this.role = new iam.Role(this, 'Role', {
      description: 'Lets EventBridge call Momento',
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
    });
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['events:InvokeApiDestination'],
        resources: Object.values(this.apiDestinations).map(({ apiDestinationArn }) => apiDestinationArn),
      }),
    );
    if (props.options.followSecretRotation) {
      this.followRotationHandler = this.followRotation();
    }
  }

  public routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes {
    const { accepted, refused } = commandPatterns(command, sources);
    const { id } = momentoCall(command);
    return {
      delivered: accepted.map(({ keyKind, pattern }) => ({
        id: `${id}${keyKind === undefined ? 'Rule' : RULE_SUFFIXES[keyKind]}`,
        description: `Takes ${command} to Momento`,
        pattern,
        target: this.target(command, keyKind),
      })),
      refused: [
        {
          id: `${id}Refused`,
          description: `Takes what is no valid ${command} to the dead-letter queue`,
          pattern: refused,
          target: { bind: () => ({ arn: this.props.deadLetterQueue.queueArn }) },
        },
      ],
    };
  }

  public allow(rules: readonly events.Rule[]): void {
    // With its policy, without which the first commands would be dead letters.
    for (const rule of rules) {
      rule.node.addDependency(this.role);
    }
  }

  /** The target of a rule that accepts a command. */
  private target(command: MomentoCommand, keyKind?: KeyKind): events.IRuleTarget {
    const { role, apiDestinations, props } = this;
    const call = momentoCall(command, keyKind);
    return {
      bind: () => ({
        arn: apiDestinations[command]?.apiDestinationArn ?? '',
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

  private destination(command: MomentoCommand): events.ApiDestination {
    const { id, description, method, path } = momentoCall(command);
    return new events.ApiDestination(this, id, {
      description,
      connection: this.connection,
      endpoint: `${this.props.url}${path}`,
      httpMethod: method,
      rateLimitPerSecond: this.props.rateLimits[command],
    });
  }

  private followRotation(): FollowRotationHandler {
    const { apiKey, apiKeyField, apiKeyVersionId, options } = this.props;
    if (apiKeyVersionId !== undefined) {
      refuse(
        this.node.scope ?? this,
        'apiKeyVersionId is one version of the secret, and followSecretRotation follows the current one. Leave one of them out.',
      );
    }
    const { connection } = this;
    return new FollowRotationHandler(this, 'FollowRotationHandler', {
      apiKey,
      apiKeyField,
      connection,
      settings: options,
    });
  }
}

function notEmpty(parameters: Readonly<Record<string, string>>): boolean {
  return Object.keys(parameters).length > 0;
}
