import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/aws-events';
import fc from 'fast-check';
import { MomentoCommandTemplate } from '../../../constructs/to-momento/momento-command-template';
import { TemplateTtl } from '../../../constructs/to-momento/template-ttl';
import { matchingRules } from '../../event-ruler';
import { ToMomento } from './to-momento';

const SEED = 20_261_127;
const EVENTS = 5_000;

/** JSON texts of what a member may hold. An object or an empty list is, for a pattern, as if it were not there. */
const VALUES = [
  '""',
  '"a"',
  '"60"',
  '60',
  '-1.5',
  '1e400',
  'true',
  'null',
  '{}',
  '{"a":"b"}',
  '[]',
  '["a"]',
  '[60]',
  '[{}]',
];

interface Event {
  readonly detailType: string;
  readonly source: string;
  readonly id?: string;
  readonly note?: string;
  readonly ttl?: string;
  readonly state: string;
}

const member = fc.option(fc.constantFrom(...VALUES), { nil: undefined });
const ANY: fc.Arbitrary<Event> = fc.record({
  detailType: fc.constantFrom('OrderPlaced', 'OrderPaid', 'cacheSet', 'topicPublish'),
  source: fc.constantFrom('shop', 'other'),
  id: fc.oneof(fc.constant('"a"'), member),
  note: fc.oneof(fc.constant('"text"'), member),
  ttl: fc.oneof(fc.constant('60'), member),
  state: fc.constantFrom('paid', 'sent'),
});

function eventOf({ detailType, source, id, note, ttl, state }: Event): string {
  const members = (named: Record<string, string | undefined>) =>
    Object.entries(named).flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json}`]));
  const order = `{${[...members({ id, note }), '"state":"new"'].join(',')}}`;
  const detail = `{${[...members({ ttl }), `"order":${order}`, `"state":"${state}"`].join(',')}}`;
  return `{"detail-type":"${detailType}","source":"${source}","detail":${detail}}`;
}

/** The value as a pattern sees it: of a list its element, and nothing of an object or an empty list. */
function leaf(json: string | undefined): string | undefined {
  const value = json?.startsWith('[') ? json.slice(1, -1) : json;
  return value === '' || value?.startsWith('{') ? undefined : value;
}

describe('the rules of onEvent by API destination, by the matcher that EventBridge runs on', () => {
  const toMomento = new ToMomento();
  const eventPattern = { source: ['shop'], detail: { state: ['paid'], order: { state: Match.prefix('n') } } };
  toMomento.construct.onEvent('Set', {
    eventPattern,
    command: MomentoCommandTemplate.cacheSet({
      cacheName: 'orders',
      key: '{detail.order.id}',
      message: '{detail.order.note}',
      ttl: TemplateTtl.secondsIn('detail.ttl'),
    }),
  });
  toMomento.construct.onEvent('Delete', {
    eventPattern: { ...eventPattern, detailType: ['OrderPaid'] },
    command: MomentoCommandTemplate.cacheDelete({ cacheName: 'orders', key: '{detail.order.id}' }),
  });
  const patterns = Object.fromEntries(
    ['Set', 'SetInvalid', 'Delete', 'DeleteInvalid'].map((id) => [id, toMomento.rule(id).EventPattern]),
  );
  const events = fc.sample(ANY, { seed: SEED, numRuns: EVENTS });
  const matched = matchingRules(patterns, events.map(eventOf));

  test('send each event that the pattern matches one way, by whether it has what the command needs', () => {
    const counts = new Map<string, number>();
    events.forEach((event, index) => {
      const { detailType, source, state } = event;
      const [id, note, ttl] = [leaf(event.id), leaf(event.note), leaf(event.ttl)];
      const isMine = source === 'shop' && state === 'paid' && detailType.startsWith('Order');
      const hasId = id !== undefined && id !== '""';
      const isValid = hasId && note?.startsWith('"') === true && ttl?.startsWith('"') === false;
      const expected = [
        ...(isMine ? [isValid ? 'Set' : 'SetInvalid'] : []),
        ...(isMine && detailType === 'OrderPaid' ? [hasId ? 'Delete' : 'DeleteInvalid'] : []),
      ].sort();
      assert.deepEqual([...(matched[index] ?? [])].sort(), expected, eventOf(event));
      for (const rule of expected) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    });
    for (const rule of Object.keys(patterns)) assert.ok((counts.get(rule) ?? 0) > 50, rule);
  });
});
