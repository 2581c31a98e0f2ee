import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fn, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type * as events from 'aws-cdk-lib/aws-events';
import type { OnMessageOptions } from '../../../constructs';
import { type InStack } from '../in-stack';
import { ToMomento } from '../to-momento/to-momento';
import { Topics } from '../from-momento/topics';
import { Webhook } from '../from-momento/webhook';

const RULES: Record<string, (options: OnMessageOptions) => InStack> = {
  'onMessage of a webhook': (options) => {
    const webhook = new Webhook();
    webhook.construct.onMessage('Rule', options);
    return webhook;
  },
  'onMessage of a subscription': (options) => {
    const topics = new Topics();
    topics.construct.onMessage('Rule', options);
    return topics;
  },
  onMissedMessages: ({ tokenId, ...options }) => {
    assert.equal(tokenId, undefined);
    const topics = new Topics();
    topics.construct.onMissedMessages('Rule', options);
    return topics;
  },
};

/** Options that make the pattern this long. */
function ofLength(make: (options: OnMessageOptions) => InStack, characters: number): OnMessageOptions {
  const options = (length: number): OnMessageOptions => ({
    eventPattern: { detail: { text: ['x'.repeat(length)] } },
  });
  const pattern = (inStack: InStack) => {
    const rules = Object.values(inStack.template.findResources('AWS::Events::Rule'));
    assert.equal(rules.length, 1);
    return (rules[0] as { Properties: { EventPattern: unknown } }).Properties.EventPattern;
  };
  return options(characters - JSON.stringify(pattern(make(options(0)))).length);
}

const warnings = (inStack: InStack) =>
  Annotations.fromStack(inStack.stack).findWarning('*', Match.stringLikeRegexp('patternLength|event pattern of'));

for (const [name, make] of Object.entries(RULES)) {
  describe(`the rule of ${name}`, () => {
    test('is rejected with a pattern that EventBridge never takes', () => {
      make(ofLength(make, 4096));
      assert.throws(
        () => make(ofLength(make, 4097)),
        /In\/Rule: the filter of on(Message|MissedMessages) must make an event pattern of at most 4096 characters, got 4097\. Shorten it/,
      );
    });

    test('has a warning if the pattern needs a quota that AWS has to raise', () => {
      assert.deepEqual(warnings(make(ofLength(make, 2048))), []);
      assert.equal(warnings(make(ofLength(make, 2049))).length, 1);
    });

    test('is rejected with a name or a description that EventBridge would refuse', () => {
      for (const ruleName of ['', 'two words', 'a/b', 'x'.repeat(65)]) {
        assert.throws(
          () => make({ ruleName }),
          /ruleName must be 1 to 64 letters, digits and \. - _, got |64 characters/,
        );
      }
      make({ ruleName: `a.b-c_${'x'.repeat(58)}` });
      make({ description: 'x'.repeat(512) });
      assert.throws(
        () => make({ description: 'x'.repeat(513) }),
        /description must have at most 512 characters, got 513/,
      );
    });

    test('may have values that are known only at deployment', () => {
      const token = Token.asString({ Ref: 'X'.repeat(5000) });
      const found = make({
        cacheName: token,
        topicName: Fn.join('', [token, 'y']),
        ruleName: token,
        description: token,
      });
      assert.deepEqual(warnings(found), []);
    });
  });
}

test('the filter of a message may be long itself, without an eventPattern', () => {
  const { construct } = new Webhook();
  assert.throws(() => construct.onMessage('Long', { topicName: 'x'.repeat(4096) }), /of at most 4096 characters/);
});

describe('the rules of EventBridgeToMomento', () => {
  const sources = (count: number) => Array.from({ length: count }, (_, i) => `source-number-${i.toString()}`);

  test('have a warning if sources need a quota that AWS has to raise', () => {
    assert.deepEqual(warnings(new ToMomento({ sources: sources(50) })), []);
    assert.ok(warnings(new ToMomento({ sources: sources(100) })).length > 0);
  });

  test('count only what is known at synth', () => {
    const list = Token.asList({ Ref: 'X'.repeat(5000) });
    assert.deepEqual(warnings(new ToMomento({ sources: list })), []);
  });
});

test('a rule can have five targets, and the CDK refuses a sixth', () => {
  const { construct, stack } = new Webhook();
  const rule = construct.onMessage('Rule');
  const target = (id: number): events.IRuleTarget => ({ bind: () => ({ arn: `arn:${id.toString()}` }) });
  for (let id = 0; id < 6; id += 1) rule.addTarget(target(id));
  assert.throws(() => Annotations.fromStack(stack), /cannot have more than 5 targets/);
});
