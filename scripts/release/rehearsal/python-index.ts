import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { until } from '../../../tools/common/until';
import { detach } from '../../../tools/common/detach';
import { listening } from './listening';

/** A Python package index on this machine. */
export interface PythonIndex {
  /** Where twine uploads to; pip reads `simple/` in it. */
  readonly url: string;
  stop(): Promise<void>;
}

// Ends with its standard input, and so with the process that started it, whatever happens to that.
const SERVER = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from pypiserver.__main__ import main
main(sys.argv[1:])
`;

/**
 * Starts pypiserver, which has nothing but what is published to it, and never replaces a file.
 *
 * @param python where its requirements are installed
 * @param scratch a folder for what is published
 */
export async function startPythonIndex(python: string, scratch: string): Promise<PythonIndex> {
  const packages = join(scratch, 'python');
  mkdirSync(packages);
  const [host = '', port = ''] = (await freePort()).split(':');
  const nobodyAsks = ['--passwords', '.', '--authenticate', '.'];
  const options = ['--interface', host, '--port', port, '--disable-fallback', ...nobodyAsks];
  const child: ChildProcess = spawn(python, ['-c', SERVER, 'run', ...options, packages], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const url = `http://${host}:${port}/`;
  const answers = async () => {
    if (child.exitCode !== null) throw new Error(`pypiserver ended with status ${child.exitCode.toString()}`);
    return fetch(`${url}health`).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    );
  };
  await until('pypiserver to answer', answers, { timeoutMs: 60_000, everyMs: 100 });
  detach(child);
  return {
    url,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.ref();
      child.stdin?.end();
      await once(child, 'exit');
    },
  };
}

/** One that was free a moment ago: pypiserver does not say which one it takes by itself. */
async function freePort(): Promise<string> {
  const server = createServer();
  const host = await listening(server);
  server.close();
  await once(server, 'close');
  return host;
}
