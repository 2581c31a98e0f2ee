import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { status } from '@grpc/grpc-js';
import { detach } from '../common/detach';

/** How to start a local Momento. */
export interface LocalMomentoOptions {
  /** The caches that exist; any other is not found. Default: none. */
  readonly caches?: readonly string[];
  /** A key that may do everything. Default: `momento-key`. */
  readonly apiKey?: string;
  /** Whether an empty key may do everything too: Momento's SDK sends one to a local Momento. Default: false. */
  readonly acceptEmptyKey?: boolean;
  /** Of 127.0.0.1: where one was that starts again. Default: a free one. */
  readonly port?: number;
}

/** A request that came, as it was sent. */
export interface MomentoRequest {
  /** In milliseconds since the Unix epoch. */
  readonly receivedAt: number;
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Percent-encoded, but for the value of `token`, which is hidden. */
  readonly query: string;
  /** By their names in lower case. The value of `authorization` is hidden. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** `api-key-1`, `api-key-2`, … in the order in which the keys were added, or `token`; none for an unknown one. */
  readonly caller: string | undefined;
  readonly fault: MomentoFault['kind'] | undefined;
  /** None while there is no answer, and where there never was one. */
  readonly status: number | undefined;
}

/** An item of a cache. */
export interface MomentoItem {
  readonly key: Buffer;
  readonly value: Buffer;
  /** What was asked for when it was set. */
  readonly ttlSeconds: number;
  /** In milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** A message of a topic. */
export interface MomentoMessage {
  readonly sequencePage: number;
  readonly sequenceNumber: number;
  /** A string if it was published as text. */
  readonly value: string | Buffer;
  /** Of the token with which it was published; empty for an API key. */
  readonly tokenId: string;
  /** In milliseconds since the Unix epoch. */
  readonly publishedAt: number;
}

/** Topics of a cache: one, or all whose names begin alike. */
export type Topics =
  { readonly cache: string; readonly topic: string } | { readonly cache: string; readonly topicPrefix: string };

/** What a token may do with topics. */
export type TopicPermission = Topics & { readonly role: 'publishonly' | 'subscribeonly' | 'publishsubscribe' };

/** What a token may do with an item of a cache. */
export interface ItemPermission {
  readonly role: 'readonly';
  readonly cache: string;
  /** Default: all items. */
  readonly key?: string;
}

/** A token that stands for someone for a while. */
export interface NewToken {
  readonly permissions: readonly (TopicPermission | ItemPermission)[];
  readonly expiresInSeconds: number;
  /** What the messages published with it carry. Default: empty. */
  readonly tokenId?: string;
}

/** Where the messages of topics are posted. */
export type MomentoWebhook = Topics & { readonly url: string; readonly signingSecret: string };

/** The outcome of a message that was posted to a webhook. */
export interface WebhookDelivery {
  readonly url: string;
  readonly cache: string;
  readonly topic: string;
  readonly sequenceNumber: number;
  /** Of the answer, if there was one. */
  readonly status: number | undefined;
  /** Why there was none. */
  readonly error: string | undefined;
}

/** The requests that a fault hits: all, but for those that a condition leaves out. */
export interface FaultyRequests {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /**
   * What path and query begin with, percent-encoded as they are sent. Of a call by gRPC: the method's path, the cache and the
   * topic, `/cache_client.pubsub.Pubsub/Subscribe/chat/in`.
   */
  readonly targetPrefix?: string;
  /** How many requests it hits before it is over. */
  readonly times?: number;
  /** The share of requests that it hits, from 0 to 1. */
  readonly probability?: number;
  /** Where the dice for the probability start. Default: 0. */
  readonly seed?: number;
}

/** What happens to a request. */
export type MomentoFault =
  /** It is refused, with no effect. */
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** It is refused with this status of gRPC, with no effect. Hits nothing but calls by gRPC. */
  | { readonly kind: 'grpc-status'; readonly code: GrpcStatus; readonly message?: string }
  /** It is served so much later, if the caller is still there. */
  | { readonly kind: 'hang'; readonly milliseconds: number }
  /** The connection is reset, with no effect. */
  | { readonly kind: 'reset' }
  /** It is done as asked, and answered as failed. */
  | { readonly kind: 'fail-after-effect'; readonly status: number }
  /** It is done as asked, and the connection is reset before the answer. */
  | { readonly kind: 'lost-answer' };

/** A status of gRPC. */
export type GrpcStatus = keyof typeof status;

/** What happens to the streams of topics that are open by gRPC. */
export type StreamFault =
  /** They end with this status. */
  | { readonly kind: 'end'; readonly code: GrpcStatus; readonly message?: string }
  /** They are reset; others of their connections go on. */
  | { readonly kind: 'reset' }
  /** Nothing comes any more, no heartbeat either. Their connections are alive. */
  | { readonly kind: 'silence' }
  /** Their connections are reset, and with them all that these carry. */
  | { readonly kind: 'reset-connection' }
  /** Nothing comes any more from their connections, which stay open. Not even pings are answered. */
  | { readonly kind: 'silence-connection' }
  /** Each message comes so much later than the one before it. */
  | { readonly kind: 'slow'; readonly milliseconds: number };

const WORKSPACE = join(__dirname, '..');
// Where tools/.cargo/config.toml says, whatever the environment does.
const TARGET = join(WORKSPACE, '../target/tools');
const COMPILED = join(TARGET, 'debug/local-momento');
const STOP_TIMEOUT_MS = 10_000;

/**
 * A Momento on this machine, with its HTTP API for caches and topics and its gRPC for topics, on one port. It is empty at
 * first, and gone after `stop()` and with this process. See tools/local-momento.
 */
export class LocalMomento {
  /** One that is compiled already. Default: this class compiles it, with the tests of the tools. */
  public static executable: string | undefined;

