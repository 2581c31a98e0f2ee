import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import * as eventschemas from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { fail } from '../common/prop-checks';
import type { MomentoEventSchemasProps } from './momento-event-schemas-props';

/** `npm run schemas` writes it. It is in the package. */
const DOCUMENTS = path.join(__dirname, '../../schemas/openapi');

/** What is on a bus from Momento, then what is on a bus for Momento. */
const EVENTS = ['topic-message', 'topic-messages-missed', 'cache-set', 'cache-delete', 'topic-publish'] as const;

/** Commands have the sources that their senders choose. */
const ANY_SOURCE = 'MomentoCommand';

/** As Terraform's AWS provider checks it (aws_schemas_registry): AWS's own reference gives no limits. AWS alone writes to aws.events. */
const REGISTRY_NAME = /^(?!aws\.events$)[-.\w]{1,64}$/;

/** The members of an OpenAPI document that a schema is registered with. */
interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly components: { readonly schemas: { readonly AWSEvent: { readonly 'x-amazon-events-source'?: string } } };
}

/**
 * The schemas of all events of this library in the schema registry of EventBridge, as OpenAPI 3.0, from which the console, the AWS
 * CLI and the AWS Toolkits make code bindings for Java, Python, TypeScript and Go.
 *
 * | schema | event |
 * | --- | --- |
 * | `Momento@TopicMessage` | a message of a topic, by webhook or by subscription |
 * | `Momento.Subscription@TopicMessagesMissed` | a gap in the messages of a topic |
 * | `MomentoCommand@CacheSet` | a command to `EventBridgeToMomento`, of any source |
 * | `MomentoCommand@CacheDelete` | a command to `EventBridgeToMomento`, of any source |
 * | `MomentoCommand@TopicPublish` | a command to `EventBridgeToMomento`, of any source |
 *
 * A new version of this library that changes a schema adds a version of it to the registry.
 *
 * @example
 * import { MomentoEventSchemas } from 'cdk-momento-eventbridge';
 *
 * new MomentoEventSchemas(this, 'Schemas');
 */
export class MomentoEventSchemas extends Construct {
  /**
   * The name of the registry.
   */
  public readonly registryName: string;

  /**
   * The registry, unless `existingRegistryName` names one.
   */
  public readonly registry?: eventschemas.CfnRegistry;

  /**
   * The schemas.
   */
  public readonly schemas: eventschemas.CfnSchema[];

  public constructor(scope: Construct, id: string, props: MomentoEventSchemasProps = {}) {
    super(scope, id);
    const { existingRegistryName } = props;
    if (existingRegistryName === undefined) {
      const description = 'Events from Momento, and commands to it (cdk-momento-eventbridge).';
      this.registry = new eventschemas.CfnRegistry(this, 'Registry', { description });
      this.registryName = this.registry.attrRegistryName;
    } else {
      checkRegistryName(this, existingRegistryName);
      this.registryName = existingRegistryName;
    }
    this.schemas = EVENTS.map((event) => {
      const document = JSON.parse(readFileSync(path.join(DOCUMENTS, `${event}.openapi.json`), 'utf8')) as Document;
      const { title, description } = document.info;
      const source = document.components.schemas.AWSEvent['x-amazon-events-source'] ?? ANY_SOURCE;
      return new eventschemas.CfnSchema(this, title, {
        registryName: this.registryName,
        schemaName: `${source}@${title}`,
        description,
        type: 'OpenApi3',
        content: JSON.stringify(document),
      });
    });
  }
}

function checkRegistryName(scope: Construct, name: string): void {
  if (!Token.isUnresolved(name) && !REGISTRY_NAME.test(name)) {
    fail(
      scope,
      'existingRegistryName must have 1 to 64 letters, digits, . - and _, and not be aws.events, ' +
        `got ${name || 'an empty string'}. Pass the name of a registry of yours, not its ARN.`,
    );
  }
}
