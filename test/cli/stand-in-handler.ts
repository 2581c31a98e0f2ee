import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that arrived. */
export interface ArrivedRequest {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What to answer. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly body: string;
  /** Made when the request has arrived. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** Stands in for the handler behind its URL: keeps what arrives, and answers what it is told to. */
export class StandInHandler {
  public static async start(): Promise<StandInHandler> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StandInHandler(server);
  }

  /** What arrived, oldest first. */
  public readonly requests: ArrivedRequest[] = [];
  private answers: ScriptedAnswer[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        this.requests.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks) });
        const { status, body, headers } = this.answers.shift() ?? { status: 599, body: 'nothing scripted' };
        response.writeHead(status, { ...headers?.() }).end(body);
      });
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}/`;
  }

  /** Forgets the requests so far, and answers the next ones so, one after the other. */
  public script(...answers: ScriptedAnswer[]): void {
    this.requests.length = 0;
    this.answers = answers;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
