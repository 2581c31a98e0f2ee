import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import fc from 'fast-check';
import { type EventEntry, momentoCommand } from 'cdk-momento-eventbridge/commands';
import { matchingRules } from '../../event-ruler';
import { ToMomento } from '../to-momento/to-momento';

const SEED = 20_261_122;
const DIRECTORY = join(__dirname, '../../../schemas');

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
const schemas = new Map<string, ValidateFunction>(
  filesIn(DIRECTORY, '.schema.json').map(([name, schema]) => [name, ajv.compile(schema)]),
);

// `nullable` of OpenAPI 3.0 is known to ajv.
const ofOpenApi = new Ajv({
  strict: true,
  strictRequired: false,
  formats: { 'date-time': true, int64: true },
  // Of the document around them, and what AWS adds.
  keywords: ['openapi', 'info', 'paths', 'components', 'x-amazon-events-source', 'x-amazon-events-detail-type'],
});
/** The same schemas as the registry of EventBridge gets them: of events only. */
const registered = new Map<string, ValidateFunction>(
  filesIn(join(DIRECTORY, 'openapi'), '.openapi.json').map(([name, document]) => {
    ofOpenApi.addSchema(document, name);
    return [name, ofOpenApi.compile({ $ref: `${name}#/components/schemas/AWSEvent` })];
  }),
);
/** What EventBridge adds to an event. */
const ENVELOPE = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  account: '111111111111',
  region: 'eu-west-1',
  time: '2026-11-26T23:00:00Z',
  resources: [],
};

function filesIn(directory: string, extension: string): [name: string, content: Record<string, unknown>][] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(extension))
    .map((file) => [
      file.replace(extension, ''),
      JSON.parse(readFileSync(join(directory, file), 'utf8')) as Record<string, unknown>,
    ]);
}

const SCHEMA_OF: Record<string, string> = {
  cacheSet: 'cache-set',
  cacheDelete: 'cache-delete',
  topicPublish: 'topic-publish',
};

/** The verdict of a schema, which is that of its counterpart for the registry too. */
function isValid(schema: string, instance: unknown): boolean {
  const validate = schemas.get(schema);
  assert.ok(validate, `there is a schema ${schema}`);
  const valid = validate(instance);
  const counterpart = registered.get(schema);
  if (counterpart) {
    const event = { ...ENVELOPE, ...(instance as Record<string, unknown>) };
    assert.equal(counterpart(event), valid, `${schema}: ${JSON.stringify(event)}`);
  }
  return valid;
}

/** The event that EventBridge makes of an entry. */
function eventOf({ Source, DetailType, Detail }: EventEntry): Record<string, unknown> {
  return { version: '0', source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) as unknown };
}

test('the registry has a counterpart of every schema of an event', () => {
  assert.deepEqual([...registered.keys(), 'parked-message'].sort(), [...schemas.keys()].sort());
});

