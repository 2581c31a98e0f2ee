import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { MomentoCommand } from '../../../constructs/common/momento-command';
import { MomentoToEventBridge } from '../../../constructs/from-momento/momento-to-eventbridge';
import { Delivery } from '../../../constructs/to-momento/delivery';
import type { EventBridgeToMomento } from '../../../constructs/to-momento/eventbridge-to-momento';
import { EventBridgeToMomentoAlarms } from '../../../constructs/to-momento/eventbridge-to-momento-alarms';
import type { EventBridgeToMomentoProps } from '../../../constructs/to-momento/eventbridge-to-momento-props';
import { MomentoCommandTemplate } from '../../../constructs/to-momento/momento-command-template';
import { TemplateTtl } from '../../../constructs/to-momento/template-ttl';
import { codeInBucket } from '../from-momento/webhook';
import { type Target, ToMomento } from './to-momento';

const ORDERS: events.EventPattern = { source: ['shop'], detailType: ['OrderPlaced'] };
const ttl = TemplateTtl.duration(Duration.hours(1));
const set = (template: Partial<Parameters<typeof MomentoCommandTemplate.cacheSet>[0]> = {}) =>
  MomentoCommandTemplate.cacheSet({ cacheName: 'orders', key: '{detail.id}', ttl, ...template });
const remove = (key: string, cacheName = 'orders') => MomentoCommandTemplate.cacheDelete({ cacheName, key });
const publish = (template: Partial<Parameters<typeof MomentoCommandTemplate.topicPublish>[0]> = {}) =>
  MomentoCommandTemplate.topicPublish({ cacheName: 'orders', topicName: 'placed', ...template });

type Props = Partial<EventBridgeToMomentoProps>;
type TransformingTarget = Target & { readonly InputTransformer?: { InputTemplate: string; InputPathsMap?: unknown } };

const byLambda = (props: Props = {}) =>
  new ToMomento((stack) => ({ delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }), ...props }));
const byApiDestination = (props: Props = {}) => new ToMomento(props);

function targetOf(toMomento: ToMomento, id = 'Orders'): TransformingTarget {
  return toMomento.rule(id).Targets[0];
}

/** What the function gets beside the event. */
function templateOf(toMomento: ToMomento): unknown {
  const input = targetOf(toMomento).InputTransformer?.InputTemplate ?? '';
  const [, template] = /^\{"template":(.*),"event":<aws\.events\.event\.json>\}$/.exec(input) ?? [];
  return JSON.parse(template ?? 'null');
}

/** The only pattern of a rule that the alarm's metrics name. */
function metricsOf(alarm: cloudwatch.Alarm, stack: Stack): number {
  const { metrics } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
  const resolved = stack.resolve(metrics) as { metricStat?: unknown }[];
  return resolved.filter(({ metricStat }) => metricStat !== undefined).length;
}

