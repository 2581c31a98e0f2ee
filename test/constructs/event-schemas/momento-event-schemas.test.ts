import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { MomentoEventSchemas, type MomentoEventSchemasProps } from '../../../constructs';
import { documents, OPENAPI, toOpenApi } from '../../../scripts/event-schemas';
import { InStack } from '../in-stack';
import { lint } from '../lint';
import { findings } from '../nag-findings';

/** Of the schemas that are registered, by their names. */
interface Registered {
  readonly RegistryName: unknown;
  readonly SchemaName: string;
  readonly Description: string;
  readonly Type: string;
  readonly Content: string;
}

function registeredBy(stack: Stack): Registered[] {
  const found = new InStack(stack).template.findResources('AWS::EventSchemas::Schema');
  return Object.values(found).map((resource) => (resource as { Properties: Registered }).Properties);
}

function schemasIn(stack: Stack, props?: MomentoEventSchemasProps): Registered[] {
  new MomentoEventSchemas(stack, 'Schemas', props);
  return registeredBy(stack);
}

const newStack = () => new Stack(new App(), 'Stack');

describe('the schemas', () => {
  const stack = newStack();
  const registered = schemasIn(stack);

  test('are of every event, named by the convention of the registry: source@DetailType', () => {
    assert.deepEqual(
      registered.map(({ SchemaName }) => SchemaName),
      [
        'Momento@TopicMessage',
        'Momento.Subscription@TopicMessagesMissed',
        'MomentoCommand@CacheSet',
        'MomentoCommand@CacheDelete',
        'MomentoCommand@TopicPublish',
      ],
    );
    assert.equal(registered.length, readdirSync(OPENAPI).length);
  });

  test('are valid OpenAPI 3.0, within the limits of the registry for a text and its description', async () => {
    const { Validator } = await import('@seriousme/openapi-schema-validator');
    for (const { SchemaName, Type, Content, Description } of registered) {
      assert.equal(Type, 'OpenApi3');
      // CreateSchemaInput in the API reference of the registry.
      assert.ok(Content.length <= 100_000 && Description.length <= 256, SchemaName);
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(Content) as Record<string, unknown>);
      assert.ok(valid, `${SchemaName}: ${JSON.stringify(errors)}`);
      assert.equal(validator.version, '3.0');
    }
  });

  test('have the detail as a schema of its own, which the event refers to: SAM makes its bindings of that', () => {
    for (const { SchemaName, Content } of registered) {
      const { schemas } = (JSON.parse(Content) as { components: { schemas: Record<string, unknown> } }).components;
      const name = SchemaName.split('@')[1] ?? '';
      assert.deepEqual(Object.keys(schemas), ['AWSEvent', name]);
      const { properties } = schemas.AWSEvent as { properties: Record<string, unknown> };
      assert.deepEqual(properties.detail, { $ref: `#/components/schemas/${name}` });
    }
  });

  test('say which events they are of, where that is one constant', () => {
    const said = registered.map(({ Content }) => {
      const { AWSEvent } = (JSON.parse(Content) as { components: { schemas: { AWSEvent: Record<string, string> } } })
        .components.schemas;
      return [AWSEvent['x-amazon-events-source'], AWSEvent['x-amazon-events-detail-type']];
    });
    assert.deepEqual(said, [
      ['Momento', undefined],
      ['Momento.Subscription', 'Topic Messages Missed'],
      [undefined, 'cacheSet'],
      [undefined, 'cacheDelete'],
      [undefined, 'topicPublish'],
    ]);
  });

  test('are in a registry of their own', () => {
    const registry = new InStack(stack).template.findResources('AWS::EventSchemas::Registry');
    const [id] = Object.keys(registry);
    for (const { RegistryName } of registered) assert.deepEqual(RegistryName, { 'Fn::GetAtt': [id, 'RegistryName'] });
  });

  test('are a template in which neither cfn-lint nor cdk-nag finds anything', () => {
    const linted = newStack();
    schemasIn(linted);
    lint(linted);
    assert.deepEqual(findings(linted), []);
  });
});

describe('an existing registry', () => {
  test('gets the schemas, whether its name is known at synth or at deployment', () => {
    const stack = newStack();
    const names = new Set(schemasIn(stack, { existingRegistryName: 'shared-events' }).map((one) => one.RegistryName));
    assert.deepEqual([...names], ['shared-events']);
    new InStack(stack).template.resourceCountIs('AWS::EventSchemas::Registry', 0);
    const other = newStack();
    const { valueAsString } = new CfnParameter(other, 'RegistryName');
    for (const { RegistryName } of schemasIn(other, { existingRegistryName: valueAsString })) {
      assert.deepEqual(RegistryName, { Ref: 'RegistryName' });
    }
  });

  test('must have a name that a registry can have, and must not be that of AWS', () => {
    const arn = 'arn:aws:schemas:eu-west-1:111111111111:registry/shared-events';
    for (const existingRegistryName of ['', 'a'.repeat(65), 'shared events', arn, 'aws.events']) {
      assert.throws(() => schemasIn(newStack(), { existingRegistryName }), {
        message:
          'Stack/Schemas: existingRegistryName must have 1 to 64 letters, digits, . - and _, and not be aws.events, ' +
          `got ${existingRegistryName || 'an empty string'}. Pass the name of a registry of yours, not its ARN.`,
      });
    }
  });
});

describe('the documents in schemas/openapi', () => {
  test('are those that the JSON Schemas give', () => {
    const current = readdirSync(OPENAPI).map((file) => [file, readFileSync(join(OPENAPI, file), 'utf8')]);
    assert.deepEqual(Object.fromEntries(current), Object.fromEntries(documents()), 'run npm run schemas');
  });

  test('would not be written of a schema with a keyword that could be lost', () => {
    for (const schema of [
      { if: {} },
      { properties: { a: { contains: {} } } },
      { oneOf: [{ type: ['string', 'integer'] }] },
    ]) {
      assert.throws(() => toOpenApi(schema), /is not supported$/);
    }
  });

  test('keep each of two keywords that both become allOf', () => {
    const required = [{ required: ['a'] }];
    const dependentRequired = { b: ['c'] };
    const dependent = { anyOf: [{ not: { required: ['b'] } }, { required: ['c'] }] };
    assert.deepEqual(toOpenApi({ allOf: required, dependentRequired }), { allOf: [...required, dependent] });
    assert.deepEqual(toOpenApi({ dependentRequired, allOf: required }), { allOf: [dependent, ...required] });
  });
});
