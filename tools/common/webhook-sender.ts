import { createHmac } from 'node:crypto';
import type { TopicMessage } from '../../cli/topic-message';

/** What the sender of a webhook sees. */
export interface Answer {
  readonly status: number;
  readonly content: Record<string, unknown>;
  readonly headers: Headers;
  readonly milliseconds: number;
}

/** What a request has instead of what Momento sends. */
export interface RequestOverrides {
  readonly method?: string;
  /** Instead of the right signature; `null` leaves the header out. */
  readonly signature?: string | null;
  readonly contentType?: string;
}

/** HMAC-SHA3-256 in lowercase hex: how Momento signs a webhook's body. */
export function sign(secret: string, body: string | Uint8Array): string {
  return createHmac('sha3-256', secret).update(body).digest('hex');
}

/** Sends webhooks to one URL as Momento does: one attempt each, signed over the bytes of the body. */
export class WebhookSender {
  private sequenceNumber = 0;

  public constructor(
    public readonly url: string,
    public secret: string,
  ) {}

  /** The body of a message that is published now, unlike any other's. */
  public body(fields: Partial<TopicMessage> = {}): string {
    const now = Date.now();
    this.sequenceNumber += 1;
    return JSON.stringify({
      cache: 'chat',
      topic: 'room-281',
      event_timestamp: now,
      publish_timestamp: now,
      topic_sequence_number: this.sequenceNumber,
      token_id: 'user-17',
      text: 'Here I am!!',
      ...fields,
    });
  }

  /** Posts a body, and waits for the answer. */
  public async send(body: string | Uint8Array = this.body(), overrides: RequestOverrides = {}): Promise<Answer> {
    const { method = 'POST', signature = sign(this.secret, body), contentType = 'application/json' } = overrides;
    const started = performance.now();
    const response = await fetch(this.url, {
      method,
      headers: { 'content-type': contentType, ...(signature !== null && { 'momento-signature': signature }) },
      ...(method !== 'GET' && { body }),
    });
    const text = await response.text();
    const milliseconds = performance.now() - started;
    const content = JSON.parse(text) as Record<string, unknown>;
    return { status: response.status, content, headers: response.headers, milliseconds };
  }
}
