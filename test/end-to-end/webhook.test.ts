import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Fault, FaultyCalls } from '../local';
import { until } from '../local/until';
import { mulberry32 } from './mulberry32';
import { Quickstart } from './quickstart';
import { type Answer, type Departure, sign, type WebhookSender } from './webhook-sender';

const SECRET = 'cV7uFq2mXn4R';
/** Momento gives up after 5 s; the handler promises this. */
const LIMIT_MS = 4500;

describe('the deployed webhook', () => {
  let quickstart: Quickstart;
  let sender: WebhookSender;

  before(async () => {
    quickstart = await Quickstart.deploy();
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
      const departures: Record<string, Departure> = {
        'no signature': { signature: null },
        'an empty one': { signature: '' },
        'a wrong one': { signature: wrong },
        'one in capitals': { signature: right.toUpperCase() },
        'several that differ': { signature: `${right}, ${wrong}` },
      };
      for (const [name, departure] of Object.entries(departures)) {
        const answer = await sender.send(body, departure);
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

    test('400 to a genuine body that is no message, naming what is wrong', async () => {
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

  describe('while the event bus', () => {
    const outages: Record<string, Fault> = {
      throttles: { kind: 'throttle' },
      fails: { kind: 'error' },
      hangs: { kind: 'hang' },
      'resets connections': { kind: 'reset' },
      'reports a failed entry inside a 200': { kind: 'failed-entry', code: 'InternalFailure' },
      'refuses the event for good': { kind: 'failed-entry', code: 'MalformedDetail' },
    };
    for (const [name, outage] of Object.entries(outages)) {
      test(`${name}, answers 202 and parks the message`, async () => {
        inject({ ...putEvents, ...outage });
        const body = sender.body();
        assertAnswer(await sender.send(body), 202, { message: 'Accepted' });
        const parked = await quickstart.takeParked(2, 300);
        assert.equal(parked.length, 1);
        assert.equal(parked[0]?.detail, body);
        assert.equal(parked[0].detailType, 'chat#room-281');
        assert.match(String(parked[0].reason), /^(unavailable: \w+|refused: \w+|no answer in time)$/);
        await nothingOnTheBus();
      });

      test(`${name} once, answers as if nothing had been, or parks what would be refused again`, async () => {
        inject({ ...putEvents, times: 1, ...outage });
        const { status } = await sender.send();
        const isFinal = name === 'refuses the event for good';
        assert.equal(status, isFinal ? 202 : 200);
        assert.equal((await (isFinal ? quickstart.takeParked(1) : quickstart.takeFromBus(1))).length, 1);
      });

      test(`${name} and the queue is down, answers 503 in time and logs the event whole`, async () => {
        inject({ ...putEvents, ...outage }, { ...sendMessage, kind: 'hang' });
        const body = sender.body();
        assertAnswer(await sender.send(body), 503, { message: 'Service Unavailable' });
        const lines = (await quickstart.logs()).map((line) => JSON.parse(line) as Record<string, unknown>);
        const lost = lines.filter(({ level, event }) => level === 'ERROR' && typeof event === 'string');
        const details = lost.map(({ event }) => (JSON.parse(String(event)) as { detail: string }).detail);
        assert.equal(details.filter((detail) => detail === body).length, 1);
        await nothingOnTheBus();

        quickstart.aws.faults.clear();
        assert.equal((await sender.send(body)).status, 200, 'the sender may try again');
        assert.equal((await quickstart.takeFromBus(1)).length, 1);
      });
    }

    test('loses its answer, the message may be on the bus twice but is not lost', async () => {
      inject({ ...putEvents, times: 1, kind: 'lost-answer' });
      assert.equal((await sender.send()).status, 200);
      assert.equal((await quickstart.takeFromBus(3, 500)).length, 2);
    });
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
        assertAnswer(await sender.send(sender.body(), { signature: '0'.repeat(64) }), 403, { message: 'Unauthorized' });
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
    const statuses: number[] = [];
    let rotated = 0;
    const flow = async (secretOf: () => string) => {
      while (rotated < 3) {
        const body = sender.body();
        const { status } = await sender.send(body, { signature: sign(secretOf(), body) });
        statuses.push(status);
      }
    };
    const answered = async (more: number) => {
      const before = statuses.length;
      await until('more answers', () => Promise.resolve(statuses.length >= before + more || undefined));
    };
    // One sender follows each rotation at once, the other only shortly before the next one.
    let [current, previous] = [sender.secret, sender.secret];
    const flows = [flow(() => current), flow(() => previous)];
    for (const next of ['second', 'third', 'fourth']) {
      previous = current;
      await answered(10);
      await quickstart.putSecret(next);
      current = next;
      await answered(20);
      rotated += 1;
    }
    await Promise.all(flows);
    await quickstart.putSecret(SECRET);
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
    // Two versions a read; ten reads at will and one more each 5 s.
    assert.ok(reads <= 2 * (10 + 1 + seconds / 5), `${reads.toString()} reads in ${seconds.toFixed()} s`);
  });

  test('takes every message that arrives among random faults to the bus or the queue, or says that it did not', async () => {
    await quickstart.goCold();
    const random = mulberry32(20_250_402);
    const kinds: Fault[] = [
      { kind: 'throttle' },
      { kind: 'error', status: 500 },
      { kind: 'reset' },
      { kind: 'lost-answer' },
      { kind: 'failed-entry', code: 'ThrottlingException' },
    ];
    const accepted: string[] = [];
    const refused: string[] = [];
    for (let i = 0; i < 120; i += 1) {
      quickstart.aws.faults.clear();
      const fault = kinds[Math.floor(random() * kinds.length)] ?? { kind: 'throttle' };
      if (random() < 0.5) inject({ ...putEvents, times: Math.ceil(random() * 8), ...fault });
      if (random() < 0.5) inject({ ...sendMessage, times: Math.ceil(random() * 8), kind: 'error' });
      const body = sender.body();
      const { status, milliseconds } = await sender.send(body);
      assert.ok(milliseconds < LIMIT_MS);
      (status < 300 ? accepted : refused).push(body);
      assert.ok([200, 202, 503].includes(status), status.toString());
    }
    quickstart.aws.faults.clear();
    const seen = new Set<unknown>();
    for (const { detail } of await quickstart.takeFromBus(1000, 3000)) seen.add(JSON.stringify(detail));
    const onTheBus = seen.size;
    for (const { detail } of await quickstart.takeParked(1000, 1000)) seen.add(detail);
    console.log(
      `120 messages: ${accepted.length.toString()} accepted, ${refused.length.toString()} refused; ` +
        `${onTheBus.toString()} on the bus, ${(seen.size - onTheBus).toString()} parked`,
    );
    assert.deepEqual(
      accepted.filter((body) => !seen.has(body)),
      [],
    );
    assert.ok(onTheBus > 0 && seen.size > onTheBus && refused.length > 0, 'the faults did something');
  });

  test('has logged JSON lines and metrics, and no secret, no signature and no text of a message that is elsewhere', async () => {
    const text = 'the text that must not be logged';
    const bodies = [
      sender.body({ text }),
      sender.body({ text, publish_timestamp: 0 }),
      sender.body({ text, topic: 12 as never }),
    ];
    for (const body of bodies) await sender.send(body);
    inject({ ...putEvents, kind: 'throttle' });
    await sender.send(sender.body({ text }));
    const lines = (await quickstart.logs()).filter((line) => !line.includes('cannot start'));
    for (const line of lines) assert.equal(typeof JSON.parse(line), 'object', line);
    const all = lines.join('\n');
    for (const secret of [SECRET, text, ...bodies.map((body) => sign(SECRET, body))]) {
      assert.ok(!all.includes(secret));
    }
    for (const metric of [
      '"Accepted":1',
      '"Rejected":1',
      '"Duplicate":1',
      '"Parked":1',
      '"Lost":1',
      '"PublishTime":',
    ]) {
      assert.ok(all.includes(metric), metric);
    }
  });
});
