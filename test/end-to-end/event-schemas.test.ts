/** The schemas as they are deployed: what the registry has of them is what the events on the bus keep to. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { LocalAws } from '../../tools';
import { synthesizeEventSchemas } from './stacks';

interface Schema {
  readonly SchemaName: string;
  readonly SchemaVersion: string;
  readonly Type: string;
  readonly Content: string;
}

describe('the deployed schemas', () => {
  let aws: LocalAws;
  let registry: string;
  before(async () => {
    aws = await LocalAws.start();
    registry = (await aws.deploy(synthesizeEventSchemas())).get('RegistryName');
  });
  after(() => aws.stop());

  /** A call of the registry, whose client the tests do not need otherwise. */
  const call = async (path: string): Promise<{ status: number; content: unknown }> => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/schemas/aws4_request';
    const answer = await fetch(`${aws.endpoint}/v1/registries/name/${path}`, { headers: { authorization } });
    return { status: answer.status, content: await answer.json() };
  };
  const describeSchema = async (name: string): Promise<Schema> => {
    const { status, content } = await call(`${registry}/schemas/name/${encodeURIComponent(name)}`);
    assert.equal(status, 200, name);
    return content as Schema;
  };

  test('are all in the registry, which names the stack that they are of', async () => {
    assert.match(registry, /^EventSchemas-/);
    const { content } = await call(`${registry}/schemas`);
    assert.deepEqual((content as { Schemas: Schema[] }).Schemas.map(({ SchemaName }) => SchemaName).sort(), [
      'Momento.Subscription@TopicMessagesMissed',
      'Momento@TopicMessage',
      'MomentoCommand@CacheDelete',
      'MomentoCommand@CacheSet',
      'MomentoCommand@TopicPublish',
    ]);
  });

  test('read back, accept an event of the documentation and reject it without its text', async () => {
    const { Type, SchemaVersion, Content } = await describeSchema('Momento@TopicMessage');
    assert.deepEqual([Type, SchemaVersion], ['OpenApi3', '1']);
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true, int64: true } });
    ajv.addSchema(JSON.parse(Content) as Record<string, unknown>, 'document');
    const accepts = ajv.compile({ $ref: 'document#/components/schemas/AWSEvent' });
    const detail = {
      cache: 'chat',
      topic: 'room-281',
      event_timestamp: 1_683_219_700_000,
      publish_timestamp: 1_683_219_699_000,
      topic_sequence_number: 12,
      token_id: null,
    };
    const event = {
      version: '0',
      id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      source: 'Momento',
      'detail-type': 'chat#room-281',
      account: '111111111111',
      region: 'eu-west-1',
      time: '2023-05-04T17:01:39Z',
      resources: [],
      detail: { ...detail, text: 'Here I am!!' },
    };
    assert.ok(accepts(event), JSON.stringify(accepts.errors));
    assert.equal(accepts({ ...event, detail }), false);
  });

  test('stay at their version when the stack is deployed again', async () => {
    await aws.deploy(synthesizeEventSchemas());
    assert.equal((await describeSchema('MomentoCommand@CacheSet')).SchemaVersion, '1');
  });

  test('cannot be added to a registry that does not exist, and leave nothing behind when the stack is deleted', async () => {
    await aws.delete('EventSchemas');
    assert.equal((await call(`${registry}/schemas`)).status, 404);
    await assert.rejects(aws.deploy(synthesizeEventSchemas('missing')), /the registry missing does not exist/);
  });
});
