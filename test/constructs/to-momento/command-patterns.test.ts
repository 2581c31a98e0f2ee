import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Delivery } from '../../../constructs/to-momento/delivery';
import { matchingRules } from '../../event-ruler';
import { ToMomento } from './to-momento';
import { codeInBucket } from '../from-momento/webhook';

const SEED = 20_261_122;
const EVENTS = 20_000;

/** JSON texts of what a field of a command may hold by mistake or not. Each stands for itself in a message of a failure. */
const STRINGS = ['""', '"a"', '" "', '"é"', '"*"', '"\\""', '"60"', '"null"', '"\\u0000"'];
const NUMBERS = ['60', '1', '1.0', '0', '-0', '-1', '0.5', '1e3', '86401', '5000000001', '1732248000000', '1e30'];
// No number of JavaScript, nor of a pattern's ranges.
const EXTREMES = ['1e400', '-1e400', '1e-400', '0.1234567890123456789'];
const SCALARS = [...STRINGS, ...NUMBERS, ...EXTREMES, 'true', 'false', 'null'];
const OBJECTS = ['{}', '{"a":1}', '{"key":"a"}', '{"exists":false}'];
// EventBridge looks into a list for its elements, and sees no difference between a list of one and that one.
const SHORT_LISTS = ['[]', '[[]]', '[{}]', '[{"a":"b"}]', ...SCALARS.map((scalar) => `[${scalar}]`), '[["a"]]'];

const FIELDS = ['cacheName', 'topicName', 'key', 'key_base64', 'message', 'message_base64', 'ttl', 'other'];
const DETAIL_TYPES = ['cacheSet', 'cacheDelete', 'topicPublish'] as const;
const REFUSAL = { cacheSet: 'CacheSetInvalid', cacheDelete: 'CacheDeleteInvalid', topicPublish: 'TopicPublishInvalid' };

type DetailType = (typeof DETAIL_TYPES)[number];
type Fields = Readonly<Record<string, string>>;
interface Command {
  readonly detailType: DetailType;
  readonly source: string;
  readonly fields: Fields;
}

function eventOf({ detailType, source, fields }: Command): string {
  const detail = Object.entries(fields).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  const envelope = { version: '0', id: '7bf73129', 'detail-type': detailType, source, account: '111111111111' };
  return `${JSON.stringify(envelope).slice(0, -1)},"resources":[],"detail":{${detail.join(',')}}}`;
}

/** Fields that are missing as often as not, and right about as often as they are anything else. */
function commands(anything: fc.Arbitrary<string>, sources = ['orders']): fc.Arbitrary<Command> {
  const right: Record<string, string> = { ttl: '60' };
  const field = (name: string) => fc.oneof({ weight: 3, arbitrary: fc.constant(right[name] ?? '"a"') }, anything);
  return fc.record({
    detailType: fc.constantFrom(...DETAIL_TYPES),
    source: fc.constantFrom(...sources),
    fields: fc.record(Object.fromEntries(FIELDS.map((name) => [name, field(name)])), {
      requiredKeys: [],
    }) as fc.Arbitrary<Fields>,
  });
}

/** The value of a field as a pattern sees it: of a list its element, and nothing of an object or an empty list. */
function leaf(text: string | undefined): string | undefined {
  let value = text;
  while (value?.startsWith('[')) value = value.slice(1, -1);
  return value === '' || value?.startsWith('{') ? undefined : value;
}

/** In what ways the event breaks the contract of commands. */
function breaches({ detailType, fields }: Command): string[] {
  const name = (field: string) => {
    const text = leaf(fields[field]);
    if (text === undefined) return [`no ${field}`];
    if (text === '""') return [`empty ${field}`];
    return text.startsWith('"') ? [] : [`${field} is not a string`];
  };
  const message = () => [
    ...(leaf(fields.message)?.startsWith('"') ? [] : ['message is not a string']),
    ...(leaf(fields.message_base64) === undefined ? [] : ['message as bytes']),
  ];
  const ttl = () => {
    const text = leaf(fields.ttl);
    if (text === undefined) return ['no ttl'];
    if (text.startsWith('"')) return ['ttl is a string'];
    return /^[1-9][0-9]*$/.test(text) ? [] : ['ttl is not a positive whole number'];
  };
  const key = () => {
    const [given, ...others] = ['key', 'key_base64'].filter((kind) => leaf(fields[kind]) !== undefined);
    if (given === undefined) return ['no key'];
    return others.length > 0 ? ['two keys'] : name(given);
  };
  switch (detailType) {
    case 'cacheSet':
      return [...name('cacheName'), ...message(), ...ttl(), ...key()];
    case 'cacheDelete':
      return [...name('cacheName'), ...key()];
    case 'topicPublish':
      return [...name('cacheName'), ...name('topicName'), ...message()];
  }
}

/** What no event pattern can say, so that only Momento can refuse it. */
const BEYOND_PATTERNS = /^(cacheName|topicName|key|key_base64) is not a string$|^ttl is not a positive whole number$/;