describe('by Lambda, events that become commands', () => {
  test('go to the command queue whole, beside the template of the rule', () => {
    const toMomento = byLambda();
    const rule = toMomento.construct.onEvent('Orders', { eventPattern: ORDERS, command: set() });
    assert.equal(rule.node.id, 'Orders');
    const { EventPattern, Targets } = toMomento.rule('Orders');
    assert.deepEqual(EventPattern, { source: ['shop'], 'detail-type': ['OrderPlaced'] });
    assert.equal(Targets.length, 1);
    const { Arn, RetryPolicy, DeadLetterConfig } = targetOf(toMomento, 'CacheSetRule');
    const { InputTransformer, ...target } = targetOf(toMomento);
    assert.deepEqual({ ...target, Id: undefined }, { Arn, RetryPolicy, DeadLetterConfig, Id: undefined });
    assert.equal(InputTransformer?.InputPathsMap, undefined);
    assert.deepEqual(templateOf(toMomento), {
      command: 'cacheSet',
      cacheName: 'orders',
      key: '{detail.id}',
      message: '{detail}',
      ttl: 3600,
    });
  });

  test('can be deletions and messages, and have a time to live of their own', () => {
    for (const [command, template] of [
      [remove('order-{detail.id}'), { command: 'cacheDelete', cacheName: 'orders', key: 'order-{detail.id}' }],
      [
        publish({ topicName: '{detail.shop}#{region}', message: '{{"id":"{detail.id}"}}' }),
        {
          command: 'topicPublish',
          cacheName: 'orders',
          topicName: '{detail.shop}#{region}',
          message: '{{"id":"{detail.id}"}}',
        },
      ],
      [
        set({ message: '{detail.items[0].sku}', ttl: TemplateTtl.secondsIn('detail.ttl') }),
        {
          command: 'cacheSet',
          cacheName: 'orders',
          key: '{detail.id}',
          message: '{detail.items[0].sku}',
          ttl: '{detail.ttl}',
        },
      ],
    ] as const) {
      const toMomento = byLambda();
      toMomento.construct.onEvent('Orders', { eventPattern: ORDERS, command });
      assert.deepEqual(templateOf(toMomento), template);
    }
  });

  test('have templates whose angle brackets EventBridge does not read as variables', () => {
    const toMomento = byLambda();
    const message = '<b>"{detail.id}"</b> <aws.events.event>';
    toMomento.construct.onEvent('Orders', { eventPattern: ORDERS, command: publish({ message }) });
    const { InputTemplate = '' } = targetOf(toMomento).InputTransformer ?? {};
    assert.deepEqual(InputTemplate.match(/<[^<>]*>/g), ['<aws.events.event.json>']);
    assert.equal((templateOf(toMomento) as { message: string }).message, message);
  });

  test('are sent by rules that the queues take events from, in one statement', () => {
    const toMomento = byLambda();
    const { construct } = toMomento;
    const rule = construct.onEvent('Orders', { eventPattern: ORDERS, command: set() });
    for (const queue of [construct.lambdaFunction?.commandQueue, construct.deadLetterQueue]) {
      const statements = toMomento.queuePolicy(queue) as { Condition?: { ArnEquals?: unknown } }[];
      const permitted = statements.filter(({ Condition }) => Condition?.ArnEquals);
      assert.equal(permitted.length, 1);
      assert.ok(JSON.stringify(permitted).includes(JSON.stringify(toMomento.arn(rule))));
    }
  });

  test('leave the environment of the function as it is', () => {
    const environments = [0, 20].map((rules) => {
      const toMomento = byLambda();
      for (let i = 0; i < rules; i += 1) {
        toMomento.construct.onEvent(`Orders${i.toString()}`, { eventPattern: ORDERS, command: set() });
      }
      const [handler] = Object.values(toMomento.template.findResources('AWS::Lambda::Function')) as {
        Properties: { Environment: unknown };
      }[];
      return handler?.Properties.Environment;
    });
    assert.deepEqual(environments[0], environments[1]);
  });

  test('with a template that EventBridge would not take are refused', () => {
    const command = publish({ message: 'x'.repeat(8192) });
    assert.throws(
      () => byLambda().construct.onEvent('Orders', { eventPattern: ORDERS, command }),
      /command must make an input template of at most 8192 characters, got \d+\. Shorten its message\./,
    );
  });
});

