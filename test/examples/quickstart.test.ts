import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../tools/common/until';
import { WebhookSender } from '../../tools/common/webhook-sender';
import { DIFFERENT, eventsSideBySide, type MomentoEvent } from '../../tools/run-example/quickstart/events-side-by-side';
import { demonstrate, instructions, LocalQuickstart } from '../../tools/run-example/quickstart/run';
import { commandsOf, filledIn, secretAsCreated, typeWithAws } from './readme';
import { blocksOf, paste } from './typed';

/** The fields that a table of two events marks as different. */
const differences = (table: string) =>
  table
    .split('\n')
    .filter((line) => line.trimStart().startsWith(DIFFERENT))
    .map((line) => line.trim().split(/ +/)[1]);

test('the table of two events marks each field that differs, and no other', () => {
  const event = (detail: MomentoEvent['detail']) => ({ source: 'Momento', 'detail-type': 'a#b', detail });
  const table = eventsSideBySide(
    event({ cache: 'a', text: 'Hi', publish_timestamp: 2, origin: 'subscription' }),
    event({ cache: 'a', text: 'Hi', publish_timestamp: 1 }),
  );
  assert.equal(
    table,
    [
      '                            by subscription  by webhook',
      '  source                    Momento          Momento',
      '  detail-type               a#b              a#b',
      '  detail.cache              "a"              "a"',
      '  detail.text               "Hi"             "Hi"',
      '≠ detail.publish_timestamp  2                1',
      '≠ detail.origin             "subscription"   –',
    ].join('\n'),
  );
});

describe('the demo', () => {
  const printed: string[] = [];
  const print = (line: string) => {
    printed.push(line);
  };
  let quickstart: LocalQuickstart;
  before(async () => {
    quickstart = await LocalQuickstart.start(print);
    await demonstrate(quickstart, print);
  });
  after(() => quickstart.stop());

  test('shows one message by subscription and by webhook, with the same detail but for what the subscription adds', () => {
    const table = printed.find((text) => text.includes('by subscription') && text.includes('by webhook')) ?? '';
    for (const [field, value] of [
      ['source', 'Momento'],
      ['detail-type', 'chat#room-281'],
      ['detail.cache', '"chat"'],
      ['detail.topic', '"room-281"'],
      ['detail.token_id', '"user-17"'],
      ['detail.text', '"Here I am!!"'],
    ] as const) {
      assert.match(table, new RegExp(`^ +${field} +${value} +${value}$`, 'm'));
    }
    const found = differences(table);
    const times = ['detail.event_timestamp', 'detail.publish_timestamp'];
    // Both may have been there within a millisecond.
    assert.deepEqual(
      found.filter((field = '') => !times.includes(field)),
      ['detail.topic_sequence_page', 'detail.origin'],
    );
  });

  test('shows the item that a rule made of the message', () => {
    assert.ok(printed.some((text) => text.endsWith('\n  "Here I am!!"')));
  });

  test('shows that a replay is a duplicate, that tampered and stale webhooks are rejected, and that none is on the bus', () => {
    const answers = printed
      .filter((text) => text.endsWith(' ms'))
      .map((text) => /\b(\d{3}) (\{.*\})/.exec(text)?.slice(1));
    assert.equal(answers.length, 4);
    const [accepted, replay, ...rejected] = answers;
    assert.match(accepted?.join(' ') ?? '', /^200 \{"message":"Success"/);
    assert.deepEqual(replay, ['200', '{"message":"Duplicate"}']);
    assert.deepEqual(rejected, Array(2).fill(['403', '{"message":"Unauthorized"}']));
    assert.ok(printed.includes('  Events that the last three put on the bus: 0'));
  });

  test('prints commands that do what it says of them, each block pasted as it is', async () => {
    const [roundTrip, receive, webhook, settings, ...more] = blocksOf(instructions(quickstart));
    assert.deepEqual(more, []);

    const around = await paste(roundTrip);
    assert.match(around, /^HTTP\/1\.1 204/);
    assert.ok(around.endsWith('"Once around"\n'), around);

    const received = await paste(receive);
    assert.match(received, /Once around/);
    await quickstart.take(10, 500);

    assert.match(await paste(webhook), /^HTTP\/1\.1 200[^]*"Success"/);
    await until('its event', async () => {
      const [event] = await quickstart.take(1);
      return event?.detail.text === 'Hello' && event.detail.token_id === 'me' ? true : undefined;
    });

    const region = await paste(`${settings ?? ''}\nprintenv AWS_ENDPOINT_URL AWS_REGION`);
    assert.equal(region, `${quickstart.aws.endpoint}\n${quickstart.aws.region}\n`);
  });

  test('has a README whose commands do what it says of them, each typed as it is', async () => {
    const { blocks, inSentences } = commandsOf('quickstart');
    const [createSecret, putSecret, ...more] = inSentences;
    assert.deepEqual([blocks, more], [[], []]);
    const created = await secretAsCreated(
      quickstart.aws,
      filledIn(createSecret, { '<key>': 'a-key' }),
      'momento/api-key',
    );
    assert.equal(created, 'a-key');

    const values = { '<MomentoSigningSecretArn>': quickstart.signingSecretArn, '<signing secret>': 'a-signing-secret' };
    await typeWithAws(quickstart.aws, filledIn(putSecret, values));
    const sender = new WebhookSender(quickstart.webhookUrl, 'a-signing-secret');
    assert.equal((await sender.send(sender.body())).status, 200);
  });
});
