import type { Page, Route } from 'playwright-core';
import { LANGUAGES } from '../../examples/moderated-chat/languages';

/** What Momento's HTTP API answers, as far as the page sees it. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly body: string;
}

/** A message of a topic, as long polling answers with it. */
export function polled(number: number, value: unknown): object {
  return { item: { topic_sequence_number: number, sequence_page: 1, value } };
}

/** The answer to a poll. */
export function items(...all: readonly object[]): ScriptedAnswer {
  return { body: JSON.stringify({ items: all }) };
}

/**
 * Momento's topics and the function that gives tokens, as one page sees them: each answers what it is told to, in turn. It can
 * answer what the local Momento never would. A poll without an answer hangs, as one does that waits for a message.
 */
export class ScriptedMomento {
  /** The bodies of what was published. */
  public readonly published: string[] = [];
  /** The tokens of the polls and publications. */
  public readonly tokensUsed: string[] = [];
  public polls = 0;
  public tokenRequests = 0;
  /** What polls of the topic are answered next. */
  public readonly answers: ScriptedAnswer[] = [];
  /** What publications are answered; the default is that all are accepted. */
  public publish: (route: Route) => Promise<void> = (route) => route.fulfill({ status: 204 });
  /** The languages that tokens can read. */
  public readable: readonly string[] = LANGUAGES.map(({ name }) => name);
  /** What the function that gives tokens answers; the default is `token-1` and so on, for ten minutes. */
  public token: (route: Route) => Promise<void> = (route) =>
    route.fulfill({
      json: {
        token: `token-${this.tokenRequests.toString()}`,
        expiresAt: Math.floor(Date.now() / 1000) + 600,
        languages: this.readable,
      },
    });
  /** What the item with the last messages of a language is answered; the default is that there is none. */
  public history: (route: Route) => Promise<void> = (route) => route.fulfill({ status: 404 });
  public historyReads = 0;
  private readonly waiting: Route[] = [];

  /** What the page is told of it. */
  public static config(origin: string, languages: readonly object[] = LANGUAGES.slice(0, 1)): Record<string, unknown> {
    return {
      cache: 'chat',
      languages,
      momento: new URL('momento', origin).href,
      publish: 'friends-publish',
      subscribe: 'friends-subscribe-',
      tokens: new URL('tokens', origin).href,
    };
  }

  /** Takes over what the page asks its services for. */
  public async attach(page: Page): Promise<void> {
    await page.route('**/tokens', (route) => {
      this.tokenRequests += 1;
      return this.token(route);
    });
    await page.route('**/momento/cache/**', (route) => {
      this.historyReads += 1;
      return this.history(route);
    });
    await page.route('**/momento/topics/**', async (route) => {
      const request = route.request();
      this.tokensUsed.push((await request.headerValue('authorization')) ?? '');
      if (request.method() === 'POST') {
        this.published.push(request.postData() ?? '');
        await this.publish(route);
        return;
      }
      this.polls += 1;
      this.waiting.push(route);
      await this.answerNext();
    });
  }

  /** Answers the polls that wait or come next. */
  public async answer(...answers: readonly ScriptedAnswer[]): Promise<void> {
    this.answers.push(...answers);
    await this.answerNext();
  }

  private async answerNext(): Promise<void> {
    const [route, answer] = [this.waiting[0], this.answers[0]];
    if (!route || !answer) return;
    this.waiting.shift();
    this.answers.shift();
    await route.fulfill({ status: answer.status ?? 200, body: answer.body, contentType: 'application/json' });
  }
}
