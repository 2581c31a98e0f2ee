import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call that a handler has made. */
export interface Call {
  /** The operation, as AWS's JSON protocols name it in `X-Amz-Target`; of other calls, the method and the path. */
  readonly operation: string;
  readonly body: string;
}

/** Answers whatever a handler calls, without TLS and without looking at signatures: as much of a service as a test needs. */
export class StandInAws {
  public static async start(answers: Readonly<Record<string, unknown>>): Promise<StandInAws> {
    const aws = new StandInAws(answers);
    aws.server.listen(0, '127.0.0.1');
    await once(aws.server, 'listening');
    return aws;
  }

  /** Every call, oldest first. */
  public readonly calls: Call[] = [];

  private readonly server = createServer((request, response) => {
    void this.answer(request).then(({ status, content }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(status === 204 ? undefined : JSON.stringify(content));
    });
  });

  /** @param answers what each operation is answered; any other is refused. Momento's answers have no body */
  private constructor(private readonly answers: Readonly<Record<string, unknown>>) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  /** The bodies of the calls of one operation. */
  public bodiesOf(operation: string): string[] {
    return this.calls.filter((call) => call.operation === operation).map(({ body }) => body);
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; content: unknown }> {
    const { method = '', url = '', headers } = request;
    const isOfAws = headers['x-amz-target'] !== undefined;
    const operation = headers['x-amz-target']?.toString() ?? `${method} ${url}`;
    this.calls.push({ operation, body: await text(request) });
    const content = this.answers[operation];
    return content === undefined
      ? { status: 400, content: { __type: 'ValidationException' } }
      : { status: isOfAws ? 200 : 204, content };
  }
}