describe('what the builders make', () => {
  const text = fc.string({ unit: 'grapheme' });
  const name = fc.string({ unit: 'grapheme', minLength: 1 });
  const key = fc.oneof(name, fc.uint8Array({ minLength: 1 }));
  const ttl = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const options = { source: 'orders' };
  const message = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.uint8Array() });
  const entry: fc.Arbitrary<EventEntry> = fc.oneof(
    fc.record({ cacheName: name, key, message, ttl }).map((command) => momentoCommand.cacheSet(command, options)),
    fc.record({ cacheName: name, key }).map((command) => momentoCommand.cacheDelete(command, options)),
    fc
      .record({ cacheName: name, topicName: name, message })
      .map((command) => momentoCommand.topicPublish(command, options)),
  );
  const events = fc.sample(entry, { seed: SEED, numRuns: 5000 }).map(eventOf);
  const schemaOf = (event: Record<string, unknown>) => SCHEMA_OF[String(event['detail-type'])] ?? '';

  test('is valid by its schema, and by no other', () => {
    for (const event of events) {
      const valid = [...schemas.keys()].filter((schema) => isValid(schema, event));
      assert.deepEqual(valid, [schemaOf(event)], JSON.stringify(event));
    }
  });

  test('is matched by one rule alone: by API destination one that delivers, but for a message of bytes', () => {
    const toMomento = new ToMomento();
    const { deliveryRules, invalidCommandRules } = toMomento.construct;
    const patterns = [...deliveryRules, ...invalidCommandRules].map(({ node: { id } }) => [
      id,
      toMomento.rule(id).EventPattern,
    ]);
    const delivering = new Set(deliveryRules.map(({ node }) => node.id));
    const texts = events.map((event) => JSON.stringify(event));
    for (const [i, rules] of matchingRules(Object.fromEntries(patterns) as Record<string, unknown>, texts).entries()) {
      const ofBytes = 'message_base64' in (events[i]?.detail as Record<string, unknown>);
      assert.ok(rules.length === 1 && delivering.has(rules[0] ?? '') === !ofBytes, texts[i]);
    }
  });

  test('is not valid any more with one field gone or of another type', () => {
    const wrong = fc.constantFrom(undefined, null, true, 0, -1, 0.5, '', [], ['a'], {}, { a: 1 });
    const mutations = fc.sample(fc.tuple(fc.constantFrom(...events), fc.nat(), wrong), { seed: SEED, numRuns: 5000 });
    for (const [event, which, value] of mutations) {
      const detail = event.detail as Record<string, unknown>;
      const fields = Object.keys(detail);
      const field = fields[which % fields.length] ?? '';
      // An empty message is a message.
      if (field.startsWith('message') && value === '') continue;
      const mutated = { ...event, detail: { ...detail, [field]: value } };
      const sent = JSON.parse(JSON.stringify(mutated)) as unknown;
      assert.equal(isValid(schemaOf(event), sent), false, JSON.stringify(mutated));
    }
  });
});

describe('a command is not valid', () => {
  const detail = { cacheName: 'chat', key: 'a', message: 'hello', ttl: 60 };
  const event = { source: 'orders', 'detail-type': 'cacheSet', detail };
  const wrong: Record<string, unknown> = {
    'with both keys': { ...event, detail: { ...detail, key_base64: 'YQ' } },
    'with both messages': { ...event, detail: { ...detail, message_base64: 'YQ' } },
    'with a message in base64 that is cut off': {
      ...event,
      detail: { ...detail, message: undefined, message_base64: 'aGVsb' },
    },
    'with a ttl of a fraction': { ...event, detail: { ...detail, ttl: 1.5 } },
    'with a base64 key that is not of the alphabet of URLs': {
      ...event,
      detail: { ...detail, key: undefined, key_base64: 'a+b=' },
    },
    'without a source': { ...event, source: '' },
    'without a detail': { ...event, detail: undefined },
    'with its detail as text': { ...event, detail: JSON.stringify(detail) },
  };
  for (const [how, instance] of Object.entries(wrong)) {
    test(how, () => {
      assert.equal(isValid('cache-set', JSON.parse(JSON.stringify(instance))), false);
    });
  }

  test('but with more fields than are read, it is', () => {
    assert.ok(isValid('cache-set', event));
    assert.ok(isValid('cache-set', { ...event, id: '1', detail: { ...detail, requestId: 7 } }));
  });
});