describe('by API destination, events that become commands', () => {
  test('call Momento with what the event has, and go to the dead-letter queue if it has not', () => {
    const toMomento = byApiDestination();
    const command = set({ message: '{detail.order.note}', ttl: TemplateTtl.secondsIn('detail.ttl') });
    const { construct } = toMomento;
    construct.onEvent('Orders', { eventPattern: { ...ORDERS, detail: { paid: [true] } }, command });
    const target = targetOf(toMomento);
    assert.equal(target.InputPath, '$.detail.order.note');
    assert.deepEqual(target.HttpParameters, {
      PathParameterValues: ['orders'],
      QueryStringParameters: { key: '$.detail.id', ttl_seconds: '$.detail.ttl' },
    });
    const { Arn, RoleArn, RetryPolicy, DeadLetterConfig } = targetOf(toMomento, 'CacheSetByKey');
    assert.deepEqual(
      [target.Arn, target.RoleArn, target.RetryPolicy, target.DeadLetterConfig],
      [Arn, RoleArn, RetryPolicy, DeadLetterConfig],
    );
    const text = { wildcard: '*' };
    const envelope = { source: ['shop'], 'detail-type': ['OrderPlaced'] };
    assert.deepEqual(toMomento.rule('Orders').EventPattern, {
      ...envelope,
      detail: {
        paid: [true],
        id: [{ 'anything-but': [''] }],
        order: { note: [text] },
        ttl: [{ 'anything-but': text }],
      },
    });
    const absent = { exists: false };
    assert.deepEqual(toMomento.rule('OrdersInvalid').EventPattern, {
      ...envelope,
      detail: {
        paid: [true],
        $or: [{ id: [absent, ''] }, { ttl: [absent, text] }, { order: { note: [absent, { 'anything-but': text }] } }],
      },
    });
    assert.deepEqual(targetOf(toMomento, 'OrdersInvalid').Arn, targetOf(toMomento, 'CacheSetInvalid').Arn);
    const permitted = JSON.stringify(toMomento.queuePolicy(construct.deadLetterQueue));
    for (const rule of [...construct.deliveryRules, ...construct.invalidCommandRules]) {
      assert.ok(permitted.includes(JSON.stringify(toMomento.arn(rule))), rule.node.id);
    }
  });

  test('that need one member alone are told apart without $or, and those that need none by one rule', () => {
    const one = byApiDestination();
    one.construct.onEvent('Orders', { eventPattern: ORDERS, command: remove('{detail.order.id}') });
    const absent = { exists: false };
    assert.deepEqual(one.rule('OrdersInvalid').EventPattern.detail, { order: { id: [absent, ''] } });
    const none = byApiDestination();
    none.construct.onEvent('Orders', {
      eventPattern: { ...ORDERS, detail: { state: ['paid', 'sent'] } },
      command: publish({ topicName: '{detail.state}' }),
    });
    assert.deepEqual(none.rule('Orders').EventPattern.detail, { state: ['paid', 'sent'] });
    assert.throws(() => none.rule('OrdersInvalid'));
    const target = targetOf(none);
    assert.equal(target.InputPath, '$.detail');
    assert.deepEqual(target.HttpParameters, {
      PathParameterValues: ['orders', '$.detail.state'],
      HeaderParameters: { 'Content-Type': 'text/plain' },
    });
  });

  test('may have constant names and messages, with literal braces and what is known at deployment', () => {
    const toMomento = byApiDestination();
    const cacheName = `{{${toMomento.stack.stackId}}}`;
    toMomento.construct.onEvent('Orders', {
      eventPattern: ORDERS,
      command: publish({ cacheName, topicName: '{source}', message: 'an {{order}} "came"' }),
    });
    const target = targetOf(toMomento);
    assert.equal(target.Input, JSON.stringify('an {order} "came"'));
    const [cache, topic] = target.HttpParameters?.PathParameterValues as unknown[];
    assert.deepEqual(cache, { 'Fn::Join': ['', ['{', { Ref: 'AWS::StackId' }, '}']] });
    assert.equal(topic, '$.source');
  });

  test('wait for the role that lets EventBridge call Momento', () => {
    const toMomento = byApiDestination();
    const rule = toMomento.construct.onEvent('Orders', { eventPattern: ORDERS, command: publish() });
    const { DependsOn } = toMomento.template.findResources('AWS::Events::Rule')[toMomento.id(rule)] as {
      DependsOn: string[];
    };
    assert.ok(DependsOn.some((id) => id.includes('Role')));
  });

  test('that need what EventBridge cannot do are refused, with the delivery that can', () => {
    const remedy = ' Delivery.lambdaFunction() can do it.';
    const detail = (value: Record<string, unknown>) => ({ ...ORDERS, detail: value });
    const cases: [MomentoCommandTemplate, RegExp, events.EventPattern?][] = [
      [remove('order-{detail.id}'), /command\.key must be one placeholder or have none .*, got order-\{detail\.id\}:/],
      [publish({ message: 'Order {detail.id}' }), /command\.message must be one placeholder or have none/],
      [publish({ message: '{{"id":{detail.id}}}' }), /command\.message must be one placeholder or have none/],
      [
        remove('{detail.items[0].id}'),
        /command\.key must name a member of the detail, .*, got \{detail\.items\[0\]\.id\}:/,
      ],
      [remove('{resources[0]}'), /command\.key must name a member of the detail/],
      [remove('{detail}'), /command\.key must name a member of the detail/],
      [remove('{detail.a b}'), /command\.key must name a member of the detail/],
      [set({ ttl: TemplateTtl.secondsIn('time') }), /command\.ttl must name a member of the detail/],
      [remove('$.detail.id'), /command\.key must not begin with \$, got \$\.detail\.id:/],
      [
        remove('{detail.id}'),
        /eventPattern must not match detail\.id but by exact values/,
        detail({ id: [{ prefix: 'a' }] }),
      ],
      [
        remove('{detail.id}'),
        /eventPattern must not match detail\.id but by exact values/,
        detail({ id: { a: ['b'] } }),
      ],
      [remove('{detail.id.a}'), /eventPattern must not match detail\.id\.a but by exact values/, detail({ id: ['b'] })],
      [
        remove('{detail.id}'),
        /eventPattern must not have \$or in its detail/,
        detail({ $or: [{ a: ['b'] }, { c: ['d'] }] }),
      ],
    ];
    for (const [command, words, eventPattern = ORDERS] of cases) {
      const refused = (error: Error) => words.test(error.message) && error.message.endsWith(remedy);
      assert.throws(
        () => byApiDestination().construct.onEvent('Orders', { eventPattern, command }),
        refused,
        words.source,
      );
      byLambda().construct.onEvent('Orders', { eventPattern, command });
    }
    const twice = set({ key: '{detail.id}', message: '{detail.id}' });
    byApiDestination().construct.onEvent('Orders', { eventPattern: ORDERS, command: twice });
    const both = set({ message: '{detail.n}', ttl: TemplateTtl.secondsIn('detail.n') });
    assert.throws(
      () => byApiDestination().construct.onEvent('Orders', { eventPattern: ORDERS, command: both }),
      /command\.message must name another member than command\.ttl, got detail\.n, which cannot be both\./,
    );
    assert.throws(
      () => byApiDestination().construct.onEvent('Orders', { eventPattern: ORDERS, command: remove('x'.repeat(513)) }),
      /command\.key must have at most 512 characters, got 513\. Shorten it\./,
    );
  });
});

