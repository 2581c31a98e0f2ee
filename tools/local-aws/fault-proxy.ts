import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  /** A text in what is asked for. Default: any. */
  readonly containing?: string;
  /** How many calls fail before the service is well again. Default: all, until `clear()`. */
  readonly times?: number;
}

/** What happens to a call. */
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
  /** It is answered 200 with this body, which is not from the service: the service does not see the call. */
  | { readonly kind: 'stray-answer'; readonly body: string }
  /** The service does not see the call. The answer begins with status 200 and has no end. */
  | { readonly kind: 'endless-answer' }
  /** The service does what it was asked to, and its answer comes byte by byte, for so long in all. */
  | { readonly kind: 'slow-answer'; readonly milliseconds: number }
  /** PutEvents answers 200 and says in it that every entry has failed. */
  | { readonly kind: 'failed-entry'; readonly code: string }
  /** The function's process is killed (SIGKILL) before the service sees the call. */
  | { readonly kind: 'kill-before' }
  /** The service does what it was asked to, and the function's process is killed before its answer arrives. */
  | { readonly kind: 'kill-after' }
  /**
   * The service does what it was asked to, and the function's process is frozen (SIGSTOP) before its answer arrives, until a promise
   * is settled. Its connections stay as they are.
   */
  | { readonly kind: 'freeze-after'; readonly until: Promise<void> };

/** A call that passed the proxy. */
export interface Call {
  readonly service: Service | undefined;
  readonly operation: string | undefined;
  /** What the function asked for, in the words of the service's API: the strings in it are exactly those that it sent. */
  readonly input: unknown;
  /** What happened to it, if anything did. Not known yet while it is being chosen. */
  readonly fault: Fault['kind'] | undefined;
  /** The HTTP status of the service's answer, whatever the function heard of it; nothing if the service did not see the call. */
  readonly status: number | undefined;
  /**
   * The function did not get all of the answer, whichever side is to blame: it gave up waiting, or it is dead. That is known a moment
   * later where it was starved of CPU: its time was over before it read an answer that was there already. Then it closes the
   * connection, which it would keep otherwise.
   */
  readonly unheard: boolean;
}

/** Says what happens to a call, if anything does. */
export type FaultChooser = (call: Call) => Fault | undefined;

interface Injected {
  readonly fault: FaultyCalls & Fault;
  left: number;
}
type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Who has heard an answer keeps the connection for the next call for longer than this. */
const HUNG_UP_MS = 10_000;

