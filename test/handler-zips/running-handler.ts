import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const INVOCATION = '/2018-06-01/runtime/invocation';
/** What one handler may take for all that a test does with it, under an emulated processor on a busy machine. */
const PATIENCE_MS = 120_000;

type Exchange = [request: IncomingMessage, response: ServerResponse];

/**
 * A handler's process and the Runtime API that it asks for work:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. When the tests' process dies, the API is gone, and the handler
 * ends as it would in Lambda.
 */
export class RunningHandler {
  public static async start(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<RunningHandler> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [program = '', ...options] = command;
    const child = spawn(program, options, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port.toString()}` },
    });
    return new RunningHandler(server, child);
  }

  private readonly end = new AbortController();
  private readonly exchanges: AsyncIterator<Exchange>;
  private output = '';
  private invocations = 0;

  private constructor(
    private readonly server: Server,
    private readonly child: ChildProcess,
  ) {
    const signal = AbortSignal.any([this.end.signal, AbortSignal.timeout(PATIENCE_MS)]);
    this.exchanges = on(server, 'request', { signal }) as AsyncIterator<Exchange>;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (printed: string) => (this.output += printed));
    }
    child.on('error', (error) => {
      this.end.abort(error);
    });
    child.on('close', (code, signal) => {
      this.end.abort(`ended with ${(code ?? signal)?.toString() ?? 'nothing'}`);
    });
  }

  /** Has the handler handle an event, and returns its answer. */
  public async invoke(event: unknown): Promise<unknown> {
    this.invocations += 1;
    const id = `8476a536-e9f4-11e8-9739-${this.invocations.toString().padStart(12, '0')}`;
    const [, work] = await this.asked('GET', `${INVOCATION}/next`);
    work
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': id,
        'lambda-runtime-deadline-ms': (Date.now() + PATIENCE_MS).toString(),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:handler',
      })
      .end(JSON.stringify(event));
    const [answer, thanks] = await this.asked('POST', `${INVOCATION}/${id}/response`);
    const content = await text(answer);
    thanks.writeHead(202).end();
    return JSON.parse(content);
  }

  public stop(): void {
    this.child.kill('SIGKILL');
    this.server.close();
    this.server.closeAllConnections();
  }

  /** The next request of the handler, which has to be this one. */
  private async asked(method: string, url: string): Promise<Exchange> {
    let exchange: Exchange;
    try {
      ({ value: exchange } = (await this.exchanges.next()) as IteratorYieldResult<Exchange>);
    } catch (error) {
      throw new Error(`Instead of ${method} ${url}, the handler fell silent, having printed:\n${this.output}`, {
        cause: error,
      });
    }
    const [request] = exchange;
    if (request.method === method && request.url === url) return exchange;
    const content = await text(request);
    throw new Error(
      `Instead of ${method} ${url}: ${request.method ?? ''} ${request.url ?? ''} ${content}\n${this.output}`,
    );
  }
}
