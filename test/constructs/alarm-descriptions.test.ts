/** What an operator reads first: the description of each alarm, and its paragraph in the manual. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  DynamoDbToMomentoAlarms,
  EventBridgeToMomentoAlarms,
  MomentoTopicToEventBridgeAlarms,
  MomentoWebhookToEventBridgeAlarms,
} from '../../constructs';
import { Topics } from './from-momento/topics';
import { Monitored } from './monitoring/monitored';

const ROOT = join(__dirname, '../..');
const MANUAL = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
const LINK = 'https://github.com/cdk-momento-eventbridge/cdk-momento-eventbridge/blob/main/docs/troubleshooting.md#';
/** What CloudWatch takes as `AlarmDescription`. */
const MAX_CHARACTERS = 1024;

/** The longest that CloudFormation makes of what a description names: SQS allows 80 characters, and a log group can have more. */
const LONGEST: readonly (readonly [type: RegExp, text: string])[] = [
  [/Queue/, `https://sqs.ap-southeast-1.amazonaws.com/123456789012/${'q'.repeat(80)}`],
  [/Log/, 'l'.repeat(250)],
  [/./, 'x'.repeat(128)],
];

/** The text with the longest names that its references can have. */
function longest(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': joined, Ref: ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (joined) return (joined as [string, unknown[]])[1].map(longest).join('');
  const id = (ref ?? (attribute as string[])[0]) as string;
  return LONGEST.find(([type]) => type.test(id))?.[1] ?? '';
}

/** The alarms of each construct by the names of their members, with every option. */
function alarms(): { of: string; name: string; description: string }[] {
  const { stack, webhook, topics, byApiDestinations, byLambda, cached } = new Monitored();
  const maxSilence = Duration.hours(1);
  const constructs = [
    ['webhook', new MomentoWebhookToEventBridgeAlarms(stack, 'A', { monitored: webhook, maxSilence })],
    ['subscription', new MomentoTopicToEventBridgeAlarms(stack, 'B', { monitored: topics, maxSilence })],
    ['commands', new EventBridgeToMomentoAlarms(stack, 'C', { monitored: byApiDestinations })],
    ['commands', new EventBridgeToMomentoAlarms(stack, 'D', { monitored: byLambda })],
    ['table', new DynamoDbToMomentoAlarms(stack, 'E', { monitored: cached })],
  ] as const;
  return constructs.flatMap(([of, construct]) => {
    const members = Object.entries(construct).filter(([name]) => name !== 'alarms');
    const named = members.flatMap(([name, member]) =>
      [member as unknown].flat().flatMap((alarm) => (alarm instanceof cloudwatch.Alarm ? [{ name, alarm }] : [])),
    );
    assert.deepEqual(new Set(named.map(({ alarm }) => alarm)), new Set(construct.alarms));
    return named.map(({ name, alarm }) => {
      const { alarmDescription } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
      return { of, name, description: longest(stack.resolve(alarmDescription)) };
    });
  });
}

/** The paragraph of an anchor: its heading, and all that stands below it. */
function paragraph(anchor: string): string | undefined {
  const sections = MANUAL.split(/^(?=#{2,3} )/m);
  return sections.find((section) => {
    const heading = /^#+ (.*)$/m.exec(section)?.[1] ?? '';
    return (
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-') === anchor
    );
  });
}

const ALL = alarms();
const anchorOf = (description: string) => description.split(LINK)[1] ?? '';

describe('the description of', () => {
  for (const { of, name, description } of ALL) {
    test(`${name} (${of}) goes on in lower case after each label, but for names`, () => {
      const capital = /\*\* (?!(?:Momento|EventBridge|Lambda|Unauthorized)\b)[A-Z]/;
      assert.doesNotMatch(description, capital);
    });

    test(`${name} (${of}) says what happened, where to look and what to do, and links to its paragraph`, () => {
      const form = /^\*\*What happened:\*\* .{20,}\n\n\*\*Look:\*\* .{20,}\n\n\*\*Do:\*\* .{20,}\n\nhttps:\S+$/s;
      assert.match(description, form);
      const characters = description.length;
      assert.ok(characters <= MAX_CHARACTERS, `${characters.toString()} characters: ${description}`);
      const text = paragraph(anchorOf(description)) ?? assert.fail(`no paragraph #${anchorOf(description)}`);
      assert.ok(text.startsWith(`### \`${name}\``), text);
      assert.ok(text.length > 150);
    });
  }
});

test('the descriptions of a topic with the longest names have room for them, shortened', () => {
  const topic = { cacheName: 'c', topicName: 't'.repeat(253) };
  const { stack, construct: monitored } = new Topics({ topics: [topic] });
  const { subscriptionRefused, subscriptionSilent } = new MomentoTopicToEventBridgeAlarms(stack, 'A', { monitored });
  for (const alarm of [...subscriptionRefused, ...subscriptionSilent]) {
    const { alarmDescription } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
    const description = longest(stack.resolve(alarmDescription));
    assert.match(description, /topic t{100}… of the cache c\b/);
    assert.ok(description.length <= MAX_CHARACTERS, description);
  }
});

describe('docs/troubleshooting.md', () => {
  const index = MANUAL.split(/^### /m)[0] ?? '';
  const columns = ['webhook', 'subscription', 'commands', 'table'];

  test('lists each alarm of each construct once, with the paragraph that its description links to', () => {
    const rows = [...index.matchAll(/^\| `(\w+)` +\|(.*)\|$/gm)].flatMap(([, name = '', cells = '']) =>
      cells.split('|').flatMap((cell, i) => {
        const anchor = /\(#([^)]+)\)/.exec(cell)?.[1];
        return anchor === undefined ? [] : [`${name} of ${columns[i] ?? ''}: ${anchor}`];
      }),
    );
    const expected = ALL.map(({ of, name, description }) => `${name} of ${of}: ${anchorOf(description)}`);
    assert.deepEqual(rows.sort(), [...new Set(expected)].sort());
  });

  test('has a paragraph for alarms only where there is an alarm', () => {
    const [, byAlarm = ''] = MANUAL.split('## By alarm\n');
    const headings = [...(byAlarm.split(/^## /m)[0] ?? '').matchAll(/^### (.*)$/gm)];
    const linked = new Set(ALL.map(({ description }) => anchorOf(description)));
    assert.equal(headings.length, linked.size);
  });
});

test('the commands in descriptions and in the manual are those of the command line', () => {
  const help = execFileSync('node', ['--import', 'tsx', join(ROOT, 'cli/main.ts'), '--help'], { encoding: 'utf8' });
  const text = [...ALL.map(({ description }) => description), MANUAL].join('\n');
  const commands = new Set(
    [...text.matchAll(/npx cdk-momento-eventbridge ([a-z-]+)/g)].map(([, command = '']) => command),
  );
  assert.ok(commands.size >= 3);
  for (const command of commands) assert.match(help, new RegExp(`^  ${command} `, 'm'));
});
