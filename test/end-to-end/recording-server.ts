import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../local/until';

/** A request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, still encoded. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What to answer: a status, or a connection that breaks, or none within the 5 s that EventBridge waits. */
export type ServerAnswer = number | 'reset' | 'hang';

/** An HTTP server in Momento's place: it keeps what it is sent, and answers as it is told. */
export class RecordingServer {
  public static async start(): Promise<RecordingServer> {
    const server = new RecordingServer();
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  /** Every request since the last `forget()`, oldest first. */
  public requests: RecordedRequest[] = [];
  /** The answer to the request that is the last one in `requests`. */
  public answer: (request: RecordedRequest) => ServerAnswer = () => 204;

  private readonly http = createServer((request, response) => void this.serve(request, response));

  public get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port.toString()}`;
  }

  public forget(): void {
    this.requests = [];
    this.answer = () => 204;
  }

  /** Waits until there are `count` requests. */
  public async received(count: number): Promise<readonly RecordedRequest[]> {
    await until(`${count.toString()} requests`, () => Promise.resolve(this.requests.length >= count || undefined));
    return this.requests;
  }

  public stop(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    const { method = '', url = '', headers } = request;
    const recorded = { method, url, headers, body };
    this.requests.push(recorded);
    const answer = this.answer(recorded);
    if (answer === 'reset') request.socket.destroy();
    else if (answer !== 'hang') response.writeHead(answer).end();
  }
}
