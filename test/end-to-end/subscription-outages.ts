import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../tools';
import type { DeployedSubscription } from './deployed-subscription';
import type { SeededRandom } from './seeded-random';

const CACHE = 'chat';
const SUBSCRIBE = '/cache_client.pubsub.Pubsub/Subscribe/';
/** How often something happens to Momento. */
const INTERVAL_MS = 250;

/** The part of an operation's calls that each fault hits. */
type Likelihoods = readonly (readonly [number, Fault])[];

// What takes a second of waiting is rare, so that thousands of messages take minutes.
const TABLE: Likelihoods = [
  [0.02, { kind: 'throttle' }],
  [0.02, { kind: 'error' }],
  [0.01, { kind: 'reset' }],
  [0.01, { kind: 'lost-answer' }],
  [0.002, { kind: 'hang' }],
  [0.002, { kind: 'endless-answer' }],
  [0.01, { kind: 'slow-answer', milliseconds: 200 }],
  [0.01, { kind: 'stray-answer', body: '<html>Sign in</html>' }],
  [0.003, { kind: 'kill-before' }],
  [0.003, { kind: 'kill-after' }],
];
const FAULTS: Readonly<Record<string, Likelihoods>> = {
  PutEvents: [
    [0.05, { kind: 'throttle' }],
    [0.05, { kind: 'error' }],
    [0.03, { kind: 'reset' }],
    [0.05, { kind: 'failed-entry', code: 'InternalFailure' }],
    [0.03, { kind: 'lost-answer' }],
    [0.005, { kind: 'hang' }],
    [0.005, { kind: 'endless-answer' }],
    [0.01, { kind: 'slow-answer', milliseconds: 200 }],
    [0.02, { kind: 'stray-answer', body: '{}' }],
    [0.01, { kind: 'late-answer', milliseconds: 1200 }],
    [0.005, { kind: 'kill-before' }],
    [0.01, { kind: 'kill-after' }],
  ],
  SendMessage: [
    [0.1, { kind: 'error' }],
    [0.05, { kind: 'reset' }],
    [0.05, { kind: 'lost-answer' }],
    [0.05, { kind: 'stray-answer', body: '{}' }],
    [0.02, { kind: 'kill-after' }],
  ],
  GetItem: TABLE,
  UpdateItem: TABLE,
  GetSecretValue: [
    [0.1, { kind: 'error' }],
    [0.05, { kind: 'reset' }],
  ],
};

/** Makes Momento's streams and the calls of the handlers fail at random, and says what it did. */
export class SubscriptionOutages {
  private readonly callsOf = new Map<string, number>();
  private readonly done = new Map<string, number>();
  private readonly stopping = new AbortController();
  private faults: Promise<void> = Promise.resolve();
  private isTableDown = false;
  private mayBeginPages = false;

  public constructor(
    private readonly subscription: DeployedSubscription,
    private readonly random: SeededRandom,
    private readonly topics: readonly string[],
  ) {}

  /** Begins, and goes on until `end()`. Momento begins no new pages before `allowNewPages()`. */
  public begin(): void {
    this.subscription.aws.faults.chooseBy(({ service, operation = '' }) => {
      if (service === 'dynamodb' && this.isTableDown) return { kind: 'error' };
      const number = (this.callsOf.get(operation) ?? 0) + 1;
      this.callsOf.set(operation, number);
      let drawn = this.random.of(operation, number);
      return FAULTS[operation]?.find(([likelihood]) => (drawn -= likelihood) < 0)?.[1];
    });
    this.faults = this.disturb();
  }

  /** Lets Momento begin new pages, too. */
  public allowNewPages(): void {
    this.mayBeginPages = true;
  }

  /** Makes all well again. What a stream had to suffer stays with it. */
  public async end(): Promise<void> {
    this.stopping.abort();
    await this.faults;
    this.subscription.aws.faults.heal();
    await this.subscription.momento.clearFaults();
  }

  /** What happened to Momento and the table, and how often. */
  public report(): string[][] {
    return [...this.done].sort().map(([what, times]) => [what, times.toString()]);
  }

  private async disturb(): Promise<void> {
    const { signal } = this.stopping;
    for (let number = 0; !signal.aborted; number += 1) {
      const what = WHAT[Math.floor(this.random.of('what', number) * WHAT.length)];
      const topic = this.topics[Math.floor(this.random.of('which', number) * this.topics.length)];
      if (what !== undefined && topic !== undefined && (what !== 'newPage' || this.mayBeginPages)) {
        await this[what](topic);
        this.done.set(what, (this.done.get(what) ?? 0) + 1);
      }
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async streamReset(topic: string): Promise<void> {
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault: { kind: 'reset' } });
  }

  private async streamEnds(topic: string): Promise<void> {
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault: { kind: 'end', code: 'UNAVAILABLE' } });
  }

  private async streamSilent(topic: string): Promise<void> {
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault: { kind: 'silence' } });
  }

  private async streamSlow(topic: string): Promise<void> {
    const fault = { kind: 'slow', milliseconds: 20 } as const;
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault });
  }

  private async connectionReset(topic: string): Promise<void> {
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault: { kind: 'reset-connection' } });
  }

  private async connectionSilent(topic: string): Promise<void> {
    await this.subscription.momento.breakStreams({ cache: CACHE, topic, fault: { kind: 'silence-connection' } });
  }

  private async throttled(topic: string): Promise<void> {
    const targetPrefix = `${SUBSCRIBE}${CACHE}/${topic}`;
    await this.subscription.momento.inject({ targetPrefix, times: 1, kind: 'grpc-status', code: 'RESOURCE_EXHAUSTED' });
    await this.streamReset(topic);
  }

  private async historyLost(topic: string): Promise<void> {
    const targetPrefix = `${SUBSCRIBE}${CACHE}/${topic}`;
    await this.subscription.momento.inject({ targetPrefix, times: 1, kind: 'grpc-status', code: 'UNAVAILABLE' });
    await this.streamEnds(topic);
    await delay(200);
    await this.subscription.momento.loseHistory(CACHE, topic);
  }

  private async messagesLost(topic: string): Promise<void> {
    await this.subscription.momento.loseMessages(CACHE, topic, 3);
  }

  private async newPage(topic: string): Promise<void> {
    await this.subscription.momento.startTopicAnew(CACHE, topic);
  }

  private async keyRotated(): Promise<void> {
    await this.subscription.useNewKey();
  }

  private async tableDown(): Promise<void> {
    this.isTableDown = true;
    await delay(1000);
    this.isTableDown = false;
  }
}

/** Each as likely as any other. */
const WHAT = [
  'streamReset',
  'streamEnds',
  'streamSilent',
  'streamSlow',
  'connectionReset',
  'connectionSilent',
  'throttled',
  'historyLost',
  'messagesLost',
  'newPage',
  'keyRotated',
  'tableDown',
] as const;
