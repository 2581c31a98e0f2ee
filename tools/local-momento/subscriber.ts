/** A message as a subscriber of a topic got it. */
export interface ReceivedMessage {
  readonly text: string;
  /** When it was there, by `performance.now()`. */
  readonly at: number;
}

interface News {
  readonly items: readonly {
    readonly item?: {
      readonly topic_sequence_number: number;
      readonly sequence_page: number;
      readonly value: { readonly text: string };
    };
    readonly discontinuity?: { readonly new_topic_sequence: number; readonly new_sequence_page: number };
  }[];
}

/** Subscribes to a topic of Momento's by long polling, and keeps what comes. */
export class Subscriber {
  public readonly received: ReceivedMessage[] = [];
  private readonly stopping = new AbortController();
  private waiters: (() => void)[] = [];
  private failure: unknown;

  public constructor(
    endpoint: string,
    private readonly token: string,
    cache: string,
    topic: string,
  ) {
    const url = `${endpoint}/topics/${encodeURIComponent(cache)}/${encodeURIComponent(topic)}`;
    this.follow(url).catch((error: unknown) => {
      this.failure = error;
      this.wake();
    });
  }

  /** Waits until there are `count` messages, or says how many there are instead. */
  public async first(count: number, timeoutMs = 30_000): Promise<readonly ReceivedMessage[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.received.length < count && this.failure === undefined && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.received.length < count) {
      const got = `${this.received.length.toString()} of ${count.toString()} messages`;
      throw new Error(`Got ${got} in ${timeoutMs.toString()} ms`, { cause: this.failure });
    }
    return this.received;
  }

  public stop(): void {
    this.stopping.abort();
  }

  private async follow(url: string): Promise<void> {
    const { signal } = this.stopping;
    for (let [number, page] = [0, 0]; !signal.aborted;) {
      const query = `sequence_number=${number.toString()}&sequence_page=${page.toString()}`;
      const headers = { authorization: this.token };
      const response = await fetch(`${url}?${query}`, { headers, signal }).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (!response) return;
      if (!response.ok) throw new Error(`Momento answered ${response.status.toString()}: ${await response.text()}`);
      const at = performance.now();
      for (const { item, discontinuity } of ((await response.json()) as News).items) {
        if (item) {
          this.received.push({ text: item.value.text, at });
          [number, page] = [item.topic_sequence_number + 1, item.sequence_page];
        } else if (discontinuity) {
          [number, page] = [discontinuity.new_topic_sequence, discontinuity.new_sequence_page];
        }
      }
      this.wake();
    }
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}