  /** Starts one, on a free port, and compiles it where that is still to do. Several can run side by side. */
  public static async start(options: LocalMomentoOptions = {}): Promise<LocalMomento> {
    const { caches = [], apiKey = 'momento-key', acceptEmptyKey = false, port = 0 } = options;
    const executable = LocalMomento.executable ?? (await compile());
    const keys = acceptEmptyKey ? [apiKey, ''] : [apiKey];
    const given = [
      ...keys.flatMap((key) => ['--api-key', key]),
      ...caches.flatMap((cache) => ['--cache', cache]),
      ...['--port', port.toString()],
    ];
    const child = spawn(executable, given, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {},
    });
    const failed = once(child, 'exit').then(([status]) => {
      throw new Error(`The local Momento ended with status ${String(status)}`);
    });
    failed.catch(() => undefined);
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string];
    detach(child);
    return new LocalMomento(child, (JSON.parse(line) as { endpoint: string }).endpoint, apiKey);
  }

  private constructor(
    private readonly child: ChildProcess,
    /** Where both APIs answer, without a slash at the end. */
    public readonly endpoint: string,
    /** The key that it was started with. */
    public readonly apiKey: string,
  ) {}

  /** Every request to the API in the order in which they came, from the given number on. */
  public async requests(from = 0): Promise<MomentoRequest[]> {
    const { requests } = await this.ask<{ requests: RawRequest[] }>('GET', `requests?from=${from.toString()}`);
    return requests.map((request) => ({
      receivedAt: request.received_at,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: new Map(request.headers),
      body: Buffer.from(request.body_base64, 'base64'),
      caller: request.caller ?? undefined,
      fault: request.fault ?? undefined,
      status: request.status ?? undefined,
    }));
  }

  /** Forgets the requests so far. */
  public async clearRequests(): Promise<void> {
    await this.ask('DELETE', 'requests');
  }

  /** What is in a cache and has not expired, by key. */
  public async items(cache: string): Promise<MomentoItem[]> {
    const { items } = await this.ask<{ items: RawItem[] }>('GET', local`caches/${cache}/items`);
    return items.map((item) => ({
      key: Buffer.from(item.key_base64, 'base64'),
      value: Buffer.from(item.value_base64, 'base64'),
      ttlSeconds: item.ttl_seconds,
      expiresAt: item.expires_at,
    }));
  }

  /** The value of an item, if there is one that has not expired. */
  public async item(cache: string, key: string | Buffer): Promise<Buffer | undefined> {
    const items = await this.items(cache);
    return items.find((item) => item.key.equals(Buffer.from(key)))?.value;
  }

  /** Every message ever published to a topic, oldest first. */
  public async messages(cache: string, topic: string): Promise<MomentoMessage[]> {
    const { messages } = await this.topic(cache, topic);
    return messages.map((message) => ({
      sequencePage: message.sequence_page,
      sequenceNumber: message.topic_sequence_number,
      value: 'text' in message.value ? message.value.text : Buffer.from(message.value.binary, 'base64'),
      tokenId: message.token_id,
      publishedAt: message.at,
    }));
  }

  /** How many long polls and streams wait for a message of a topic. */
  public async waitingSubscribers(cache: string, topic: string): Promise<number> {
    return (await this.topic(cache, topic)).waiting_subscribers;
  }

  /** How many streams of a topic are open by gRPC. */
  public async openStreams(cache: string, topic: string): Promise<number> {
    return (await this.topic(cache, topic)).streams;
  }

  /**
   * Does something to the streams of topics that are open by gRPC.
   *
   * @returns how many it hit.
   */
  public async breakStreams({ fault, ...topics }: Topics & { readonly fault: StreamFault }): Promise<number> {
    return (await this.ask<{ streams: number }>('POST', 'stream-faults', { ...selector(topics), fault })).streams;
  }

  /** Sets the time from one heartbeat of a stream to the next, which is 5 s at first. */
  public async setHeartbeat(milliseconds: number): Promise<void> {
    await this.ask('PUT', 'heartbeat', { milliseconds });
  }

  /** A topic begins a new page and counts from 0 again: subscribers are told of a discontinuity. */
  public async startTopicAnew(cache: string, topic: string): Promise<void> {
    await this.ask('POST', local`caches/${cache}/topics/${topic}/discontinuity`);
  }

  /** The next messages of a topic are lost: subscribers are told of a discontinuity within the page. */
  public async loseMessages(cache: string, topic: string, messages: number): Promise<void> {
    await this.ask('POST', local`caches/${cache}/topics/${topic}/loss`, { messages });
  }

  /** A topic has none of its messages any more for those who resume. Who is subscribed notices nothing. */
  public async loseHistory(cache: string, topic: string): Promise<void> {
    await this.ask('DELETE', local`caches/${cache}/topics/${topic}/history`);
  }

  /** A topic has so many messages at most for those who resume, or again all that it did not lose. */
  public async limitHistory(cache: string, topic: string, messages: number | undefined): Promise<void> {
    await this.ask('PUT', local`caches/${cache}/topics/${topic}/history`, { messages: messages ?? null });
  }

  public async createCache(cache: string): Promise<void> {
    await this.ask('PUT', local`caches/${cache}`);
  }

  public async deleteCache(cache: string): Promise<void> {
    await this.ask('DELETE', local`caches/${cache}`);
  }

  /**
   * Lets a key in that may do everything.
   *
   * @returns what requests with it have as their caller.
   */
  public async addApiKey(key: string): Promise<string> {
    return (await this.ask<{ name: string }>('PUT', local`api-keys/${key}`)).name;
  }

  public async revokeApiKey(key: string): Promise<void> {
    await this.ask('DELETE', local`api-keys/${key}`);
  }

  /** Mints a token that is limited to some topics and expires. */
  public async mintToken({ permissions, expiresInSeconds, tokenId }: NewToken): Promise<string> {
    const token = {
      permissions: permissions.map((permission) =>
        permission.role === 'readonly' ? permission : { role: permission.role, ...selector(permission) },
      ),
      expires_in_seconds: expiresInSeconds,
      token_id: tokenId,
    };
    return (await this.ask<{ api_key: string }>('POST', 'tokens', token)).api_key;
  }

  /** Makes requests fail until they are as many as it says, or `clearFaults()`. Of several faults the first that hits. */
  public async inject(fault: FaultyRequests & MomentoFault): Promise<void> {
    const { method, targetPrefix, times, probability, seed, ...what } = fault;
    const { retryAfter, ...others } = { retryAfter: undefined, ...what };
    const rule = { method, target_prefix: targetPrefix, times, probability, seed };
    await this.ask('POST', 'faults', { ...rule, fault: { ...others, retry_after: retryAfter } });
  }

  public async clearFaults(): Promise<void> {
    await this.ask('DELETE', 'faults');
  }

  /** Posts each text message of the topics that is published from now on, signed and once, as Momento's webhooks did. */
  public async addWebhook({ url, signingSecret, ...topics }: MomentoWebhook): Promise<void> {
    await this.ask('POST', 'webhooks', { url, signing_secret: signingSecret, ...selector(topics) });
  }

  public async removeWebhooks(): Promise<void> {
    await this.ask('DELETE', 'webhooks');
  }

  /** The outcomes of the messages posted to webhooks so far. */
  public async webhookDeliveries(): Promise<WebhookDelivery[]> {
    const { deliveries } = await this.ask<{ deliveries: RawDelivery[] }>('GET', 'webhook-deliveries');
    return deliveries.map(({ topic_sequence_number: sequenceNumber, status, error, ...delivery }) => ({
      ...delivery,
      sequenceNumber,
      status: status ?? undefined,
      error: error ?? undefined,
    }));
  }

  /** Puts its clock forward, so that items and tokens expire. */
  public async advanceClock(milliseconds: number): Promise<void> {
    await this.ask('POST', 'clock', { milliseconds });
  }

  /** Forgets items, messages, requests, faults and deliveries; keeps caches, keys, tokens and webhooks. */
  public async clear(): Promise<void> {
    await this.ask('POST', 'clear');
  }

  /** Ends it and waits for that. */
  public async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    this.child.ref();
    this.child.stdin?.end();
    await exit;
  }

  private async topic(cache: string, topic: string): Promise<RawTopic> {
    return this.ask('GET', local`caches/${cache}/topics/${topic}`);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.endpoint}/_local/${path}`, {
      method,
      headers: { authorization: this.apiKey, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status.toString()}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

interface RawRequest {
  readonly received_at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: [string, string][];
  readonly body_base64: string;
  readonly caller: string | null;
  readonly fault: MomentoFault['kind'] | null;
  readonly status: number | null;
}

interface RawItem {
  readonly key_base64: string;
  readonly value_base64: string;
  readonly ttl_seconds: number;
  readonly expires_at: number;
}

interface RawTopic {
  readonly waiting_subscribers: number;
  readonly streams: number;
  readonly messages: {
    readonly sequence_page: number;
    readonly topic_sequence_number: number;
    readonly value: { readonly text: string } | { readonly binary: string };
    readonly token_id: string;
    readonly at: number;
  }[];
}

interface RawDelivery {
  readonly url: string;
  readonly cache: string;
  readonly topic: string;
  readonly topic_sequence_number: number;
  readonly status: number | null;
  readonly error: string | null;
}

function selector(topics: Topics): object {
  const { cache } = topics;
  return 'topic' in topics ? { cache, topic: topics.topic } : { cache, topic_prefix: topics.topicPrefix };
}

/** A path whose parts are percent-encoded. */
function local(texts: TemplateStringsArray, ...names: string[]): string {
  return String.raw({ raw: texts }, ...names.map(encodeURIComponent));
}

let compiled: Promise<unknown> | undefined;

/** Cargo itself sees when there is nothing to do. Returns where the executable is. */
async function compile(): Promise<string> {
  const environment = { ...process.env, CARGO_TARGET_DIR: TARGET };
  // All of the workspace and its tests: another choice would have other features of its dependencies, compiled again.
  const options = ['build', '--quiet', '--locked', '--all-targets'];
  compiled ??= promisify(execFile)('cargo', options, { cwd: WORKSPACE, env: environment });
  await compiled;
  return COMPILED;
}
