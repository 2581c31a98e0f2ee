import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, test } from 'node:test';
import { LocalMomento } from '../../tools/local-momento/local-momento';
import { until } from '../../tools/common/until';

describe('the local Momento', () => {
  let momento: LocalMomento;

  before(async () => {
    momento = await LocalMomento.start({ caches: ['chat'], apiKey: 'the key' });
  });

  beforeEach(async () => {
    await momento.clear();
  });

  after(async () => {
    await momento.stop();
  });

  const call = (method: string, target: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`${momento.endpoint}${target}`, { method, body, headers: { authorization: 'the key', ...headers } });
  const set = (key: string) => call('PUT', `/cache/chat?key=${key}&ttl_seconds=60`, 'value');

  test('shows each request as it was sent', async () => {
    await call('POST', '/topics/chat/a%2Fb?x=%C3%A9', 'hi', { 'content-type': 'text/plain' });
    await set('k');
    const [request, ...others] = await momento.requests();
    assert.equal(others.length, 1);
    assert.deepEqual([request?.method, request?.path, request?.query], ['POST', '/topics/chat/a%2Fb', 'x=%C3%A9']);
    assert.deepEqual([request?.body, request?.caller, request?.status], [Buffer.from('hi'), 'api-key-1', 204]);
    assert.equal(request?.headers.get('content-type'), 'text/plain');
    assert.deepEqual(await momento.requests(1), others);
    await momento.clearRequests();
    assert.deepEqual(await momento.requests(), []);
  });

  test('shows items, until they expire', async () => {
    await set('k');
    const [item] = await momento.items('chat');
    assert.deepEqual([item?.key, item?.value, item?.ttlSeconds], [Buffer.from('k'), Buffer.from('value'), 60]);
    await momento.advanceClock(60_000);
    assert.equal(await momento.item('chat', 'k'), undefined);
  });

  test('shows messages, text and binary, and who waits for the next', async () => {
    const poll = call('GET', '/topics/chat/room');
    await until('a subscriber', async () =>
      (await momento.waitingSubscribers('chat', 'room')) === 1 ? true : undefined,
    );
    await call('POST', '/topics/chat/room', 'hi', { 'content-type': 'text/plain' });
    assert.equal((await poll).status, 200);
    await momento.startTopicAnew('chat', 'room');
    await call('POST', '/topics/chat/room', 'hi', { 'content-type': 'application/octet-stream' });
    const messages = await momento.messages('chat', 'room');
    assert.deepEqual(
      messages.map(({ value, sequenceNumber }) => ({ value, sequenceNumber })),
      [
        { value: 'hi', sequenceNumber: 0 },
        { value: Buffer.from('hi'), sequenceNumber: 0 },
      ],
    );
    assert.equal((messages[1]?.sequencePage ?? 0) - (messages[0]?.sequencePage ?? 0), 1);
  });

  test('makes requests fail as often as told', async () => {
    await momento.inject({
      method: 'PUT',
      targetPrefix: '/cache/chat',
      times: 1,
      kind: 'answer',
      status: 429,
      retryAfter: '2',
    });
    await momento.inject({ method: 'PUT', times: 1, kind: 'lost-answer' });
    const refused = await set('k');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
    await assert.rejects(set('k'));
    assert.equal((await set('k')).status, 204);
    const requests = await momento.requests();
    assert.deepEqual(
      requests.map(({ fault, status }) => ({ fault, status })),
      [
        { fault: 'answer', status: 429 },
        { fault: 'lost-answer', status: undefined },
        { fault: undefined, status: 204 },
      ],
    );
    await momento.inject({ kind: 'answer', status: 500 });
    await momento.clearFaults();
    assert.equal((await set('k')).status, 204);
  });

  test('takes and revokes keys, and makes and deletes caches', async () => {
    const withKey = () => call('GET', '/cache/new%20one?key=k', undefined, { authorization: 'k/2' });
    assert.equal((await withKey()).status, 401);
    assert.equal(await momento.addApiKey('k/2'), 'api-key-2');
    assert.match(await (await withKey()).text(), /Cache Not Found/);
    await momento.createCache('new one');
    assert.match(await (await withKey()).text(), /Key Not Found/);
    await momento.deleteCache('new one');
    await momento.revokeApiKey('k/2');
    assert.equal((await withKey()).status, 401);
    await assert.rejects(momento.deleteCache('new one'), /404.*Cache Not Found/);
  });

  test('mints a token that may do what it names', async () => {
    const token = await momento.mintToken({
      permissions: [{ role: 'publishonly', cache: 'chat', topicPrefix: 'in-' }],
      expiresInSeconds: 300,
      tokenId: 'user-17',
    });
    const publish = (topic: string) =>
      call('POST', `/topics/chat/${topic}`, 'hi', { authorization: token, 'content-type': 'text/plain' });
    assert.equal((await publish('in-1')).status, 204);
    assert.equal((await publish('out')).status, 403);
    assert.equal((await momento.messages('chat', 'in-1'))[0]?.tokenId, 'user-17');
  });

  test('posts what is published to a webhook', async () => {
    const bodies: Buffer[] = [];
    const receiver = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        bodies.push(Buffer.concat(chunks as Buffer[]));
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port.toString()}/`;
    try {
      await momento.addWebhook({ cache: 'chat', topic: 'room', url, signingSecret: 's' });
      await call('POST', '/topics/chat/room', 'hi', { 'content-type': 'text/plain' });
      const deliveries = await until('the delivery', async () => {
        const noted = await momento.webhookDeliveries();
        return noted.length > 0 ? noted : undefined;
      });
      assert.deepEqual(deliveries, [
        { url, cache: 'chat', topic: 'room', sequenceNumber: 0, status: 200, error: undefined },
      ]);
      assert.equal((JSON.parse(bodies.join('')) as { text: string }).text, 'hi');
      await momento.removeWebhooks();
    } finally {
      receiver.close();
    }
  });

  test('loses messages and history when told, and says of which it does', async () => {
    const poll = async (number: number) => {
      const messages = await momento.messages('chat', 'room');
      const page = (messages[0]?.sequencePage ?? 0).toString();
      const answer = await call('GET', `/topics/chat/room?sequence_number=${number.toString()}&sequence_page=${page}`);
      const { items } = (await answer.json()) as { items: { discontinuity?: { new_topic_sequence: number } }[] };
      return items.map(({ discontinuity }) => discontinuity?.new_topic_sequence);
    };
    const publish = () => call('POST', '/topics/chat/room', 'hi', { 'content-type': 'text/plain' });
    await publish();
    await momento.loseMessages('chat', 'room', 2);
    await publish();
    assert.deepEqual(await poll(0), [undefined, 3, undefined]);
    await momento.limitHistory('chat', 'room', 1);
    assert.deepEqual(await poll(0), [3, undefined]);
    await momento.limitHistory('chat', 'room', undefined);
    await momento.loseHistory('chat', 'room');
    assert.deepEqual(await poll(0), [4]);
  });

  test('ends with the process that started it', async () => {
    const script = `
      const { LocalMomento } = require(${JSON.stringify(`${__dirname}/../../tools/local-momento/local-momento.ts`)});
      LocalMomento.start().then(({ endpoint }) => {
        console.log(endpoint);
        setInterval(() => {}, 1000);
      });`;
    const starter = spawn(process.execPath, ['--import', 'tsx', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [endpoint] = (await once(createInterface(starter.stdout), 'line')) as [string];
    assert.equal((await fetch(`${endpoint}/cache/c?key=k`)).status, 401);
    starter.kill('SIGKILL');
    await until('its end', () =>
      fetch(endpoint).then(
        () => undefined,
        () => true,
      ),
    );
  });
});
