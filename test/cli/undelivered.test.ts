import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { LocalAws } from '../../tools';
import { linesOf, run, type Run, start } from './command-line';
import { parked, TEXT } from './parked';
import { StandInAws } from './stand-in-aws';

void describe('undelivered', () => {
  let aws: LocalAws;
  let queueUrl: string;
  let queues = 0;

  const createQueue = async (attributes: Record<string, string> = {}): Promise<string> => {
    queues += 1;
    const create = new CreateQueueCommand({ QueueName: `queue-${queues.toString()}`, Attributes: attributes });
    return (await aws.clients.sqs.send(create)).QueueUrl ?? '';
  };
  const put = async (body: unknown, attributes: Record<string, string> = {}): Promise<void> => {
    await aws.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
        ),
      }),
    );
  };
  const counts = async (): Promise<(string | undefined)[]> => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const get = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes = {} } = await aws.clients.sqs.send(get);
    return names.map((name) => Attributes[name]);
  };
  const list = async (...args: string[]): Promise<Run> => {
    const environment = { ...aws.environment, AWS_ENDPOINT_URL: aws.faults.endpoint };
    return run(['undelivered', '--queue-url', queueUrl, ...args], { environment });
  };

  before(async () => {
    aws = await LocalAws.start({ behindFaultProxy: true });
  });
  after(async () => {
    await aws.stop();
  });
  beforeEach(async () => {
    aws.faults.clear();
    queueUrl = await createQueue();
  });

  void it('shows what is parked, with the reason and without the text', async () => {
    await put(parked(12), { Reason: 'unavailable: ThrottlingException' });
    const { status, stdout, stderr } = await list();
    assert.deepEqual([status, stderr], [0, '']);
    const [line, summary, ...others] = linesOf(stdout);
    assert.match(
      line ?? '',
      /^chat#room-281, source Momento, cache chat, topic room-281, number 12, published 2023-05-04T17:01:39\.135Z, parked 20\d\d-[-\d]+T[:.\d]+Z, received 1 time, reason: unavailable: ThrottlingException$/,
    );
    assert.deepEqual([summary, others], ['1 message shown of about 1 available.', []]);
    assert.doesNotMatch(stdout, /Here I am/);
  });

  void it('shows what is dead, with the attempts and both times', async () => {
    const attributes = { Reason: 'refused: MalformedDetail', Attempts: '7', ParkedAt: '1683219700000' };
    await put(parked(13), attributes);
    const [line] = linesOf((await list()).stdout);
    assert.match(
      line ?? '',
      /, parked 2023-05-04T17:01:40\.000Z, dead since 20\d\d-[-\d]+T[:.\d]+Z, received 1 time, attempts: 7, reason: refused: MalformedDetail$/,
    );
  });

  void it('shows the text where it is asked to, as one line that the terminal does not obey', async () => {
    await put(parked(14, { detailType: 'a\u001b[2Jb\n#c' }));
    const { stdout } = await list('--show-text');
    assert.match(
      stdout,
      /^a\\u001b\[2Jb\\u000a#c, source Momento, cache chat, topic room-281, number 14, .*, reason: none given\n {2}text: Here I am, \\u001b\[31mred\\u202e!!\n/,
    );
  });

  void it('shows JSON lines, and nothing else on standard output', async () => {
    await put(parked(15), { Reason: 'no answer in time' });
    const { status, stdout, stderr } = await list('--json');
    assert.deepEqual([status, stderr], [0, '1 message shown of about 1 available.\n']);
    const { messageId, parkedAt, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    assert.match(String(messageId), /^[-\da-f]{36}$/);
    assert.match(String(parkedAt), /^20/);
    assert.deepEqual(rest, {
      detailType: 'chat#room-281',
      source: 'Momento',
      cache: 'chat',
      topic: 'room-281',
      topicSequenceNumber: 15,
      publishedAt: '2023-05-04T17:01:39.138Z',
      receiveCount: 1,
      reason: 'no answer in time',
    });
    const [line = ''] = linesOf((await list('--json', '--show-text')).stdout);
    assert.equal((JSON.parse(line) as Record<string, unknown>).text, TEXT);
    assert.doesNotMatch(line, /\u202e/);
  });

  void it('shows no character in JSON that a terminal obeys, and loses none', async () => {
    const detailType = 'a\u009b2Jb\u007f\u0085\u2028\u202e\u2066#c';
    await put(parked(16, { detailType }), { Reason: 'b\u009b\u200f' });
    const { stdout } = await list('--json');
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
    const listed = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([listed.detailType, listed.reason], [detailType, 'b\u009b\u200f']);
  });

  void it('shows numbers beyond 2^53 digit for digit', async () => {
    await put(parked(0, { detail: '{"topic_sequence_number":12345678901234567890}' }));
    assert.match((await list()).stdout, /, number 12345678901234567890, /);
    assert.match((await list('--json')).stdout, /"topicSequenceNumber":"12345678901234567890"/);
  });

  void it('shows which event bus a message belongs to', async () => {
    await put(parked(17), { EventBus: 'messages' });
    assert.match((await list()).stdout, /, event bus messages, /);
    assert.match((await list('--json')).stdout, /"eventBus":"messages"/);
  });

  const command = {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'cacheSet',
    source: 'orders',
    time: '2023-05-04T17:01:39Z',
    detail: { cacheName: 'chat', key: 'k', message: TEXT, ttl: 60 },
  };
  void it('shows a dead command, with what Momento answered and how often it was tried', async () => {
    await put(command, {
      ERROR_CODE: 'ERROR_FROM_TARGET',
      ERROR_MESSAGE: 'Momento answered 429',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
      RETRY_ATTEMPTS: '3',
    });
    const { stdout } = await list();
    assert.match(
      stdout,
      /^cacheSet, source orders, cache chat, key k, published 2023-05-04T17:01:39\.000Z, .*, attempts: 4, reason: ERROR_FROM_TARGET: Momento answered 429, until MaximumEventAgeInSeconds\n/,
    );
    assert.doesNotMatch(stdout, /Here I am/);
    assert.match((await list('--show-text')).stdout, /\n {2}text: Here I am/);
  });

  void it('tells commands apart by cache, topic and key, as one line that the terminal does not obey', async () => {
    await put({ ...command, detail: { ...command.detail, cacheName: 'a\u001b[2J', key: 'b\u202e' } });
    assert.match((await list()).stdout, /^cacheSet, source orders, cache a\\u001b\[2J, key b\\u202e, published /);
    queueUrl = await createQueue();
    await put({ ...command, 'detail-type': 'cacheDelete', detail: { cacheName: 'chat', key_base64: 'aGk=' } });
    assert.match((await list()).stdout, /^cacheDelete, source orders, cache chat, key in base64 aGk=, published /);
    assert.match((await list('--json')).stdout, /"cache":"chat","keyBase64":"aGk="/);
    queueUrl = await createQueue();
    await put({
      ...command,
      'detail-type': 'topicPublish',
      detail: { cacheName: 'chat', topicName: 'room', message: 1 },
    });
    assert.match((await list()).stdout, /^topicPublish, source orders, cache chat, topic room, published /);
  });

  const templated = {
    template: { command: 'cacheSet', cacheName: 'orders', key: 'order-{detail.key}', message: '{detail}', ttl: 60 },
    event: { ...command, 'detail-type': 'OrderPlaced', source: 'shop', detail: { key: 'private', text: TEXT } },
  };
  void it('shows an event that could not become a command, with the template, and nothing that the event holds', async () => {
    const ERROR_MESSAGE = 'no `key` can be made of the event: `{detail.id}` is not in the event';
    await put(templated, { ERROR_CODE: 'INVALID_COMMAND', ERROR_MESSAGE, RETRY_ATTEMPTS: '0' });
    const { stdout } = await list();
    assert.match(
      stdout,
      /^OrderPlaced, source shop, command cacheSet, cache orders, key order-\{detail\.key\}, published 2023-05-04T17:01:39\.000Z, .*, reason: INVALID_COMMAND: no `key` can be made of the event: `\{detail\.id\}` is not in the event\n/,
    );
    assert.match((await list('--json')).stdout, /"command":"cacheSet","cache":"orders","key":"order-\{detail\.key\}"/);
    assert.doesNotMatch((await list('--show-text')).stdout, /private|Here I am/);
  });

  const strangers: [unknown, string][] = [
    ['hello', 'it is not a JSON object'],
    [JSON.stringify(parked(1)).replace('{', '{"time":1,'), 'its member time is there more than once'],
    [[parked(1)], 'it is not a JSON object'],
    [{}, 'its member source is not a string'],
    [{ ...parked(1), detailType: 1 }, 'its member detailType is not a string'],
    [{ ...parked(1), detail: {} }, 'its member detail is not a string'],
    [{ ...parked(1), detail: '[]' }, 'its member detail is not the text of a JSON object'],
    [{ ...parked(1), time: '1' }, 'its member time is not a whole number of milliseconds'],
    [{ ...parked(1), time: -1 }, 'its member time is not a whole number of milliseconds'],
    [{ ...parked(1), traceHeader: 1 }, 'its member traceHeader is not a string'],
    [{ ...command, source: null }, 'its member source is not a string'],
    [{ ...command, 'detail-type': 1 }, 'its member detail-type is not a string'],
    [{ ...command, detail: '{}' }, 'its member detail is not a JSON object'],
    [{ ...command, resources: [1] }, 'its member resources is not an array of strings'],
    [{ ...command, time: 'noon' }, 'its member time is not a time'],
    [{ ...templated, event: 1 }, 'its member event is not an event, because it is not a JSON object'],
    [
      { ...templated, event: { ...command, detail: 1 } },
      'its member event is not an event, because its member detail is not a JSON object',
    ],
    [{ template: templated.template }, 'its member source is not a string'],
  ];
  void it('says why something is not an event', async () => {
    for (const [body] of strangers) await put(body);
    const problems = linesOf((await list('--json')).stdout).map(
      (line) => (JSON.parse(line) as { problem: string }).problem,
    );
    assert.deepEqual(problems.sort(), strangers.map(([, problem]) => problem).sort());
    assert.match((await list('--limit', '1')).stdout, /^message [-\da-f]{36}, not an event: it/);
  });

  void it('leaves every message where it was, for others to receive at once', async () => {
    for (let number = 0; number < 25; number += 1) await put(parked(number));
    const { stdout } = await list('--json');
    const numbers = linesOf(stdout).map(
      (line) => (JSON.parse(line) as { topicSequenceNumber: number }).topicSequenceNumber,
    );
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      [...Array(25).keys()],
    );
    assert.deepEqual(await counts(), ['25', '0']);
    assert.equal((await aws.receive(queueUrl, 25)).length, 25);
  });

  void it('shows no more than it is asked for', async () => {
    for (let number = 0; number < 12; number += 1) await put(parked(number));
    const { stdout } = await list('--limit', '11');
    assert.equal(linesOf(stdout).length, 12);
    assert.match(stdout, /\n11 messages shown of about 12 available\.\n$/);
    assert.deepEqual(await counts(), ['12', '0']);
  });

  void it('counts what another consumer has received', async () => {
    await put(parked(1));
    const other = await list('--limit', '1');
    assert.equal(other.status, 0);
    await put(parked(2));
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    await aws.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, VisibilityTimeout: 60 }));
    assert.match(
      (await list()).stdout,
      /1 message shown of about 1 available, and about 1 that another consumer is processing/,
    );
  });

  void it('makes messages visible again when it fails half-way', async () => {
    for (let number = 0; number < 10; number += 1) await put(parked(number));
    aws.faults.inject({ service: 'sqs', operation: 'ReceiveMessage', kind: 'late-answer', milliseconds: 1, times: 1 });
    aws.faults.inject({
      service: 'sqs',
      operation: 'ReceiveMessage',
      kind: 'error',
      status: 400,
      code: 'InternalError',
    });
    const { status, stdout, stderr } = await list();
    assert.equal(status, 1);
    assert.equal(linesOf(stdout).length, 10);
    assert.match(stderr, /^cdk-momento-eventbridge: SQS answered InternalError: /);
    assert.deepEqual(await counts(), ['10', '0']);
  });

  void it('makes messages visible again when it is stopped', async () => {
    const standIn = await StandInAws.start();
    try {
      const args = ['undelivered', '--queue-url', standIn.queueUrl, '--limit', '1000000'];
      const child = start(args, standIn.environment);
      standIn.answer = ({ operation }) => {
        if (operation !== 'ReceiveMessage') return undefined;
        // A process may hear of a signal some calls later. Until then, the queue must not come to its end.
        for (let number = 0; number < 10; number += 1) standIn.send(parked(number));
        if (standIn.count(operation) === 2) child.kill('SIGINT');
        return undefined;
      };
      child.stdout.resume();
      const [status] = (await once(child, 'exit')) as [number];
      assert.deepEqual([status, standIn.queue.filter(({ hidden }) => hidden)], [1, []]);
    } finally {
      standIn.stop();
    }
  });

  void it('shows them where it may not ask how many there are', async () => {
    await put(parked(1));
    aws.faults.inject({
      service: 'sqs',
      operation: 'GetQueueAttributes',
      kind: 'error',
      status: 400,
      code: 'AccessDenied',
    });
    const { status, stdout } = await list();
    assert.equal(status, 0);
    assert.match(stdout, /\n1 message shown\. SQS did not say how many there are\.\n$/);
  });

  void it('warns where a listing uses up a receive', async () => {
    const dead = await createQueue();
    const { Attributes } = await aws.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 3 });
    queueUrl = await createQueue({ RedrivePolicy });
    assert.equal((await list()).stderr, '');
    await put(parked(1));
    assert.match(
      (await list()).stderr,
      /^warning: This queue moves a message .* after 3 receives; this listing counted as one/,
    );
  });

  void it('says that there is nothing, no queue, or no permission', async () => {
    assert.equal((await list()).stdout, '0 messages shown of about 0 available.\n');
    aws.faults.inject({
      service: 'sqs',
      operation: 'ReceiveMessage',
      kind: 'error',
      status: 400,
      code: 'AccessDeniedException',
    });
    const denied = await list();
    assert.equal(denied.status, 1);
    assert.match(denied.stderr, /: SQS denied access: .*sqs:ReceiveMessage\.\)\n$/);
    aws.faults.clear();
    queueUrl += '-gone';
    const missing = await list();
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /: There is no queue http.*-gone that these AWS credentials can see\.\n$/);
  });
});
