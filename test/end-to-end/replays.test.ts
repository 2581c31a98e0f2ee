/** One signed request sent again and again, to many environments at the same time, and across crashes. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ReplayProtection } from 'cdk-momento-eventbridge';
import { until } from '../../tools/common/until';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeWebhook } from './stacks';
import { textTable } from './text-table';
import type { Answer } from '../../tools/common/webhook-sender';

const SECRET = 'Jd5rMz9wYb2NWm4z';
const TIMES = 1000;
const CONNECTIONS = 20;
/** How long a claim holds. */
const CLAIM_HOLDS_MS = 6000;

describe('a request that is sent again', () => {
  let webhook: DeployedWebhook;

  before(async () => {
    webhook = await DeployedWebhook.deploy(synthesizeWebhook(() => ({ replayProtection: ReplayProtection.table() })));
    await webhook.putSecret(SECRET);
  });
  after(() => webhook.aws.stop());
  beforeEach(() => {
    webhook.aws.faults.clear();
  });

  /** Sends one body `TIMES` times from `CONNECTIONS` connections, and counts the answers. */
  const flood = async (body: string): Promise<Map<string, number>> => {
    const answers = new Map<string, number>();
    let left = TIMES;
    const send = async () => {
      while (left > 0) {
        left -= 1;
        const name = nameOf(await webhook.sender.send(body));
        answers.set(name, (answers.get(name) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    return answers;
  };
  const report = (guard: string, answers: ReadonlyMap<string, number>, copies: number) => {
    const environments = webhook.aws.faults.calls('secretsmanager').length / 2;
    const cells = [...[...answers].sort()].map(([name, count]) => `${count.toString()} × ${name}`);
    const headings = ['guard', 'requests', 'environments', 'answers', 'on the bus'];
    console.log(
      textTable(headings, [[guard, TIMES.toString(), environments.toString(), cells.join(', '), copies.toString()]]),
    );
    return environments;
  };

  test(`${TIMES.toString()} times is on the bus once where the environments share a table`, async () => {
    const body = webhook.sender.body();
    const answers = await flood(body);
    const copies = (await webhook.takeFromBus(TIMES, 500)).length;
    report('table', answers, copies);
    assert.equal(copies, 1);
    assert.equal(answers.get('200 Success'), 1);
    const others = ['200 Success', '200 Duplicate', '503 Service Unavailable'];
    assert.deepEqual(
      [...answers.keys()].filter((name) => !others.includes(name)),
      [],
    );
    assert.equal(nameOf(await webhook.sender.send(body)), '200 Duplicate');
  });

  test(`${TIMES.toString()} times is on the bus once for each environment at most where none is shared`, async () => {
    await webhook.withEnvironment({ REPLAY_TABLE_NAME: '' }, async () => {
      const answers = await flood(webhook.sender.body());
      const copies = (await webhook.takeFromBus(TIMES, 500)).length;
      const environments = report('memory', answers, copies);
      assert.ok(copies >= 1 && copies <= environments, `${copies.toString()} in ${environments.toString()}`);
      assert.equal(answers.get('200 Success'), copies);
      assert.equal((answers.get('200 Success') ?? 0) + (answers.get('200 Duplicate') ?? 0), TIMES);
    });
  });

  for (const [when, kind, copies] of [
    ['before', 'kill-before', 1],
    ['after', 'kill-after', 2],
  ] as const) {
    test(`after a crash between claim and mark, ${when} it was put on the bus, is taken once the claim has run out`, async () => {
      const { faults } = webhook.aws;
      const body = webhook.sender.body();
      const started = Date.now();
      faults.inject({ service: 'events', operation: 'PutEvents', kind, times: 1 });
      assert.equal((await webhook.sender.send(body)).status, 502);
      assert.equal(nameOf(await webhook.sender.send(body)), '503 Service Unavailable');
      const sendAgain = async () => {
        const name = nameOf(await webhook.sender.send(body));
        assert.ok(['200 Success', '503 Service Unavailable'].includes(name), name);
        return name === '200 Success' || undefined;
      };
      await until('the request to be taken', sendAgain, { everyMs: 100 });
      const waited = Date.now() - started;
      assert.ok(waited >= CLAIM_HOLDS_MS, `${waited.toString()} ms`);
      assert.equal(nameOf(await webhook.sender.send(body)), '200 Duplicate');
      assert.equal((await webhook.takeFromBus(copies + 1, 500)).length, copies);
    });
  }
});

function nameOf({ status, content }: Answer): string {
  return `${status.toString()} ${String(content.message)}`;
}
