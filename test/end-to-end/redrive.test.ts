/** From the fallback queue back to the bus, or to the dead-letter queue. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Fault } from '../../tools';
import { until } from '../../tools/common/until';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeQuickstart } from './stacks';

const SECRET = 'gX4nPk8vDq7BWm4z';
const putEvents = { service: 'events', operation: 'PutEvents' } as const;
/** Makes the webhook's handler park at once, and leaves the bus well for the redrive handler. */
const denied: Fault = { kind: 'failed-entry', code: 'AccessDeniedException' };

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: number;
}

describe('the redrive handler', () => {
  let webhook: DeployedWebhook;
  before(async () => {
    webhook = await DeployedWebhook.deploy(synthesizeQuickstart());
    await webhook.putSecret(SECRET);
  });
  after(() => webhook.aws.stop());
  beforeEach(() => {
    webhook.aws.faults.clear();
  });

  const putCalls = () =>
    webhook.aws.faults.calls('events', 'PutEvents').map(({ input }) => (input as { Entries: Entry[] }).Entries);
  const parkAll = async (bodies: readonly string[]) => {
    webhook.aws.faults.inject({ ...putEvents, ...denied });
    for (const body of bodies) assert.equal((await webhook.sender.send(body)).status, 202);
    webhook.aws.faults.heal();
  };
  const logged = async (message: string) => {
    const lines = (await webhook.redriveLogs()).map((line) => JSON.parse(line) as Record<string, unknown>);
    return lines.filter((line) => line.message === message);
  };

  test('puts on the bus what the webhook handler would have put there, in order, ten to a call', async () => {
    await webhook.pauseRedrive();
    const bodies = Array.from({ length: 10 }, (_, n) =>
      webhook.sender.body({ text: `${n.toString()} "é" \u{1f44b} \n` }),
    );
    await parkAll(bodies);
    const first = putCalls().flat();
    webhook.aws.faults.clear();
    await webhook.resumeRedrive();
    await webhook.untilRedriven();
    assert.deepEqual(putCalls(), [first]);
    assert.deepEqual(
      first.map(({ Detail }) => Detail),
      bodies,
    );
    assert.equal((await webhook.takeFromBus(11, 300)).length, 10);
  });

  test('puts aside what no bus would take, with the reason, and the rest of the batch on the bus', async () => {
    await webhook.pauseRedrive();
    const [good, bad] = [webhook.sender.body(), '[]'];
    await parkAll([good]);
    const parked = (detail: string) =>
      JSON.stringify({ source: 'Momento', detailType: 'chat#room-281', detail, time: 0 });
    for (const body of [parked(bad), 'not an event']) await webhook.park(body);
    await webhook.resumeRedrive();
    await webhook.untilRedriven();
    const dead = (await webhook.takeDead(3, 300)).map(({ body, reason, attempts }) => ({ body, reason, attempts }));
    dead.sort((one, other) => String(other.reason).localeCompare(String(one.reason)));
    assert.deepEqual(dead, [
      { body: parked(bad), reason: 'refused: MalformedDetail', attempts: '1' },
      { body: 'not an event', reason: 'it is not a parked event', attempts: '1' },
    ]);
    const events = await webhook.takeFromBus(2, 300);
    assert.deepEqual(
      events.map(({ detail }) => JSON.stringify(detail)),
      [good],
    );
  });

  test('keeps in the queue what the dead-letter queue does not take, and only that', async () => {
    await webhook.pauseRedrive();
    await parkAll([webhook.sender.body()]);
    await webhook.park('not an event either');
    webhook.aws.faults.inject({ service: 'sqs', operation: 'SendMessage', kind: 'error' });
    await webhook.resumeRedrive();
    assert.equal((await webhook.takeFromBus(1)).length, 1);
    await webhook.aws.faults.untilCalled(1, 'sqs', 'ChangeMessageVisibility');
    await until('the rest to be deleted', async () => (await webhook.parkedCount()) === 1 || undefined);
    webhook.aws.faults.heal();
    await webhook.untilRedriven();
    const [dead] = await webhook.takeDead(1);
    assert.deepEqual([dead?.body, dead?.attempts], ['not an event either', '2']);
    assert.deepEqual(await webhook.takeFromBus(1, 300), []);
  });

  test('waits twice as long each time that the bus fails', async () => {
    const before = (await logged('postponed')).length;
    webhook.aws.faults.inject({ ...putEvents, kind: 'throttle' });
    assert.equal((await webhook.sender.send()).status, 202);
    const postponed = await until('two attempts', async () => {
      const lines = (await logged('postponed')).slice(before);
      return lines.length >= 2 ? lines : undefined;
    });
    assert.deepEqual(
      postponed.map(({ wait_s, reason }) => [wait_s, reason]),
      [
        [2, 'unavailable: ThrottlingException'],
        [4, 'unavailable: ThrottlingException'],
      ],
    );
    const [first, second] = postponed.map(({ timestamp }) => Date.parse(String(timestamp)));
    assert.ok((second ?? 0) - (first ?? 0) >= 1900);
    webhook.aws.faults.heal();
    await webhook.untilRedriven();
    assert.equal((await webhook.takeFromBus(2, 300)).length, 1);
  });

  test('is not permitted to put events on any other bus: they wait for the right name', async () => {
    const { faults } = webhook.aws;
    const postponed = faults.calls('sqs', 'ChangeMessageVisibility').length;
    await webhook.withRedriveEnvironment({ EVENT_BUS_NAME: 'mistyped' }, async () => {
      await parkAll([webhook.sender.body()]);
      const isDenied = async () =>
        (await logged('postponed')).some(({ reason }) => reason === 'refused: AccessDeniedException') || undefined;
      await until('the denial', isDenied);
      // It is logged before that. A handler that is ended in between leaves the message hidden for minutes.
      await faults.untilCalled(postponed + 1, 'sqs', 'ChangeMessageVisibility');
    });
    await webhook.untilRedriven();
    assert.equal((await webhook.takeFromBus(2, 300)).length, 1);
  });
});