describe('event patterns, by the matcher that EventBridge runs on', () => {
  const sources = ['orders', 'chat'];
  const toMomento = new ToMomento({ sources });
  const patterns = Object.fromEntries(
    [...toMomento.construct.deliveryRules, ...toMomento.construct.invalidCommandRules].map(({ node }) => [
      node.id,
      toMomento.rule(node.id).EventPattern,
    ]),
  );
  const match = (events: readonly Command[]) => matchingRules(patterns, events.map(eventOf));

  describe(`for ${EVENTS.toLocaleString('en')} generated events without long lists`, () => {
    const anything = fc.oneof(
      fc.constantFrom(...SCALARS),
      fc.constantFrom(...OBJECTS),
      fc.constantFrom(...SHORT_LISTS),
      fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    );
    let events: Command[];
    let matched: string[][];
    before(() => {
      events = fc.sample(commands(anything), { seed: SEED, numRuns: EVENTS });
      matched = match(events);
      const count = (rule: string) => matched.filter((rules) => rules.includes(rule)).length;
      console.log(Object.fromEntries(Object.keys(patterns).map((rule) => [rule, count(rule)])));
    });

    test('every event matches exactly one rule', () => {
      assert.equal(matched.length, EVENTS);
      for (const [i, event] of events.entries()) {
        assert.equal(matched[i]?.length, 1, `${eventOf(event)} matches ${JSON.stringify(matched[i])}`);
      }
    });

    test('it is delivered if it keeps the contract, or breaks it in a way that no pattern can say', () => {
      for (const [i, event] of events.entries()) {
        const broken = breaches(event);
        const isRefused = matched[i]?.[0] === REFUSAL[event.detailType];
        assert.equal(
          isRefused,
          broken.some((breach) => !BEYOND_PATTERNS.test(breach)),
          `${eventOf(event)}: ${broken.join(', ')}`,
        );
      }
    });

    test('it is delivered by the rule of its command and its key', () => {
      for (const [i, { detailType, fields }] of events.entries()) {
        const [rule] = matched[i] ?? [];
        if (rule === REFUSAL[detailType]) continue;
        const byKey = leaf(fields.key) === undefined ? 'ByKeyBase64' : 'ByKey';
        const expected = {
          cacheSet: `CacheSet${byKey}`,
          cacheDelete: `CacheDelete${byKey}`,
          topicPublish: 'TopicPublishRule',
        };
        assert.equal(rule, expected[detailType], eventOf({ detailType, source: 'orders', fields }));
      }
    });

    test('each rule and each kind of breach is among them', () => {
      assert.deepEqual(new Set(matched.flat()), new Set(Object.keys(patterns)));
      const seen = new Set(events.flatMap(breaches));
      for (const breach of [
        'no key',
        'two keys',
        'empty key',
        'empty key_base64',
        'ttl is a string',
        'empty topicName',
        'message as bytes',
      ]) {
        assert.ok(seen.has(breach), breach);
      }
    });
  });

  test('an event with long lists matches a rule, and if it matches two, one of them is a refusal', () => {
    const list = fc.array(fc.constantFrom(...SCALARS, ...OBJECTS), { minLength: 2, maxLength: 4 });
    const anything = list.map((elements) => `[${elements.join(',')}]`);
    const events = fc.sample(commands(anything), { seed: SEED, numRuns: EVENTS });
    for (const [i, rules] of match(events).entries()) {
      const event = events[i];
      assert.ok(event);
      const isKept = rules.length === 1 || (rules.length === 2 && rules.includes(REFUSAL[event.detailType]));
      assert.ok(isKept, `${eventOf(event)} matches ${JSON.stringify(rules)}`);
    }
  });

  test('by Lambda every event with the detail-type of a command matches exactly one rule, whatever its fields are', () => {
    const byLambda = new ToMomento((stack) => ({
      sources,
      delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
    }));
    assert.deepEqual(byLambda.construct.invalidCommandRules, []);
    const one = Object.fromEntries(
      byLambda.construct.deliveryRules.map(({ node }) => [node.id, byLambda.rule(node.id).EventPattern]),
    );
    const list = fc.array(fc.constantFrom(...SCALARS, ...OBJECTS), { maxLength: 4 });
    const anything = fc.oneof(
      fc.constantFrom(...SCALARS, ...OBJECTS, ...SHORT_LISTS),
      list.map((all) => `[${all.join(',')}]`),
    );
    const events = fc.sample(commands(anything, [...sources, 'other']), { seed: SEED, numRuns: EVENTS });
    const expected = { cacheSet: 'CacheSetRule', cacheDelete: 'CacheDeleteRule', topicPublish: 'TopicPublishRule' };
    for (const [i, rules] of matchingRules(one, events.map(eventOf)).entries()) {
      const event = events[i];
      assert.ok(event);
      assert.deepEqual(rules, event.source === 'other' ? [] : [expected[event.detailType]], eventOf(event));
    }
  });

  test('an event of another source or detail-type matches none', () => {
    const fields = { cacheName: '"a"', topicName: '"a"', key: '"a"', message: '"a"', ttl: '60' };
    const others = [
      ...DETAIL_TYPES.map((detailType) => ({ detailType, source: 'other', fields })),
      ...['cacheset', 'cacheGet', 'chat#room'].map((detailType) => ({
        detailType: detailType as DetailType,
        source: 'orders',
        fields,
      })),
    ];
    assert.deepEqual(
      match(others),
      others.map(() => []),
    );
    const [command] = match([{ detailType: 'cacheSet', source: 'chat', fields }]);
    assert.deepEqual(command, ['CacheSetByKey']);
  });

  test('without sources, every source is matched', () => {
    const any = new ToMomento();
    const pattern = any.rule('CacheDeleteByKey').EventPattern;
    const event = eventOf({ detailType: 'cacheDelete', source: '', fields: { cacheName: '"a"', key: '"k"' } });
    assert.deepEqual(matchingRules({ pattern }, [event]), [['pattern']]);
  });
});