for (const [way, deployed] of Object.entries({ Lambda: byLambda, 'API destination': byApiDestination })) {
  describe(`by ${way}, onEvent`, () => {
    const refuses = (options: Partial<Parameters<EventBridgeToMomento['onEvent']>[1]>, words: RegExp) => {
      assert.throws(
        () => deployed().construct.onEvent('Orders', { eventPattern: ORDERS, command: set(), ...options }),
        words,
        JSON.stringify(options),
      );
    };

    test('refuses a template with a mistake', () => {
      refuses({ command: remove('') }, /command\.key must not be empty/);
      refuses({ command: remove('k', '') }, /command\.cacheName must not be empty/);
      refuses({ command: publish({ topicName: '' }) }, /command\.topicName must not be empty/);
      refuses({ command: remove('{detail.id') }, /command\.key must have matching braces, got \{detail\.id\./);
      refuses({ command: publish({ message: 'a}' }) }, /command\.message must have matching braces/);
      refuses({ command: remove('{id}{time}') }, /command\.key must have a separator between two placeholders/);
      for (const path of [
        'id.',
        '.id',
        'detail..id',
        'detail[',
        'detail.a[x]',
        'detail.a]',
        'details.id',
        'Detail',
        ' id',
      ]) {
        refuses(
          { command: remove(`{${path}}`) },
          /command\.key must have paths in the event, got ".*"\. Begin with account/,
        );
      }
      refuses(
        { command: set({ ttl: TemplateTtl.secondsIn('{detail.ttl}') }) },
        /command\.ttl must have paths in the event/,
      );
      for (const seconds of [0, 0.5, 86_401]) {
        const words = /command\.ttl in seconds must be a whole number from 1 to 86400/;
        refuses({ command: set({ ttl: TemplateTtl.duration(Duration.millis(seconds * 1000)) }) }, words);
      }
    });

    test('refuses a pattern that matches commands, and leaves them out of one that says nothing of them', () => {
      const any = (...matchers: unknown[]) => ({ source: ['shop'], detailType: matchers as string[] });
      for (const eventPattern of [
        any('cacheSet'),
        any('OrderPlaced', 'topicPublish'),
        any({ prefix: 'cache' }),
        any({ prefix: { 'equals-ignore-case': 'CACHE' } }),
        any({ suffix: 'Publish' }),
        any({ wildcard: 'c*S*t' }),
        any({ 'anything-but': ['OrderPlaced', 'cacheSet'] }),
        any({ 'anything-but': { prefix: 'cache' } }),
        any({ 'equals-ignore-case': 'CACHEDELETE' }),
        any({ exists: true }),
        any({ 'of-the-future': 'x' }),
        { detailType: events.Match.prefix('top') },
      ]) {
        refuses(
          { eventPattern },
          /eventPattern must not match the detail-type (cacheSet|cacheDelete|topicPublish), which/,
        );
      }
      for (const eventPattern of [
        any('cacheset'),
        any({ prefix: 'Order' }),
        any({ suffix: { 'equals-ignore-case': 'PLACED' } }),
        any({ wildcard: 'c\\*S*t' }),
        any({ wildcard: 'cache*.' }),
        any({ 'anything-but': { wildcard: ['cache*', 'topic*'] } }),
        any({ 'anything-but': ['cacheSet', 'cacheDelete', 'topicPublish'] }),
        any({ exists: false }),
        any({ numeric: ['=', 1] }),
        any(new Stack().stackName),
      ]) {
        deployed().construct.onEvent('Orders', { eventPattern, command: set() });
      }
      const toMomento = deployed({ commands: [MomentoCommand.CACHE_SET] });
      toMomento.construct.onEvent('Orders', { eventPattern: { source: ['shop'] }, command: set({ key: '{id}' }) });
      assert.deepEqual(toMomento.rule('Orders').EventPattern, {
        source: ['shop'],
        'detail-type': [{ 'anything-but': ['cacheSet', 'cacheDelete', 'topicPublish'] }],
      });
      for (const eventPattern of [{}, { detail: { id: [{ exists: true }] } }, { account: ['111111111111'] }]) {
        refuses({ eventPattern }, /eventPattern must have a source or a detailType/);
      }
    });

    test('refuses a pattern that matches the message that its own command causes', () => {
      const own = MomentoToEventBridge.pattern({ cacheName: 'orders', topicName: 'placed' });
      const words = /eventPattern must not match Momento messages of the topic that the command publishes to/;
      for (const eventPattern of [
        own,
        { source: ['Momento'] },
        { detailType: own.detailType },
        { detailType: ['OrderPlaced', 'orders#placed'] },
        { source: events.Match.prefix('Mom') },
      ]) {
        refuses({ eventPattern, command: publish() }, words);
      }
      refuses({ eventPattern: own, command: publish({ topicName: '{detail.text}' }) }, words);
      const other = MomentoToEventBridge.pattern({ cacheName: 'orders', topicName: 'other' });
      const fine: [events.EventPattern, MomentoCommandTemplate][] = [
        [other, publish({ message: '{detail.text}' })],
        [own, set({ key: '{detail.token_id}' })],
        [{ detailType: ['OrderPlaced'] }, publish({ topicName: '{detail.shop}' })],
        [{ source: ['shop'] }, publish({ topicName: '{detail.shop}' })],
      ];
      for (const [eventPattern, command] of fine) {
        deployed().construct.onEvent('Orders', { eventPattern, command });
      }
    });

    test('refuses a second rule of one name, a command that is not delivered, and texts that EventBridge refuses', () => {
      const { construct } = deployed();
      construct.onEvent('Orders', { eventPattern: ORDERS, command: set() });
      assert.throws(
        () => construct.onEvent('Orders', { eventPattern: ORDERS, command: set() }),
        /There is already a Construct with name 'Orders'/,
      );
      assert.throws(
        () =>
          deployed({ commands: [MomentoCommand.CACHE_SET] }).construct.onEvent('Orders', {
            eventPattern: ORDERS,
            command: publish(),
          }),
        /commands must include topicPublish for onEvent Orders\. Add it to commands\./,
      );
      refuses({ ruleName: 'a b' }, /ruleName must be 1 to 64 letters/);
      refuses({ description: 'x'.repeat(513) }, /description must have at most 512 characters/);
      refuses(
        { eventPattern: { ...ORDERS, source: Array.from({ length: 600 }, (_, i) => `source-${i.toString()}`) } },
        /eventPattern must make an event pattern of at most 4096 characters/,
      );
    });

    test('takes a name and a description of the rule', () => {
      const toMomento = deployed();
      toMomento.construct.onEvent('Orders', {
        eventPattern: ORDERS,
        command: set(),
        ruleName: 'orders-to-cache',
        description: 'Caches orders',
      });
      toMomento.template.hasResourceProperties('AWS::Events::Rule', {
        Name: 'orders-to-cache',
        Description: 'Caches orders',
      });
    });

    test('warns of a message that begins like JSON but is not', () => {
      const toMomento = byLambda();
      toMomento.construct.onEvent('Orders', {
        eventPattern: ORDERS,
        command: publish({ message: '{{"id":{detail.id},}}' }),
      });
      const [warning] = Annotations.fromStack(toMomento.stack).findWarning('*', Match.anyValue());
      assert.match(warning?.entry.data as string, /command\.message begins like JSON, but is not JSON/);
    });

    test('counts its events with the commands of their kind, and must come before the metrics', () => {
      const { construct } = deployed();
      const rule = construct.onEvent('Orders', { eventPattern: ORDERS, command: set() });
      assert.ok(construct.deliveryRules.includes(rule));
      const names = (command?: MomentoCommand) =>
        Object.values(construct.metricReceived({ command }).usingMetrics).map(
          (metric) =>
            metric.toMetricConfig().metricStat?.dimensions?.find(({ name }) => name === 'RuleName')?.value as unknown,
        );
      assert.ok(names().includes(rule.ruleName));
      assert.ok(names(MomentoCommand.CACHE_SET).includes(rule.ruleName));
      assert.ok(!names(MomentoCommand.TOPIC_PUBLISH).includes(rule.ruleName));
      assert.throws(
        () => construct.onEvent('Late', { eventPattern: ORDERS, command: set() }),
        /onEvent Late must be called before the metrics, alarms and dashboards of this construct/,
      );
    });

    test('adds its rules to the alarms, none of which reads more metrics than CloudWatch allows', () => {
      const { construct, stack } = deployed();
      for (let i = 0; i < 12; i += 1) {
        construct.onEvent(`Orders${i.toString()}`, { eventPattern: ORDERS, command: set() });
      }
      const { alarms } = new EventBridgeToMomentoAlarms(stack, 'Alarms', { monitored: construct });
      const read = (prefix: string) =>
        alarms
          .filter(({ node }) => node.id.startsWith(prefix) && (node.defaultChild as cloudwatch.CfnAlarm).metrics)
          .map((alarm) => metricsOf(alarm, stack));
      const rules = [...construct.deliveryRules, ...construct.invalidCommandRules];
      assert.equal(
        read('FailedInvocations').reduce((sum, count) => sum + count, 0),
        rules.length,
      );
      const twice = way === 'Lambda' ? 0 : 2 * construct.deliveryRules.length;
      assert.equal(
        read('NothingDelivered').reduce((sum, count) => sum + count, 0),
        twice,
      );
      assert.ok(read('').every((count) => count <= 10));
    });
  });
}
