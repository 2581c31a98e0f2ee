/** Strangers who post as fast as they can, against a reserved concurrency. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeWebhook } from './stacks';
import { textTable } from './text-table';
import { type RequestOverrides, WebhookSender } from '../../tools/common/webhook-sender';

const SECRET = 'T6fGq1uXe0RkWm4z';
const ENVIRONMENTS = 2;
/** The flood lasts until so many genuine messages have come through, or so many have been sent. */
const COME_THROUGH = 20;
const MAX_MESSAGES = 2000;
/** Strangers at a time, without a signature and with one of their own. */
const STRANGERS: readonly RequestOverrides[] = Array.from({ length: 12 }, (_, index) => ({
  signature: index % 2 === 0 ? null : '0'.repeat(64),
}));

describe('in a flood of unsigned requests', () => {
  let webhook: DeployedWebhook;
  before(async () => {
    webhook = await DeployedWebhook.deploy(synthesizeWebhook(() => ({ reservedConcurrency: ENVIRONMENTS })));
    await webhook.putSecret(SECRET);
  });
  after(() => webhook.aws.stop());

  test('strangers get 403 or 429, and what the genuine sender was told is taken is on the bus', async () => {
    const { sender } = webhook;
    assert.equal((await sender.send()).status, 200);
    assert.equal((await webhook.takeFromBus(1)).length, 1);
    webhook.aws.faults.clear();

    const started = performance.now();
    const strangers = new Map<number, number>();
    const genuine = new Map<number, number>();
    let slowest = 0;
    let isOver = false;
    const stranger = new WebhookSender(sender.url, 'none');
    const flood = STRANGERS.map(async (overrides) => {
      while (!isOver) count(strangers, (await stranger.send(stranger.body(), overrides)).status);
    });
    const taken: string[] = [];
    for (let sent = 0; taken.length < COME_THROUGH && sent < MAX_MESSAGES; sent += 1) {
      const body = sender.body();
      const { status, milliseconds } = await sender.send(body);
      count(genuine, status);
      slowest = Math.max(slowest, milliseconds);
      if (status < 300) taken.push(body);
    }
    isOver = true;
    await Promise.all(flood);

    const seconds = (performance.now() - started) / 1000;
    const reads = webhook.aws.faults.calls('secretsmanager').length;
    const row = (who: string, answers: Map<number, number>) => [
      who,
      ...[200, 403, 429].map((status) => (answers.get(status) ?? 0).toString()),
    ];
    console.log(textTable(['who', '200', '403', '429'], [row('strangers', strangers), row('genuine sender', genuine)]));
    console.log(
      `in ${seconds.toFixed(1)} s, to ${ENVIRONMENTS.toString()} environments; the genuine sender's slowest answer took ` +
        `${slowest.toFixed()} ms; the secret was read ${(reads / 2).toString()} times`,
    );

    assert.deepEqual(
      [...strangers.keys()].filter((status) => status !== 403 && status !== 429),
      [],
    );
    assert.deepEqual(
      [...genuine.keys()].filter((status) => status !== 200 && status !== 429),
      [],
    );
    assert.ok((strangers.get(403) ?? 0) > 0 && (strangers.get(429) ?? 0) > 0, 'it was a flood');
    assert.equal(taken.length, COME_THROUGH);
    const events = await webhook.takeFromBus(COME_THROUGH);
    assert.deepEqual(await webhook.takeFromBus(1, 500), []);
    assert.deepEqual(
      events.map(({ detail }) => JSON.stringify(detail)),
      taken,
    );
    // Each environment may read ten times in a burst and once more every 5 s; each read is of two versions.
    assert.ok(reads <= 2 * ENVIRONMENTS * (10 + 1 + seconds / 5), `${reads.toString()} reads`);
  });

  test('and after it, all is as before', async () => {
    assert.equal((await webhook.sender.send()).status, 200);
    assert.equal((await webhook.takeFromBus(1)).length, 1);
  });
});

function count(answers: Map<number, number>, status: number): void {
  answers.set(status, (answers.get(status) ?? 0) + 1);
}
