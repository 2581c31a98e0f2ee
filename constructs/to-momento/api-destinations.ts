import { SecretValue, Stack, Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ApiDestinationsOptions } from './api-destinations-options';
import type { ApiDestinationsResources, FollowRotationResources } from './api-destinations-resources';
import { ApiKeyRotation } from './api-key-rotation';
import type { BoundDelivery, CommandRoutes, EventRoutes } from './bound-delivery';
import { commandPatterns, type KeyKind } from './command-patterns';
import type { DeliveryProps } from './delivery-props';
import { FollowRotationHandler } from './follow-rotation-handler';
import { type MomentoCall, momentoCall } from './momento-calls';
import type { CommandTemplateFields } from './momento-command-template';
import { patternsWith, templateCall } from './template-call';
import type { MomentoCommand } from '../common/momento-command';
import { fail } from '../common/prop-checks';
import { secretId } from '../common/secret-id';
import type { HandlerOptions } from '../handlers/handler-options';

/** The end of a rule's construct id, by the kind of key that it matches. */
const RULE_SUFFIXES: Record<KeyKind, string> = { key: 'ByKey', key_base64: 'ByKeyBase64' };

export interface ApiDestinationsProps extends DeliveryProps {
  readonly options: ApiDestinationsOptions;
}

/**
 * Delivery by API destinations: rules whose targets are calls of Momento's HTTP API. No code runs.
 */
export class ApiDestinations extends Construct implements BoundDelivery {
  public readonly apiDestinations: ApiDestinationsResources;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: ApiDestinationsProps,
  ) {
    super(scope, id);
    checkApiKeyField(scope, props.apiKeyField);
    const { connectionEncryptionKey, apiKeyRotation = ApiKeyRotation.onDeployment() } = props.options;
    const { versionId, handlerOptions } = apiKeyRotation._bind();
    checkVersionId(scope, versionId);
    const connection = new events.Connection(this, 'Connection', {
      description: 'Momento API key',
      // The raw key: Momento takes no scheme such as Bearer.
      authorization: events.Authorization.apiKey(
        'Authorization',
        SecretValue.secretsManager(secretId(scope, 'apiKey', props.apiKey), {
          jsonField: props.apiKeyField,
          versionId,
        }),
      ),
    });
    for (const resource of connection.node.children) {
      // The L2 construct has no such prop.
      if (connectionEncryptionKey && resource instanceof events.CfnConnection) {
        resource.kmsKeyIdentifier = connectionEncryptionKey.keyArn;
      }
    }
    const destinations = Object.fromEntries(
      props.commands.map((command) => [command, this.destination(command, connection)]),
    );
    const role = new iam.Role(this, 'Role', {
      description: 'Lets EventBridge call Momento',
      // Rules of this account only. Not these rules alone: they refer to the role.
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['events:InvokeApiDestination'],
        resources: Object.values(destinations).map(({ apiDestinationArn }) => apiDestinationArn),
      }),
    );
    this.apiDestinations = {
      connection,
      destinations,
      role,
      followRotation: handlerOptions && this.followRotation(connection, handlerOptions),
    };
  }

  public routes(command: MomentoCommand, sources: readonly string[]): CommandRoutes {
    const { accepted, rejected } = commandPatterns(command, sources);
    const { id } = momentoCall(command);
    return {
      valid: accepted.map(({ keyKind, pattern }) => ({
        id: `${id}${keyKind === undefined ? 'Rule' : RULE_SUFFIXES[keyKind]}`,
        description: `Delivers ${command} commands to Momento`,
        pattern,
        target: this.target(command, momentoCall(command, keyKind)),
      })),
      invalid: [
        {
          id: `${id}Invalid`,
          description: `Sends invalid ${command} commands to the dead-letter queue`,
          pattern: rejected,
          target: this.deadLetterTarget(),
        },
      ],
    };
  }

  public eventRoutes(id: string, pattern: events.EventPattern, template: CommandTemplateFields): EventRoutes {
    const { command } = template;
    const { call, needs } = templateCall(this, template);
    const { accepted, rejected } = patternsWith(this, pattern, needs);
    const valid = {
      id,
      description: `Makes ${command} commands of events, and delivers them to Momento`,
      pattern: accepted,
      target: this.target(command, call),
    };
    const invalid = rejected && {
      id: `${id}Invalid`,
      description: `Sends events that cannot become ${command} commands to the dead-letter queue`,
      pattern: rejected,
      target: this.deadLetterTarget(),
    };
    return { valid, ...(invalid && { invalid }) };
  }

  public allow(): void {
    // The role of the targets lets them.
  }

  private deadLetterTarget(): events.IRuleTarget {
    return { bind: () => ({ arn: this.props.deadLetterQueue.queueArn }) };
  }

  /** The target of a rule that matches what is valid. */
  private target(command: MomentoCommand, call: MomentoCall): events.IRuleTarget {
    const { props } = this;
    const { role, destinations } = this.apiDestinations;
    return {
      bind: (rule) => {
        // The role includes its policy, without which the first commands would be dead letters.
        rule.node.addDependency(role);
        return {
          arn: destinations[command]?.apiDestinationArn ?? '',
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
        };
      },
    };
  }

  private destination(command: MomentoCommand, connection: events.Connection): events.ApiDestination {
    const { id, description, method, path } = momentoCall(command);
    return new events.ApiDestination(this, id, {
      description,
      connection,
      endpoint: `${this.props.url}${path}`,
      httpMethod: method,
      rateLimitPerSecond: this.props.rateLimits[command],
    });
  }

  private followRotation(connection: events.Connection, settings: HandlerOptions): FollowRotationResources {
    const { apiKey, apiKeyField } = this.props;
    const handler = new FollowRotationHandler(this, 'FollowRotationHandler', {
      apiKey,
      apiKeyField,
      connection,
      settings,
    });
    const { changeRule, scheduleRule } = handler;
    return { handler, changeRule, scheduleRule };
  }
}

function notEmpty(parameters: Readonly<Record<string, string>>): boolean {
  return Object.keys(parameters).length > 0;
}

/** CloudFormation reads the field in `{{resolve:secretsmanager:ID:SecretString:FIELD:STAGE:VERSION}}`. */
function checkApiKeyField(scope: Construct, field: string | undefined): void {
  if (field !== undefined && !Token.isUnresolved(field) && /[:{}]/.test(field)) {
    fail(
      scope,
      `apiKeyField must not contain :, { or }, got ${field}: CloudFormation could not read the field. Rename the field, or ` +
        'use Delivery.lambdaFunction().',
    );
  }
}

/** What Secrets Manager takes as the id of a version (`VersionId` in its API reference), without what a reference cannot hold. */
const VERSION_ID = /^[^:{}\s]{32,64}$/;

function checkVersionId(scope: Construct, versionId: string | undefined): void {
  if (versionId !== undefined && !Token.isUnresolved(versionId) && !VERSION_ID.test(versionId)) {
    fail(
      scope,
      `versionId must be the id of a version of the secret, 32 to 64 characters, got ${versionId || 'an empty string'}. Leave ` +
        'it out for the current version.',
    );
  }
}
