import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, test } from 'node:test';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { deployWithCdkCli, type Fault, LocalAws, type StackOutputs } from '../../tools/index';
import type { Order, QueueRecord } from './stand-in/bootstrap';
import { synthesizeStandIn } from './stand-in/stack';
import { until } from '../../tools/common/until';

interface Answer {
  readonly status: number;
  readonly content: Record<string, unknown>;
}

async function order(url: string, what: Order): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(what),
  });
  return { status: response.status, content: (await response.json()) as Record<string, unknown> };
}

function groupIsGone(id: number): boolean {
  try {
    return !process.kill(-id, 0);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
    return true;
  }
}

describe('a local AWS with IAM and a fault proxy', () => {
  let aws: LocalAws;
  let outputs: StackOutputs;
  let worker: string;
  before(async () => {
    aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    outputs = await aws.deploy(synthesizeStandIn());
    worker = aws.functionUrl(outputs.get('WorkerUrl'));
  });
  after(() => aws.stop());
  beforeEach(() => {
    aws.faults.clear();
  });

  const putEvent: Order = { do: 'put-event', detail: '{"carry":true}' };

  test('a rule carries an event to its queue, with the time that its sender gave', async () => {
    const detail = '{ "carry":true,"name":"\\u00fc" }';
    const { content } = await order(worker, { do: 'put-event', detail, time: '2020-01-02T03:04:05Z' });
    assert.equal(content.FailedEntryCount, 0);
    const [call] = aws.faults.calls('events', 'PutEvents');
    assert.equal((call?.input as { Entries: [{ Detail: string }] }).Entries[0].Detail, detail);
    const [message] = await aws.receive(outputs.get('DeliveriesUrl'));
    const event = JSON.parse(message?.Body ?? '') as Record<string, unknown>;
    assert.deepEqual(
      [event.source, event['detail-type'], event.detail, event.time],
      ['stand-in', 'order', { carry: true, name: 'ü' }, '2020-01-02T03:04:05Z'],
    );
  });

  test('a rule does not carry what its pattern does not match', async () => {
    await order(worker, { do: 'put-event', detail: '{"carry":false}' });
    assert.deepEqual(await aws.receive(outputs.get('DeliveriesUrl'), 1, 100), []);
  });

  describe('a call', () => {
    const faults: Record<string, { fault: Fault; seen: RegExp; delivered: number }> = {
      'is throttled': { fault: { kind: 'throttle' }, seen: /ThrottlingException/, delivered: 0 },
      'is answered with a 500': { fault: { kind: 'error' }, seen: /InternalFailure/, delivered: 0 },
      'is answered with another error': {
        fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
        seen: /ServiceUnavailable/,
        delivered: 0,
      },
      hangs: { fault: { kind: 'hang' }, seen: /exceeded the configured 1000 ms/, delivered: 0 },
      'is reset': { fault: { kind: 'reset' }, seen: /ECONNRESET|socket hang up/, delivered: 0 },
      'loses its answer': { fault: { kind: 'lost-answer' }, seen: /ECONNRESET|socket hang up/, delivered: 1 },
      'gets its function killed': { fault: { kind: 'kill-before' }, seen: /Runtime.ExitError/, delivered: 0 },
      'is carried out and gets its function killed': {
        fault: { kind: 'kill-after' },
        seen: /Runtime.ExitError/,
        delivered: 1,
      },
      'is answered late': {
        fault: { kind: 'late-answer', milliseconds: 200 },
        seen: /"FailedEntryCount":0/,
        delivered: 1,
      },
      'is answered with what is not from the service': {
        fault: { kind: 'stray-answer', body: '{"FailedEntryCount":0}' },
        seen: /"FailedEntryCount":0/,
        delivered: 0,
      },
      'is answered without an end': {
        fault: { kind: 'endless-answer' },
        seen: /Sandbox.Timedout/,
        delivered: 0,
      },
      'is answered byte by byte': {
        fault: { kind: 'slow-answer', milliseconds: 200 },
        seen: /"FailedEntryCount":0/,
        delivered: 1,
      },
      'reports a failed entry inside a 200': {
        fault: { kind: 'failed-entry', code: 'InternalFailure' },
        seen: /"FailedEntryCount":1.*"ErrorCode":"InternalFailure"/,
        delivered: 0,
      },
    };
    for (const [name, { fault, seen, delivered }] of Object.entries(faults)) {
      test(`${name}, the next one is well again`, async () => {
        aws.faults.inject({ service: 'events', operation: 'PutEvents', times: 1, ...fault });
        assert.match(JSON.stringify(await order(worker, putEvent)), seen);
        assert.equal((await order(worker, putEvent)).content.FailedEntryCount, 0);
        assert.equal((await aws.receive(outputs.get('DeliveriesUrl'), delivered + 1)).length, delivered + 1);
        assert.deepEqual(
          aws.faults.calls('events', 'PutEvents').map((call) => call.fault),
          [fault.kind, undefined],
        );
      });
    }

    test('meets only the fault that is for what it has in it', async () => {
      aws.faults.inject({ service: 'sqs', kind: 'throttle', containing: 'odd' });
      const send = async (body: string) => (await order(worker, { do: 'send', body })).status;
      assert.deepEqual([await send('odd'), await send('even')], [500, 200]);
      assert.equal((await aws.receive(outputs.get('FallbackUrl'), 2, 100)).length, 1);
    });

    test('on a connection from before a freeze is never answered, and one on a new connection is', async () => {
      assert.equal((await order(worker, putEvent)).status, 200);
      const started = Date.now();
      const frozen = aws.faults.freezeCallers(500);
      const answer = await order(worker, putEvent);
      assert.ok((await frozen) >= 1);
      assert.ok(Date.now() - started >= 1500, 'frozen for 500 ms, and then it waited for 1 s');
      assert.match(JSON.stringify(answer), /exceeded the configured 1000 ms/);
      assert.equal((await order(worker, putEvent)).content.FailedEntryCount, 0);
      assert.equal((await aws.receive(outputs.get('DeliveriesUrl'), 3, 200)).length, 2);
      // Its connections to other services are half-open still.
      await order(worker, { do: 'die' });
    });

    test('can meet a fault that depends on what it asks for', async () => {
      aws.faults.chooseBy(({ input }) => (JSON.stringify(input).includes('odd') ? { kind: 'throttle' } : undefined));
      const statuses: number[] = [];
      for (const body of ['odd', 'even']) statuses.push((await order(worker, { do: 'send', body })).status);
      aws.faults.heal();
      statuses.push((await order(worker, { do: 'send', body: 'odd' })).status);
      assert.deepEqual(statuses, [500, 200, 200]);
      assert.equal(aws.faults.calls('sqs').length, 3);
      assert.equal((await aws.receive(outputs.get('FallbackUrl'), 2)).length, 2);
    });

    test('of another service is not hit', async () => {
      aws.faults.inject({ service: 'events', kind: 'throttle' });
      assert.equal((await order(worker, { do: 'send', body: 'hello' })).status, 200);
      assert.equal((await aws.receive(outputs.get('FallbackUrl')))[0]?.Body, 'hello');
    });
  });

  test('an event that AWS would refuse is refused', async () => {
    assert.match(JSON.stringify(await order(worker, { do: 'put-event', detail: '[]' })), /MalformedDetail/);
    const huge = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
    assert.match(JSON.stringify(await order(worker, { do: 'put-event', detail: huge })), /over the limit/);
  });

  test('a secret is empty at first, and keeps its previous value when it changes', async () => {
    const read = async (stage: string) => (await order(worker, { do: 'get-secret', stage })).content;
    const put = (value: string) =>
      aws.clients.secrets.send(new PutSecretValueCommand({ SecretId: outputs.get('SecretArn'), SecretString: value }));
    assert.equal((await read('AWSCURRENT')).name, 'ResourceNotFoundException');
    await put('first');
    assert.equal((await read('AWSCURRENT')).SecretString, 'first');
    assert.equal((await read('AWSPREVIOUS')).name, 'ResourceNotFoundException');
    await put('second');
    assert.equal((await read('AWSCURRENT')).SecretString, 'second');
    assert.equal((await read('AWSPREVIOUS')).SecretString, 'first');
  });

  test('a function sees what AWS gives it, and nothing of who runs the test', async () => {
    const { content } = await order(worker, { do: 'environment' });
    assert.equal(content.BUS_NAME, 'stand-in');
    assert.equal(content.AWS_ENDPOINT_URL, aws.faults.endpoint);
    assert.match(String(content.AWS_ACCESS_KEY_ID), /^ASIA/);
    assert.deepEqual(
      Object.keys(content).filter((name) => ['HOME', 'TMPDIR', 'AUTH', 'LOG_LEVEL'].includes(name)),
      [],
    );
  });

  test('every line that a function prints is in its log once it has answered', async () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => `line ${i.toString().padEnd(40, '.')}`);
    await order(worker, { do: 'print', lines });
    const log = await aws.logs(outputs.get('WorkerName'));
    assert.deepEqual(
      log.filter((line) => line.startsWith('line ')),
      lines,
    );
  });

  test('a function that does not start says why in its log', async () => {
    const response = await fetch(aws.functionUrl(outputs.get('BrokenUrl')), { method: 'POST' });
    assert.equal(response.status, 502);
    const sentence = 'EVENT_BUS_NAME is missing';
    assert.deepEqual(await aws.logs(outputs.get('BrokenName')), [sentence, sentence], 'it is started twice');
  });

  test('an error, a timeout and a death of a function are each a 502, and the next request is served', async () => {
    const before = await order(worker, { do: 'wait', milliseconds: 0 });
    assert.deepEqual(await order(worker, { do: 'fail' }), {
      status: 502,
      content: { errorType: 'TypeError', errorMessage: 'told to fail' },
    });
    assert.deepEqual(await order(worker, { do: 'wait', milliseconds: 0 }), before, 'an error ends no process');
    const timeout = await order(worker, { do: 'wait', milliseconds: 60_000 });
    assert.deepEqual([timeout.status, timeout.content.errorType], [502, 'Sandbox.Timedout']);
    const death = await order(worker, { do: 'die' });
    assert.deepEqual([death.status, death.content.errorType], [502, 'Runtime.ExitError']);
    assert.equal((await order(worker, { do: 'wait', milliseconds: 0 })).status, 200);
  });

  test('requests at the same time have a process each, later ones use these processes again', async () => {
    const wave = async () =>
      new Set(
        await Promise.all(
          Array.from({ length: 4 }, async () => (await order(worker, { do: 'wait', milliseconds: 500 })).content),
        ),
      );
    const first = await wave();
    assert.equal(first.size, 4);
    assert.deepEqual(await wave(), first);
  });

  test('reserved concurrency throttles what exceeds it', async () => {
    const reserved = aws.functionUrl(outputs.get('ReservedUrl'));
    const answers = await Promise.all([1, 2, 3].map(() => order(reserved, { do: 'wait', milliseconds: 500 })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 429, 429]);
  });

  describe('a queue that feeds a function', () => {
    const received = async () => {
      const lines = (await aws.logs(outputs.get('ConsumerName'))).filter((line) => line.startsWith('{'));
      return lines.map((line) => JSON.parse(line) as QueueRecord);
    };
    const receivedOf = async (body: string) => (await received()).filter((record) => record.body === body);

    test('gets back what the function refuses, when the function wants it, and in the end gives it up', async () => {
      const { sqs } = aws.clients;
      const started = Date.now();
      const bodies = ['first', 'refuse', 'second'];
      const entries = bodies.map((body, index) => ({ Id: index.toString(), MessageBody: body }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: outputs.get('OrdersUrl'), Entries: entries }));
      const sentBy = Date.now();
      const twice = await until('the message to come again', async () => {
        const records = await receivedOf('refuse');
        return records.length === 2 ? records : undefined;
      });
      assert.ok(Date.now() - started >= 1000);
      const counts = twice.map(({ attributes }) => attributes.ApproximateReceiveCount);
      assert.deepEqual(counts, ['1', '2']);
      const sent = new Set(twice.map(({ attributes }) => attributes.SentTimestamp));
      assert.equal(sent.size, 1);
      const sentAt = Number([...sent][0]);
      assert.ok(started <= sentAt && sentAt <= sentBy, sentAt.toString());
      const [dead] = await aws.receive(outputs.get('DeadOrdersUrl'));
      assert.equal(dead?.Body, 'refuse');
      for (const body of ['first', 'second']) assert.equal((await receivedOf(body)).length, 1);
    });

    test('loses nothing that is sent while the function takes from it', async () => {
      const { sqs } = aws.clients;
      const bodies = Array.from({ length: 600 }, (_, number) => `order ${number.toString()}`);
      const left = [...bodies];
      const send = async () => {
        for (let body = left.shift(); body !== undefined; body = left.shift()) {
          await sqs.send(new SendMessageCommand({ QueueUrl: outputs.get('OrdersUrl'), MessageBody: body }));
        }
      };
      await Promise.all([send(), send(), send(), send()]);
      const seen = await until('every message to arrive', async () => {
        const records = (await received()).map(({ body }) => body).filter((body) => body.startsWith('order '));
        return records.length >= bodies.length ? records : undefined;
      });
      assert.deepEqual(new Set(seen), new Set(bodies));
    });
  });

  describe('over HTTP', () => {
    interface UrlEvent {
      readonly body?: string;
      readonly isBase64Encoded: boolean;
      readonly headers: Record<string, string>;
      readonly rawPath: string;
      readonly rawQueryString: string;
      readonly requestContext: { readonly http: { readonly method: string } };
    }
    const echo = async (contentType: string, body: Uint8Array | string): Promise<UrlEvent> => {
      const response = await fetch(worker, { method: 'POST', headers: { 'content-type': contentType }, body });
      return (await response.json()) as UrlEvent;
    };

    test('text arrives as text, anything else in base64', async () => {
      for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/xml']) {
        assert.deepEqual([(await echo(type, 'ü')).body, (await echo(type, 'ü')).isBase64Encoded], ['ü', false], type);
      }
      for (const type of [
        'application/octet-stream',
        'application/x-www-form-urlencoded',
        'application/cloudevents+json',
      ]) {
        assert.deepEqual([(await echo(type, 'ü')).body, (await echo(type, 'ü')).isBase64Encoded], ['w7w=', true], type);
      }
    });

    test('text that is not UTF-8 arrives mended, so its bytes are lost', async () => {
      assert.equal((await echo('application/json', Uint8Array.of(0x7b, 0xff))).body, '{\ufffd');
      const binary = await echo('application/octet-stream', Uint8Array.of(0x7b, 0xff));
      assert.deepEqual(Buffer.from(binary.body ?? '', 'base64'), Buffer.of(0x7b, 0xff));
    });

    test('GET arrives without a body, and path and query as they are', async () => {
      const response = await fetch(`${worker}a/b?c=d&e=%20`);
      const event = (await response.json()) as UrlEvent;
      assert.deepEqual(
        [event.requestContext.http.method, event.body, event.rawPath, event.rawQueryString],
        ['GET', undefined, '/a/b', 'c=d&e=%20'],
      );
    });

    test('a header given twice arrives as one, joined by a comma', async () => {
      const outgoing = request(worker, { method: 'POST' });
      outgoing.setHeader('momento-signature', ['one', 'two']);
      outgoing.end();
      const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
      const event = JSON.parse(Buffer.concat((await response.toArray()) as Buffer[]).toString()) as UrlEvent;
      assert.equal(event.headers['momento-signature'], 'one, two');
    });

    test('what exceeds 6 MB is refused before the function sees it', async () => {
      const post = (size: number) =>
        fetch(worker, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(size) });
      assert.equal((await post(6 * 1024 * 1024)).status, 413);
      assert.equal((await post(5 * 1024 * 1024)).status, 200);
    });
  });

  describe('after an update', () => {
    const update = async (options: Parameters<typeof synthesizeStandIn>[0]) => {
      const updated = await aws.deploy(synthesizeStandIn(options));
      assert.equal(updated.get('WorkerUrl'), outputs.get('WorkerUrl'));
    };

    test('that takes a permission away, the call is denied', async () => {
      await update({ mayPutEvents: false });
      assert.equal((await order(worker, putEvent)).content.name, 'AccessDeniedException');
    });

    test('that permits another bus only, the call is denied', async () => {
      await update({ mayPutEvents: 'on another bus' });
      assert.equal((await order(worker, putEvent)).content.name, 'AccessDeniedException');
    });

    test('that closes the queue to the rule, the event is in the dead-letter queue', async () => {
      await update({ mayDeliver: false });
      assert.equal((await order(worker, putEvent)).content.FailedEntryCount, 0);
      const [letter] = await aws.receive(outputs.get('DeadLettersUrl'));
      assert.deepEqual((JSON.parse(letter?.Body ?? '') as Record<string, unknown>).detail, { carry: true });
      assert.equal(letter?.MessageAttributes?.ERROR_CODE?.StringValue, 'NO_PERMISSIONS');
      assert.deepEqual(await aws.receive(outputs.get('DeliveriesUrl'), 1, 100), []);
    });

    test('that is impossible, the failing resource is named with its reason', async () => {
      await assert.rejects(
        update({ impossible: true }),
        /UPDATE_ROLLBACK_COMPLETE:\n +Rule\w+ \(AWS::Events::Rule\): .*not in correct format/,
      );
    });
  });
});

