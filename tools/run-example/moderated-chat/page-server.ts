import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const PAGE = join(__dirname, '../../../examples/moderated-chat/page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Serves the page, and the `config.json` that it reads. */
export class PageServer {
  /** Starts it on a free port of 127.0.0.1. */
  public static async start(config: object): Promise<PageServer> {
    const server = createServer((request, response) => void serve(request, response, config));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server);
  }

  private constructor(private readonly server: Server) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}/`;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function serve({ url = '' }: IncomingMessage, response: ServerResponse, config: object): Promise<void> {
  const name = url === '/' ? 'index.html' : url.slice(1);
  if (name === 'config.json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(config));
    return;
  }
  const type = TYPES[extname(name)];
  // A plain name cannot lead out of the directory.
  const content =
    type && /^[a-z]+\.[a-z]+$/.test(name) ? await readFile(join(PAGE, name)).catch(() => undefined) : undefined;
  if (content === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
}
