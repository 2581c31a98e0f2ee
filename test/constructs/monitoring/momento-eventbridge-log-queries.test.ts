import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { MomentoEventBridgeLogQueries, MomentoWebhookToEventBridge } from '../../../constructs';
import { codeInBucket } from '../from-momento/webhook';
import { findings } from '../nag-findings';
import { lint } from '../lint';
import { outputOf } from './handler-output';
import { Monitored } from './monitored';

const monitored = new Monitored();
const { stack, webhook, cached } = monitored;
const { queries } = new MomentoEventBridgeLogQueries(stack, 'Queries', { monitored: monitored.all });

const handlers = monitored.handlers.map(
  ([name, { logGroup }]) => [name, JSON.stringify(stack.resolve(logGroup.logGroupName))] as const,
);

/** A query's name, the handler whose log it reads, and its commands. */
const read = queries.map(({ name, logGroupNames = [], queryString }) => {
  assert.equal(logGroupNames.length, 1);
  const logGroup = JSON.stringify(stack.resolve(logGroupNames[0]));
  const [handler] = handlers.find(([, of]) => of === logGroup) ?? assert.fail(name);
  return { name, handler, commands: queryString.split('\n| ') };
});

/** The fields that a command reads, but for what it makes itself. */
function fieldsIn(commands: readonly string[]): string[] {
  const text = commands.map((command) => command.replaceAll(/"[^"]*"/g, '')).join('\n');
  const made = [...text.matchAll(/ as (\w+)/g)].map(([, name = '']) => name);
  const words = /^(?:fields|filter|stats|sort|limit|as|by|sum|count|desc|asc|\d+)$/;
  const names = [...text.matchAll(/@?\w+/g)].map(([name]) => name);
  return names.filter(
    (name) => !words.test(name) && !made.includes(name) && !name.startsWith('@') && name !== 'message',
  );
}

describe('the log queries', () => {
  test('are those that an operator asks for', () => {
    assert.deepEqual(
      read.map(({ name }) => name),
      [
        'Stack/Webhook/rejections by reason',
        'Stack/Webhook/latest rejections',
        'Stack/Webhook/slowest publishes',
        'Stack/Webhook/lost messages',
        'Stack/Webhook/dead messages',
        'Stack/Topics/slowest publishes',
        'Stack/Topics/missed messages',
        'Stack/Topics/dead messages',
        'Stack/ByLambda/dead commands',
        'Stack/ByLambda/postponed commands by reason',
        'Stack/Cached/dead changes',
      ],
    );
  });

  for (const { name, handler, commands } of read) {
    test(`${name} reads only fields that the handler ${handler} logs`, () => {
      const { logs, metrics } = outputOf(handler);
      const message = /message = "([^"]*)"/.exec(commands.join('\n'))?.[1];
      const logged =
        message === undefined
          ? Object.entries(metrics).flatMap(([metric, dimensions]) => [metric, ...dimensions.flat()])
          : (logs[message] ?? assert.fail(`${handler} does not log "${message}"`));
      const fields = fieldsIn(commands);
      assert.ok(fields.length >= 1);
      for (const field of fields) assert.ok(logged.includes(field), field);
    });
  }

  test('are valid for cfn-lint, and cdk-nag finds nothing', () => {
    const plain = new Monitored();
    const before = findings(new Monitored().stack);
    new MomentoEventBridgeLogQueries(plain.stack, 'Queries', { monitored: plain.all });
    lint(plain.stack);
    assert.deepEqual(findings(plain.stack), before);
  });

  test('have another folder where one is given', () => {
    const { stack, cached } = new Monitored();
    const { queries } = new MomentoEventBridgeLogQueries(stack, 'Queries', {
      monitored: [cached],
      folder: 'team/chat',
    });
    assert.deepEqual(
      queries.map(({ name }) => name),
      ['team/chat/Cached/dead changes'],
    );
  });

  test('name a construct by its path in its stack, also in a stage and in a nested stack', () => {
    const stack = new Stack(new Stage(new App(), 'Prod'), 'Chat');
    const monitored = [stack, new NestedStack(stack, 'Nested')].map(
      (scope) => new MomentoWebhookToEventBridge(scope, 'Momento', { handlerCode: codeInBucket(scope) }),
    );
    const { queries } = new MomentoEventBridgeLogQueries(stack, 'Queries', { monitored });
    const dead = queries.map(({ name }) => name).filter((name) => name.endsWith('/dead messages'));
    assert.deepEqual(dead, ['Prod-Chat/Momento/dead messages', 'Prod-Chat/Nested/Momento/dead messages']);
  });

  test('reject a folder that makes longer names than CloudWatch Logs takes, and take the longest', () => {
    const path = '/Webhook/rejections by reason';
    const { stack, webhook } = new Monitored();
    const inFolder = (characters: number) =>
      new MomentoEventBridgeLogQueries(stack, `Folder${characters.toString()}`, {
        monitored: [webhook],
        folder: 'f'.repeat(characters),
      }).queries.map(({ name }) => name.length);
    assert.equal(Math.max(...inFolder(255 - path.length)), 255);
    assert.throws(() => inFolder(256 - path.length), {
      message: /: folder must make names of at most 255 characters, got 256: f+\/.* Choose a shorter folder\.$/,
    });
  });

  test('reject no construct, 21, one of them twice, and what is not of this library', () => {
    const rejected: [monitored: IConstruct[], sentence: string][] = [
      [[], 'must have 1 to 20 constructs, got 0\\.'],
      [Array.from({ length: 21 }, () => cached), 'must have 1 to 20 constructs, got 21\\.'],
      [[cached, webhook, cached], 'must have each construct once, got Stack/Cached twice\\.'],
      [[new sqs.Queue(stack, 'Queue')], 'must have constructs of cdk-momento-eventbridge, .* got Stack/Queue\\.'],
    ];
    for (const [i, [monitored, sentence]] of rejected.entries()) {
      const id = `Rejected${i.toString()}`;
      assert.throws(() => new MomentoEventBridgeLogQueries(stack, id, { monitored }), {
        message: new RegExp(`^Stack/${id}: monitored ${sentence}`),
      });
    }
  });
});