describe('a message', () => {
  const detail = {
    cache: 'chat',
    topic: 'room-281',
    event_timestamp: 1_683_219_700_000,
    publish_timestamp: 1_683_219_699_000,
    topic_sequence_number: 12,
    token_id: 'user-17',
    text: 'Here I am!!',
  };
  const event = { source: 'Momento', 'detail-type': 'chat#room-281', detail };

  test('of the README is valid on the bus, and with any token id or none', () => {
    assert.ok(isValid('topic-message', event));
    for (const token_id of ['', null, undefined]) {
      assert.ok(isValid('topic-message', JSON.parse(JSON.stringify({ ...event, detail: { ...detail, token_id } }))));
    }
  });

  test('of another source, or without its text, is not', () => {
    assert.equal(isValid('topic-message', { ...event, source: 'orders' }), false);
    const { text, ...rest } = detail;
    assert.equal(text, 'Here I am!!');
    assert.equal(isValid('topic-message', { ...event, detail: rest }), false);
  });

  const subscribed = { ...detail, topic_sequence_page: 0, origin: 'subscription' };
  const ofDetail = (detail: Record<string, unknown>): unknown => JSON.parse(JSON.stringify({ ...event, detail }));
  const bytes = { text: undefined, binary_base64: 'AP8' };

  test('that came by subscription is valid too, also with bytes in place of text', () => {
    assert.ok(isValid('topic-message', ofDetail(subscribed)));
    assert.ok(isValid('topic-message', ofDetail({ ...subscribed, ...bytes })));
  });

  test('is not valid with text and bytes, with bytes by webhook, or with half of what a subscription adds', () => {
    for (const wrong of [
      { ...subscribed, binary_base64: 'AP8' },
      { ...subscribed, text: undefined },
      { ...subscribed, ...bytes, binary_base64: 'AP8=' },
      { ...detail, ...bytes },
      { ...subscribed, origin: undefined },
      { ...subscribed, origin: 'webhook' },
    ]) {
      assert.equal(isValid('topic-message', ofDetail(wrong)), false, JSON.stringify(wrong));
    }
  });

  test('is valid as it is parked', () => {
    const parked = {
      source: 'Momento',
      detailType: 'chat#room-281',
      detail: JSON.stringify(detail),
      time: 1_683_219_699_000,
    };
    assert.ok(isValid('parked-message', parked));
    const gap = { ...parked, source: 'Momento.Subscription', detailType: 'Topic Messages Missed' };
    assert.ok(isValid('parked-message', gap));
    assert.equal(isValid('parked-message', { ...parked, source: 'orders' }), false);
    assert.ok(isValid('parked-message', { ...parked, traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' }));
    assert.equal(isValid('parked-message', { ...parked, detail }), false);
    assert.equal(isValid('parked-message', { ...parked, time: '2023-05-04T17:01:39Z' }), false);
    assert.equal(isValid('parked-message', { ...parked, 'detail-type': 'chat#room-281' }), false);
  });
});

describe('a gap', () => {
  const detail = {
    cache: 'chat',
    topic: 'room-281',
    last_topic_sequence_number: 12,
    last_topic_sequence_page: 1,
    new_topic_sequence_number: 20,
    new_topic_sequence_page: 1,
    missed: 7,
  };
  const event = { source: 'Momento.Subscription', 'detail-type': 'Topic Messages Missed', detail };

  test('is valid on the bus, whether its size is known or not, and where it begins with a page', () => {
    assert.ok(isValid('topic-messages-missed', event));
    const first = { ...detail, last_topic_sequence_number: null };
    assert.ok(isValid('topic-messages-missed', { ...event, detail: first }));
    assert.ok(isValid('topic-messages-missed', { ...event, detail: { ...detail, missed: null } }));
    const unknown = { ...detail, last_topic_sequence_number: null, last_topic_sequence_page: null, missed: null };
    assert.ok(isValid('topic-messages-missed', { ...event, detail: unknown }));
  });

  test('is not a message, nor valid with the source of messages or without a number', () => {
    assert.equal(isValid('topic-message', event), false);
    assert.equal(isValid('topic-messages-missed', { ...event, source: 'Momento' }), false);
    const { missed, ...rest } = detail;
    assert.equal(missed, 7);
    assert.equal(isValid('topic-messages-missed', { ...event, detail: rest }), false);
  });
});