describe('the CDK CLI', () => {
  test('bootstraps and deploys, with the roles of its bootstrap stack and IAM enforced', async () => {
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const progress: string[] = [];
      const outputs = await deployWithCdkCli(aws, {
        directory: __dirname,
        app: synthesizeStandIn(),
        onProgress: (line) => progress.push(line),
      });
      assert.equal(
        (await order(aws.functionUrl(outputs.get('WorkerUrl')), { do: 'wait', milliseconds: 0 })).status,
        200,
      );
      assert.match(progress.join('\n'), /CREATE_COMPLETE .* AWS::Lambda::Function/);
    } finally {
      await aws.stop();
    }
  });
});

describe('nothing is left', () => {
  test('after stop(), of functions neither', async () => {
    const aws = await LocalAws.start();
    const outputs = await aws.deploy(synthesizeStandIn());
    const { content: pid } = await order(aws.functionUrl(outputs.get('WorkerUrl')), { do: 'wait', milliseconds: 0 });
    await aws.stop();
    await until('the processes to be gone', () => Promise.resolve(groupIsGone(aws.processGroupId) || undefined));
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
    await aws.stop();
  });

  test('when the process that started it is killed', async () => {
    const script = `
      require('../../tools/index.ts').LocalAws.start().then((aws) => {
        console.log(aws.processGroupId);
        setInterval(() => undefined, 1000);
      });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', script], {
      cwd: __dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [groupId] = (await once(createInterface(child.stdout), 'line')) as [string];
    assert.equal(groupIsGone(Number(groupId)), false);
    child.kill('SIGKILL');
    await until('the processes to be gone', () => Promise.resolve(groupIsGone(Number(groupId)) || undefined));
  });
});