const JSON_TYPE = 'application/x-amz-json-1.1';
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
  private readonly connections = new Set<Socket>();
  /** Open as far as the function can tell, but nothing on them is ever answered. */
  private readonly halfOpen = new WeakSet<Socket>();
  private readonly seen: Call[] = [];
  /** The calls that were answered last on their connections. The next call shows that the answer was heard. */
  private readonly answered = new WeakMap<Socket, { readonly call: { unheard: boolean }; readonly at: number }>();
  private injected: Injected[] = [];
  private chooser: FaultChooser = () => undefined;
  private upstream = '';

  private constructor(private readonly server: Server) {
    // As long as AWS keeps a connection, and longer than a test keeps a function frozen.
    server.keepAliveTimeout = 0;
    server.on('connection', (socket) => {
      socket.unref();
      this.connections.add(socket);
      socket.once('close', () => {
        this.connections.delete(socket);
        const { call, at = 0 } = this.answered.get(socket) ?? {};
        if (call && performance.now() - at < HUNG_UP_MS) call.unheard = true;
      });
    });
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

  /** Has `choose` say what happens to each call that no injected fault hits. */
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

  /**
   * Freezes every process that has a connection (SIGSTOP), as Lambda freezes an environment, and lets it go on after so long. Its
   * connections are half-open then: it can send over them, and nobody answers.
   *
   * @returns how many processes it were
   */
  public async freezeCallers(milliseconds: number): Promise<number> {
    const callers = new Set<number>();
    for (const connection of this.connections) {
      const id = callingProcess(connection);
      if (id !== undefined && signal(id, 'SIGSTOP')) callers.add(id);
      this.halfOpen.add(connection);
    }
    await delay(milliseconds);
    for (const id of callers) signal(id, 'SIGCONT');
    return callers.size;
  }

  /** Ends the proxy and all its connections. */
  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.answered.delete(incoming.socket);
    const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
    if (this.halfOpen.has(incoming.socket)) return;
    // A function that only opens a connection calls no operation.
    if (incoming.headers['x-amz-target'] === undefined) {
      this.send(outgoing, await this.forward(incoming, body));
      return;
    }
    const [target = '', operation] = String(incoming.headers['x-amz-target']).split('.');
    const service = SERVICES[target];
    const input = JSON.parse(body.toString()) as unknown;
    const call: Writable<Call> = { service, operation, input, fault: undefined, status: undefined, unheard: false };
    const forward = async (): Promise<Answer> => {
      const answer = await this.forward(incoming, body);
      call.status = answer.status;
      return answer;
    };
    outgoing.once('close', () => {
      call.unheard = !outgoing.writableFinished;
      this.answered.set(incoming.socket, { call, at: performance.now() });
    });
    this.seen.push(call);
    const fault = this.take(call, body) ?? this.chooser(call);
    call.fault = fault?.kind;
    switch (fault?.kind) {
      case undefined:
        this.send(outgoing, await forward());
        return;
      case 'throttle':
        this.send(outgoing, failure(400, 'ThrottlingException', 'Rate exceeded'));
        return;
      case 'error':
        this.send(outgoing, failure(fault.status ?? 500, fault.code ?? 'InternalFailure', 'Injected by a test'));
        return;
      case 'hang':
        return;
      case 'reset':
        incoming.socket.resetAndDestroy();
        return;
      case 'lost-answer':
        await forward();
        incoming.socket.resetAndDestroy();
        return;
      case 'late-answer': {
        const answer = await forward();
        await delay(fault.milliseconds, undefined, { ref: false });
        this.send(outgoing, answer);
        return;
      }
      case 'stray-answer':
        this.send(outgoing, answerOf(200, fault.body));
        return;
      case 'endless-answer':
        await sendWithoutEnd(outgoing);
        return;
      case 'slow-answer':
        await sendSlowly(outgoing, await forward(), fault.milliseconds);
        return;
      case 'failed-entry':
        this.send(outgoing, failedEntries(body, fault.code));
        return;
      case 'kill-before':
        killCaller(incoming);
        return;
      case 'kill-after':
        await forward();
        killCaller(incoming);
        return;
      case 'freeze-after': {
        const answer = await forward();
        const caller = callingProcess(incoming.socket);
        if (caller !== undefined && signal(caller, 'SIGSTOP')) {
          await fault.until.catch(() => undefined);
          signal(caller, 'SIGCONT');
        }
        this.send(outgoing, answer);
        return;
      }
    }
  }

  private send(outgoing: ServerResponse, answer: Answer): void {
    // The function may have been frozen since it called.
    if (outgoing.socket && this.halfOpen.has(outgoing.socket)) return;
    outgoing.writeHead(answer.status, [...answer.headers]).end(answer.body);
  }

  private take({ service, operation }: Call, body: Buffer): Fault | undefined {
    const found = this.injected.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.service === service &&
        (fault.operation === undefined || fault.operation === operation) &&
        (fault.containing === undefined || body.includes(fault.containing)),
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
  if (id !== undefined) signal(id, 'SIGKILL');
}

/** Returns whether the process was still there. */
function signal(id: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(id, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** Sends until the caller has had enough. */
async function sendWithoutEnd(outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(200, ['Content-Type', JSON_TYPE]);
  await pipeline(Readable.from(endlessString()), outgoing);
}

function* endlessString(): Generator<string, never> {
  yield '{"';
  for (;;) yield 'x'.repeat(64 * 1024);
}

async function sendSlowly(outgoing: ServerResponse, answer: Answer, milliseconds: number): Promise<void> {
  outgoing.writeHead(answer.status, [...answer.headers]);
  const started = performance.now();
  for (const [index, byte] of answer.body.entries()) {
    if (outgoing.destroyed) return;
    outgoing.write(Buffer.of(byte));
    // A busy machine is late at times, and catches up.
    const due = started + (milliseconds * (index + 1)) / answer.body.length;
    await delay(Math.max(0, due - performance.now()), undefined, { ref: false });
  }
  outgoing.end();
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
  return answerOf(status, JSON.stringify(content));
}

function answerOf(status: number, text: string): Answer {
  const body = Buffer.from(text);
  return { status, headers: ['Content-Type', JSON_TYPE, 'Content-Length', body.length.toString()], body };
}
