import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { listening } from './listening';

/** An npm registry on this machine. */
export interface NpmRegistry {
  /** Its host and port. */
  readonly host: string;
  /** Of somebody who may publish. */
  readonly token: string;
  stop(): Promise<void>;
}

interface Verdaccio {
  readonly runServer: (config: object) => Promise<Server>;
}

/**
 * Starts verdaccio in this process. It has our package only if it was published to it, and all others from the registry of this machine.
 *
 * @param name of our package
 * @param scratch a folder for what is published
 */
export async function startNpmRegistry(name: string, scratch: string): Promise<NpmRegistry> {
  // It has a lock of its own, and no types.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runServer } = require(join(__dirname, 'node_modules/verdaccio')) as Verdaccio;
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { cwd: __dirname, encoding: 'utf8' }).trim();
  const server = await runServer({
    self_path: scratch,
    storage: join(scratch, 'npm'),
    auth: { htpasswd: { file: join(scratch, 'npm-users') } },
    uplinks: { upstream: { url: upstream, timeout: '60s' } },
    packages: {
      [name]: { access: '$all', publish: '$authenticated' },
      '**': { access: '$all', proxy: 'upstream' },
    },
    max_body_size: '200mb',
    log: { type: 'file', path: join(scratch, 'verdaccio.log'), level: 'warn' },
    web: { enable: false },
  });
  const host = await listening(server);
  const user = { name: 'rehearsal', password: 'rehearsal' };
  const answer = await fetch(`http://${host}/-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`verdaccio answers ${answer.status.toString()} to a new user`);
  return {
    host,
    token,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
