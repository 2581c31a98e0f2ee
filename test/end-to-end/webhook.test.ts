import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Fault, FaultyCalls } from '../../tools';
import { until } from '../../tools/common/until';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeQuickstart } from './stacks';
import { type Answer, type RequestOverrides, sign, type WebhookSender } from '../../tools/common/webhook-sender';

const SECRET = 'cV7uFq2mXn4RWm4z';
/** The secrets of several webhooks with names, and one that is not among them. */
const NAMED = { chat: 'b8TnWz0LrQp1uF6s', orders: 'Yk3dJs6vHx9EuF6s', stranger: 'mA5gCe7uKo2DuF6s' };
const TEXT = 'the text that must not be logged';
/** Momento gives up after 5 s; the handler promises this. */
const LIMIT_MS = 4500;

describe('the deployed webhook', () => {
  let quickstart: DeployedWebhook;
  let sender: WebhookSender;

  before(async () => {
    quickstart = await DeployedWebhook.deploy(synthesizeQuickstart());
    await quickstart.pauseRedrive();
    sender = quickstart.sender;
  });
  after(() => quickstart.aws.stop());
  beforeEach(() => {
    quickstart.aws.faults.clear();
  });

  const inject = (...faults: (FaultyCalls & Fault)[]) => {
    for (const fault of faults) quickstart.aws.faults.inject(fault);
  };
  const putEvents = { service: 'events', operation: 'PutEvents' } as const;
  const sendMessage = { service: 'sqs', operation: 'SendMessage' } as const;
  const getSecret = { service: 'secretsmanager', operation: 'GetSecretValue' } as const;
  const nothingOnTheBus = async () => {
    assert.deepEqual(await quickstart.takeFromBus(1, 150), []);
  };
  const assertAnswer = (answer: Answer, status: number, content: Record<string, unknown>) => {
    assert.deepEqual({ status: answer.status, content: answer.content }, { status, content });
    assert.ok(answer.milliseconds < LIMIT_MS, `answered after ${answer.milliseconds.toFixed()} ms`);
  };

  test('answers 503 and takes nothing until its signing secret has a value, and then takes everything', async () => {
    assertAnswer(await sender.send(), 503, { message: 'Service Unavailable' });
    await quickstart.putSecret(SECRET);
    assert.equal((await sender.send()).status, 200);
    assert.equal((await quickstart.takeFromBus(1)).length, 1);
  });

  describe('answers', () => {
    test('200 with the event id to a genuine, fresh message, which is on the bus once', async () => {
      const body = sender.body({ text: 'Here I am!! "é" \u{1f44b} \\ \n' });
      const answer = await sender.send(body);
      const events = await quickstart.takeFromBus(2, 500);
      assert.equal(events.length, 1);
      const [event] = events;
      const [call] = quickstart.aws.faults.calls('events', 'PutEvents');
      const { Entries: entries } = call?.input as { Entries: { Detail: string }[] };
      assert.deepEqual(
        entries.map(({ Detail }) => Detail),
        [body],
        'byte for byte',
      );
      assertAnswer(answer, 200, { message: 'Success', eventId: event?.id });
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.equal(event?.source, 'Momento');
      assert.equal(event['detail-type'], 'chat#room-281');
      const detail = JSON.parse(body) as { publish_timestamp: number };
      assert.deepEqual(event.detail, detail);
      assert.equal(Date.parse(String(event.time)), Math.floor(detail.publish_timestamp / 1000) * 1000);
    });

    test('200 to a message seen before, which is not on the bus again', async () => {
      const body = sender.body();
      assert.equal((await sender.send(body)).status, 200);
      assertAnswer(await sender.send(body), 200, { message: 'Duplicate' });
      assert.equal((await quickstart.takeFromBus(2, 300)).length, 1);
    });

    test('200 to a body that Lambda hands over in base64', async () => {
      assert.equal((await sender.send(sender.body(), { contentType: 'application/octet-stream' })).status, 200);
      assert.equal((await quickstart.takeFromBus(1)).length, 1);
    });

    test('403 to a request that is not genuine, and says no more', async () => {
      const body = sender.body();
      const right = sign(SECRET, body);
      const wrong = sign('another', body);
      const requests: Record<string, RequestOverrides> = {
        'no signature': { signature: null },
        'an empty one': { signature: '' },
        'a wrong one': { signature: wrong },
        'one in capitals': { signature: right.toUpperCase() },
        'several that differ': { signature: `${right}, ${wrong}` },
      };
      for (const [name, overrides] of Object.entries(requests)) {
        const answer = await sender.send(body, overrides);
        assert.deepEqual([answer.status, answer.content], [403, { message: 'Unauthorized' }], name);
      }
      const tampered = body.replace('Here', 'Gone');
      assertAnswer(await sender.send(tampered, { signature: right }), 403, { message: 'Unauthorized' });
      await nothingOnTheBus();
    });

    test('403 to a message that is too old or from the future', async () => {
      for (const publish_timestamp of [Date.now() - 61_000, Date.now() + 15_000]) {
        assertAnswer(await sender.send(sender.body({ publish_timestamp })), 403, { message: 'Unauthorized' });
      }
      await nothingOnTheBus();
    });

    test('400 to a genuine body that is not a message, naming what is wrong', async () => {
      const { text, ...rest } = JSON.parse(sender.body()) as Record<string, unknown>;
      assert.equal(text, 'Here I am!!');
      const cases: [string | Uint8Array, string][] = [
        [JSON.stringify(rest), 'the field `text` is missing'],
        [
          sender.body({ topic_sequence_number: -1 }),
          'the field `topic_sequence_number` is not a whole number of 0 or more',
        ],
        ['[]', 'the body is not a JSON object'],
        ['{"cache": chat}', 'the body is not JSON: line 1, column 11'],
        [Uint8Array.of(0x7b, 0xff), 'the body is not UTF-8: byte 1 is where it stops being so'],
      ];
      for (const [body, wrong] of cases) {
        const contentType = 'application/octet-stream';
        assertAnswer(await sender.send(body, { contentType }), 400, { message: `Bad Request: ${wrong}` });
      }
      await nothingOnTheBus();
    });

    test('413 to a body over the limit', async () => {
      const answer = await sender.send(sender.body({ text: 'x'.repeat(120 * 1024) }));
      assertAnswer(answer, 413, { message: 'Payload Too Large: at most 122880 bytes' });
    });

    test('405 with the allowed method to anything but POST', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await sender.send(sender.body(), { method });
        assertAnswer(answer, 405, { message: 'Method Not Allowed' });
        assert.equal(answer.headers.get('allow'), 'POST');
      }
    });
  });

  // The outcome of a message in each outage is in fault-matrix.test.ts.
  test('parks what the bus does not take, byte for byte, with the reason', async () => {
    inject({ ...putEvents, kind: 'throttle' });
    const body = sender.body({ text: ' "é" \u{1f44b} \\ \n' });
    assertAnswer(await sender.send(body), 202, { message: 'Accepted' });
    const [parked, ...more] = await quickstart.takeParked(2, 300);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [parked?.source, parked?.detailType, parked?.detail, parked?.reason],
      ['Momento', 'chat#room-281', body, 'unavailable: ThrottlingException'],
    );
    assert.equal(parked?.time, (JSON.parse(body) as { publish_timestamp: number }).publish_timestamp);
    await nothingOnTheBus();
  });

  test('takes from the sender again what neither the bus nor the queue took', async () => {
    inject({ ...putEvents, kind: 'throttle' }, { ...sendMessage, kind: 'error' });
    const body = sender.body();
    assertAnswer(await sender.send(body), 503, { message: 'Service Unavailable' });
    assert.equal((await quickstart.lostDetails()).filter((detail) => detail === body).length, 1);
    await nothingOnTheBus();

    quickstart.aws.faults.clear();
    assert.equal((await sender.send(body)).status, 200);
    assert.equal((await quickstart.takeFromBus(1)).length, 1);
  });

  test('is not permitted to put events on any other bus: what a wrong name would lose is parked', async () => {
    await quickstart.withEnvironment({ EVENT_BUS_NAME: 'mistyped' }, async () => {
      assertAnswer(await sender.send(), 202, { message: 'Accepted' });
      const [parked] = await quickstart.takeParked(1);
      assert.equal(parked?.reason, 'refused: AccessDeniedException');
    });
  });

  test('with a setting missing or malformed, says which on one line and does not start', async () => {
    for (const [changes, sentence] of [
      [{ EVENT_BUS_NAME: '' }, 'the environment variable EVENT_BUS_NAME is missing'],
      [
        { MAX_EVENT_AGE_MS: '1 min' },
        'the environment variable MAX_EVENT_AGE_MS is `1 min`, not a whole number of milliseconds above 0',
      ],
    ] as const) {
      await quickstart.withEnvironment(changes, async () => {
        assert.equal((await sender.send()).status, 502);
        const lines = (await quickstart.logs()).filter((line) => line.includes('cannot start'));
        assert.equal(lines.at(-1)?.trim(), `the webhook handler cannot start: ${sentence}`);
      });
    }
  });

  describe('while Secrets Manager is down', () => {
    for (const outage of [{ kind: 'error' }, { kind: 'hang' }, { kind: 'reset' }] as const) {
      test(`(${outage.kind}), a warm handler serves on and a cold one answers 503 in time`, async () => {
        await quickstart.goCold();
        assert.equal((await sender.send()).status, 200);
        inject({ ...getSecret, ...outage });
        assert.equal((await sender.send()).status, 200);
        const stranger = { signature: '0'.repeat(64) };
        assertAnswer(await sender.send(sender.body(), stranger), 503, { message: 'Service Unavailable' });
        assert.equal((await sender.send()).status, 200);
        assert.equal((await quickstart.takeFromBus(3)).length, 3);

        await quickstart.goCold();
        assertAnswer(await sender.send(), 503, { message: 'Service Unavailable' });
        await nothingOnTheBus();
        quickstart.aws.faults.clear();
        assert.equal((await sender.send()).status, 200, 'it recovers with the service');
        assert.equal((await quickstart.takeFromBus(1)).length, 1);
      });
    }
  });

  test('refuses nothing while its secret is rotated and requests flow', async () => {
    await quickstart.goCold();
    const [prompt, late]: [number[], number[]] = [[], []];
    let rotated = 0;
    const flow = async (statuses: number[], secretOf: () => string) => {
      while (rotated < 3) {
        const body = sender.body();
        const { status } = await sender.send(body, { signature: sign(secretOf(), body) });
        statuses.push(status);
      }
    };
    // Of each: the first of them may have been on its way before.
    const answered = async (more: number) => {
      const least = { prompt: prompt.length + more, late: late.length + more };
      const areThere = () => prompt.length >= least.prompt && late.length >= least.late;
      await until('more answers', () => Promise.resolve(areThere() || undefined));
    };
    // One sender follows each rotation at once, the other only shortly before the next one.
    let [current, previous] = [sender.secret, sender.secret];
    const flows = [flow(prompt, () => current), flow(late, () => previous)];
    for (const next of ['the second secret', 'the third secret', 'the fourth secret']) {
      previous = current;
      await answered(5);
      await quickstart.putSecret(next);
      current = next;
      await answered(10);
      rotated += 1;
    }
    await Promise.all(flows);
    await quickstart.putSecret(SECRET);
    const statuses = [...prompt, ...late];
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [],
    );
    assert.equal((await quickstart.takeFromBus(statuses.length, 20_000)).length, statuses.length);
  });

  test('reads its secret a bounded number of times however many strangers knock', async () => {
    await quickstart.goCold();
    quickstart.aws.faults.clear();
    const started = Date.now();
    for (let i = 0; i < 200; i += 1) {
      assert.equal((await sender.send(sender.body(), { signature: '0'.repeat(64) })).status, 403);
    }
    const seconds = (Date.now() - started) / 1000;
    const reads = quickstart.aws.faults.calls('secretsmanager').length;
    // Two versions a read; a burst of ten reads and one more every 5 s.
    assert.ok(reads <= 2 * (10 + 1 + seconds / 5), `${reads.toString()} reads in ${seconds.toFixed()} s`);
  });

  test('takes the messages of several webhooks, each with a secret of its own, and says whose they are', async () => {
    await quickstart.goCold();
    await quickstart.putSecretDocument(JSON.stringify({ chat: NAMED.chat, orders: NAMED.orders }));
    const topicOf = (webhook: string) => `of-${webhook}`;
    for (const [webhook, secret] of Object.entries(NAMED)) {
      const body = sender.body({ topic: topicOf(webhook), text: TEXT });
      const answer = await sender.send(body, { signature: sign(secret, body) });
      assert.equal(answer.status, webhook === 'stranger' ? 403 : 200, webhook);
    }
    assert.equal((await quickstart.takeFromBus(2)).length, 2);
    const lines = (await quickstart.logs()).filter((line) => line.startsWith('{'));
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const webhook of ['chat', 'orders']) {
      const [logged] = entries.filter(({ detail_type }) => detail_type === `chat#${topicOf(webhook)}`);
      assert.equal(logged?.webhook, webhook);
      const counted = entries.filter((entry) => entry.Webhook === webhook && entry.Accepted === 1);
      assert.equal(counted.length, 1);
      const { CloudWatchMetrics: metrics } = counted[0]?._aws as { CloudWatchMetrics: { Dimensions: string[][] }[] };
      assert.deepEqual(metrics[0]?.Dimensions, [['FunctionName'], ['FunctionName', 'Webhook']]);
    }
    await quickstart.putSecret(SECRET);
  });

  test('has logged JSON lines and metrics, and no secret, no signature and no text of a message that is elsewhere', async () => {
    await quickstart.goCold();
    const bodies = [
      sender.body({ text: TEXT }),
      sender.body({ text: TEXT, publish_timestamp: 0 }),
      sender.body({ text: TEXT, topic: 12 as never }),
    ];
    for (const body of bodies) await sender.send(body);
    // Parked, tried by the redrive handler without success, put on the bus, and one that ends in the dead-letter queue.
    inject({ ...putEvents, kind: 'failed-entry', code: 'MalformedDetail', times: 2 });
    await quickstart.resumeRedrive();
    await sender.send(sender.body({ text: TEXT }));
    await quickstart.takeDead(1);
    inject({ ...putEvents, kind: 'failed-entry', code: 'AccessDeniedException', times: 2 });
    await sender.send(sender.body({ text: TEXT }));
    await quickstart.untilRedriven();

    const lines = (await quickstart.logs()).filter((line) => !line.includes('cannot start'));
    const redriveLines = await quickstart.redriveLogs();
    for (const line of [...lines, ...redriveLines]) assert.equal(typeof JSON.parse(line), 'object', line);
    const all = [...lines, ...redriveLines].join('\n');
    const hidden = [TEXT, SECRET, ...Object.values(NAMED), ...bodies.map((body) => sign(SECRET, body))];
    for (const secret of hidden) assert.ok(!all.includes(secret));
    const metrics = ['Accepted', 'Rejected', 'Duplicate', 'Parked', 'Lost', 'Redriven', 'Postponed', 'DeadLettered'];
    for (const metric of metrics) assert.ok(all.includes(`"${metric}":1`), metric);
    assert.ok(all.includes('"PublishTime":'));
  });
});
