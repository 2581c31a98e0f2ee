import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
type Handler = (request: { readonly rawPath: string }) => Promise<Answer>;
interface ServerModule {
  readonly server: (environment: { readonly CONFIG: string; readonly CONNECT_TO: string }) => Handler;
}

/** Serves an example's page here, by the handler that serves it on AWS, and so with the same Content-Security-Policy. */
export class PageServer {
  /**
   * Starts it on a free port of 127.0.0.1.
   *
   * @param example the example's name
   * @param config what the page reads as `config.json`
   * @param connectTo the URLs that the page may connect to, besides its own
   */
  public static async start(example: string, config: object, connectTo: readonly string[]): Promise<PageServer> {
    const module = join(__dirname, '../../examples', example, 'page/server.mjs');
    const { server: handlerFor } = (await import(module)) as ServerModule;
    const handler = handlerFor({ CONFIG: JSON.stringify(config), CONNECT_TO: connectTo.join(' ') });
    const server = createServer((request, response) => void serve(handler, request, response));
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

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { statusCode, headers, body } = await handler({ rawPath: request.url ?? '/' });
  response.writeHead(statusCode, headers).end(body);
}
