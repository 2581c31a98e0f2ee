import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { callingProcess } from './calling-process';
import { until } from '../common/until';

/** A service that Lambda functions of this project call. */
export type Service = 'dynamodb' | 'events' | 'secretsmanager' | 'sqs';

/** The calls that a fault hits. */
export interface FaultyCalls {
  readonly service: Service;
  /** As in the service's API, such as `PutEvents`. Default: every operation. */
  readonly operation?: string;
  /** How many calls fail before the service is well again. Default: all, until `clear()`. */
  readonly times?: number;
}

/** What befalls a call. */
export type Fault =
  /** The service refuses it for now: 400 ThrottlingException. */
  | { readonly kind: 'throttle' }
  /** The service answers an error. Default: 500 InternalFailure. */
  | { readonly kind: 'error'; readonly status?: number; readonly code?: string }
  /** No answer, ever. */
  | { readonly kind: 'hang' }
  /** The connection is reset before the service sees the call. */
  | { readonly kind: 'reset' }
  /** The service does what it was asked to, and the connection is reset before its answer arrives. */
  | { readonly kind: 'lost-answer' }
  /** The service does what it was asked to, and answers late. */
  | { readonly kind: 'late-answer'; readonly milliseconds: number }
  /** PutEvents answers 200 and says in it that every entry has failed. */
  | { readonly kind: 'failed-entry'; readonly code: string }
  /** The function's process is killed (SIGKILL) before the service sees the call. */
  | { readonly kind: 'kill-before' }
  /** The service does what it was asked to, and the function's process is killed before its answer arrives. */
  | { readonly kind: 'kill-after' };

/** A call that passed the proxy. */
export interface Call {
  readonly service: Service | undefined;
  readonly operation: string | undefined;
  /** What the function asked for, in the words of the service's API: the strings in it are exactly those that it sent. */
  readonly input: unknown;
  /** What befell it, if anything did. */
  readonly fault: Fault['kind'] | undefined;
}

/** Says what befalls a call, if anything does. */
export type FaultChooser = (call: Omit<Call, 'fault'>) => Fault | undefined;

interface Injected {
  readonly fault: FaultyCalls & Fault;
  left: number;
}
interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

// The prefixes of X-Amz-Target. All these services speak AWS's JSON protocol.
const SERVICES: Readonly<Record<string, Service>> = {
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
};

/**
 * Stands between Lambda functions and the local AWS, counts their calls, and makes chosen ones fail. A test's own calls do
 * not pass it.
 */
export class FaultProxy {
  /** Starts a proxy on a free port. It does not keep the process alive. */
  public static async start(): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return new FaultProxy(server);
  }

  private readonly agent = new Agent({ keepAlive: true });
  private readonly seen: Call[] = [];
  private injected: Injected[] = [];
  private chooser: FaultChooser = () => undefined;
  private upstream = '';

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => socket.unref());
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      // A client that gives up breaks its connection, which is its right.
      this.serve(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
  }

  /** Where functions reach the proxy. */
  public get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  /** Says where calls go. */
  public forwardTo(upstream: string): void {
    this.upstream = upstream;
  }

  /** Adds a fault. Of several faults for one call, the first that has `times` left applies. */
  public inject(fault: FaultyCalls & Fault): void {
    this.injected.push({ fault, left: fault.times ?? Infinity });
  }

  /** Has `choose` say what befalls each call that no injected fault hits. */
  public chooseBy(choose: FaultChooser): void {
    this.chooser = choose;
  }

  /** Makes the services well again. Calls that hang go on hanging. */
  public heal(): void {
    this.injected = [];
    this.chooser = () => undefined;
  }

  /** Makes the services well again, and forgets the calls so far. */
  public clear(): void {
    this.heal();
    this.seen.length = 0;
  }

  /** The calls since the last `clear()`, oldest first, by default all of them. */
  public calls(service?: Service, operation?: string): Call[] {
    return this.seen.filter(
      (call) =>
        (service === undefined || call.service === service) &&
        (operation === undefined || call.operation === operation),
    );
  }

  /** Waits until that many calls have arrived since the last `clear()`. */
  public async untilCalled(count: number, service: Service, operation: string): Promise<void> {
    await until(`${count.toString()} calls of ${operation}`, () =>
      Promise.resolve(this.calls(service, operation).length >= count || undefined),
    );
  }

  /** Ends the proxy and all its connections. */
  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
    // A function that only opens a connection calls no operation.
    if (incoming.headers['x-amz-target'] === undefined) {
      send(outgoing, await this.forward(incoming, body));
      return;
    }
    const [target = '', operation] = String(incoming.headers['x-amz-target']).split('.');
    const service = SERVICES[target];
    const call = { service, operation, input: JSON.parse(body.toString()) as unknown };
    const fault = this.take(service, operation) ?? this.chooser(call);
    this.seen.push({ ...call, fault: fault?.kind });
    switch (fault?.kind) {
      case undefined:
        send(outgoing, await this.forward(incoming, body));
        return;
      case 'throttle':
        send(outgoing, failure(400, 'ThrottlingException', 'Rate exceeded'));
        return;
      case 'error':
        send(outgoing, failure(fault.status ?? 500, fault.code ?? 'InternalFailure', 'Injected by a test'));
        return;
      case 'hang':
        return;
      case 'reset':
        incoming.socket.resetAndDestroy();
        return;
      case 'lost-answer':
        await this.forward(incoming, body);
        incoming.socket.resetAndDestroy();
        return;
      case 'late-answer': {
        const answer = await this.forward(incoming, body);
        await delay(fault.milliseconds, undefined, { ref: false });
        send(outgoing, answer);
        return;
      }
      case 'failed-entry':
        send(outgoing, failedEntries(body, fault.code));
        return;
      case 'kill-before':
        killCaller(incoming);
        return;
      case 'kill-after':
        await this.forward(incoming, body);
        killCaller(incoming);
        return;
    }
  }

  private take(service: Service | undefined, operation: string | undefined): Fault | undefined {
    const found = this.injected.find(
      ({ fault, left }) =>
        left > 0 && fault.service === service && (fault.operation === undefined || fault.operation === operation),
    );
    if (found) found.left -= 1;
    return found?.fault;
  }

  /** Passes a call on as it is, its Host header too, since that is part of what is signed. */
  private async forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const { method, url = '/', rawHeaders } = incoming;
    const onward = request(new URL(url, this.upstream), { method, headers: rawHeaders, agent: this.agent });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 500,
      headers: answer.rawHeaders,
      body: Buffer.concat((await answer.toArray()) as Buffer[]),
    };
  }
}

function killCaller({ socket }: IncomingMessage): void {
  const id = callingProcess(socket);
  // It may have given up waiting and be gone.
  if (id !== undefined) process.kill(id, 'SIGKILL');
}

function send(outgoing: ServerResponse, answer: Answer): void {
  outgoing.writeHead(answer.status, [...answer.headers]).end(answer.body);
}

function failure(status: number, code: string, message: string): Answer {
  return json(status, { __type: code, message });
}

function failedEntries(call: Buffer, code: string): Answer {
  const { Entries } = JSON.parse(call.toString()) as { Entries: unknown[] };
  const entry = { ErrorCode: code, ErrorMessage: 'Injected by a test' };
  return json(200, { FailedEntryCount: Entries.length, Entries: Entries.map(() => entry) });
}

function json(status: number, content: unknown): Answer {
  const body = Buffer.from(JSON.stringify(content));
  return {
    status,
    headers: ['Content-Type', 'application/x-amz-json-1.1', 'Content-Length', body.length.toString()],
    body,
  };
}
