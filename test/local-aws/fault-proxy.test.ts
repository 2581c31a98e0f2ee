import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../tools/common/until';
import { FaultProxy } from '../../tools/local-aws/fault-proxy';

test('a request that calls no operation, such as one that only opens a connection, meets no fault and counts as no call', async () => {
  const upstream = createServer((_, response) => response.end('not found')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const proxy = await FaultProxy.start();
  try {
    proxy.forwardTo(`http://127.0.0.1:${(upstream.address() as AddressInfo).port.toString()}`);
    proxy.chooseBy(() => ({ kind: 'error' }));
    const answer = await fetch(`${proxy.endpoint}/`);
    assert.deepEqual([answer.status, await answer.text(), proxy.calls()], [200, 'not found', []]);
  } finally {
    proxy.stop();
    upstream.close();
    upstream.closeAllConnections();
  }
});

test('a call has the status of the answer of its service, and none if its service did not see it', async () => {
  const upstream = createServer((_, response) => response.writeHead(400).end('{}')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const proxy = await FaultProxy.start();
  try {
    proxy.forwardTo(`http://127.0.0.1:${(upstream.address() as AddressInfo).port.toString()}`);
    proxy.inject({ service: 'sqs', kind: 'failed-entry', code: 'Broken', times: 1 });
    proxy.inject({ service: 'sqs', kind: 'lost-answer', times: 1 });
    const body = '{"Entries":[]}';
    for (const operation of ['First', 'Second', 'Third']) {
      const headers = { 'x-amz-target': `AmazonSQS.${operation}` };
      await fetch(proxy.endpoint, { method: 'POST', headers, body }).catch(() => undefined);
    }
    assert.deepEqual(
      proxy.calls().map(({ status }) => status),
      [undefined, 400, 400],
    );
  } finally {
    proxy.stop();
    upstream.close();
    upstream.closeAllConnections();
  }
});

test('a call is unheard if its caller hangs up instead of reading the answer, as one does that was starved until its time was over', async () => {
  const upstream = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const proxy = await FaultProxy.start();
  const callers: Socket[] = [];
  try {
    proxy.forwardTo(`http://127.0.0.1:${(upstream.address() as AddressInfo).port.toString()}`);
    const caller = async () => {
      const socket = connect(Number(new URL(proxy.endpoint).port), '127.0.0.1').on('error', () => undefined);
      callers.push(socket);
      await once(socket, 'connect');
      return socket;
    };
    const call = (socket: Socket, operation: string) =>
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: AmazonSQS.${operation}\r\nContent-Length: 2\r\n\r\n{}`);
    const unheard = (operation: string) => proxy.calls('sqs', operation)[0]?.unheard;

    const patient = await caller();
    for (const operation of ['First', 'Second']) {
      call(patient, operation);
      await once(patient, 'data');
    }
    const impatient = await caller();
    call(impatient, 'Third');
    // The answer is there whole.
    await once(impatient, 'readable');
    assert.equal(unheard('Third'), false);
    impatient.destroy();
    await until('the hang-up', () => Promise.resolve(unheard('Third') === true || undefined));
    assert.deepEqual(['First', 'Second', 'Third'].map(unheard), [false, false, true]);
  } finally {
    for (const socket of callers) socket.destroy();
    proxy.stop();
    upstream.close();
    upstream.closeAllConnections();
  }
});
