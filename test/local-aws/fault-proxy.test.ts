import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
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
