import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { App, Duration } from 'aws-cdk-lib';
import type { Browser, Locator, Page } from 'playwright-core';
import { CACHE, instructions, LocalModeratedChat } from '../../tools/run-example/moderated-chat/run';
import { ModeratedChatStack, type ModeratedChatStackProps } from '../../examples/moderated-chat/moderated-chat-stack';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { IRELAND } from '../constructs/in-stack';
import { startChromium } from './chromium';
import { distribution } from './distribution';
import { Subscriber } from '../../tools/local-momento/subscriber';
import { until } from '../../tools/common/until';
import { checkSnapshot } from './template-snapshot';
import { UNBUILT_FUNCTIONS } from './unbuilt-functions';
import { withUnbuiltHandlers } from './unbuilt-handlers';

/** What subscribers of a language get. */
interface ChatMessage {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly language: string;
  readonly originalLanguage: string;
  readonly masked: boolean;
}

const MESSAGES = Number(process.env.MESSAGES ?? 200);
const USERS = 50;
/** Messages on their way at the same time: the functions are processes of this machine, one for each. */
const AT_ONCE = 5;

describe('the template of the example moderated-chat', () => {
  const stack = (props?: ModeratedChatStackProps) =>
    withUnbuiltHandlers(
      () => new ModeratedChatStack(new App(), 'Chat', { ...IRELAND, functions: UNBUILT_FUNCTIONS, ...props }),
    );

  test('is what it was', () => {
    checkSnapshot('moderated-chat', stack());
    checkSnapshot('moderated-chat-by-webhook', stack({ source: 'webhook' }));
  });

  test('gives cfn-lint nothing to find, and cdk-nag what can be explained', () => {
    // IAM4: the functions write their logs as AWS's own policy allows. IAM5: Translate and Comprehend have no resources to
    // name. DDB3: positions in topics are out of date in seconds, so a backup of them is worth nothing. SMG4: Momento makes the
    // signing secret, so AWS cannot rotate it.
    for (const [source, found] of [
      ['subscription', ['AwsSolutions-DDB3', 'AwsSolutions-IAM4', 'AwsSolutions-IAM5']],
      ['webhook', ['AwsSolutions-IAM4', 'AwsSolutions-IAM5', 'AwsSolutions-SMG4']],
    ] as const) {
      const props = { source, toxicityThreshold: 0.5 };
      lint(stack(props));
      const rules = findings(stack(props)).map((finding) => finding.split(' ')[0]);
      assert.deepEqual([...new Set(rules)], found);
    }
  });
});

describe('the example moderated-chat, deployed', () => {
  let chat: LocalModeratedChat;
  let subscribers = new Map<string, Subscriber>();
  before(async () => {
    chat = await LocalModeratedChat.start({ retryAfter: Duration.seconds(10), toxicityThreshold: 0.5 });
  });
  after(() => chat.stop());
  afterEach(() => {
    for (const subscriber of subscribers.values()) subscriber.stop();
    subscribers = new Map();
    chat.languages.failure = () => undefined;
  });

  const tokenFor = async (name: string): Promise<{ token: string; expiresAt: number }> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(chat.config.tokens, { method: 'POST', headers, body: JSON.stringify({ name }) });
    assert.equal(answer.status, 200);
    return (await answer.json()) as { token: string; expiresAt: number };
  };
  const tokenOf = async (name: string): Promise<string> => (await tokenFor(name)).token;
  const publish = async (token: string, text: string, topic = chat.config.publish): Promise<number> => {
    const headers = { authorization: token, 'content-type': 'text/plain' };
    const url = `${chat.momento.endpoint}/topics/${CACHE}/${topic}`;
    return (await fetch(url, { method: 'POST', headers, body: text })).status;
  };
  const topicOf = (language: string) => chat.config.subscribe + language;
  const subscribe = async (token: string): Promise<void> => {
    for (const { name } of chat.config.languages) {
      subscribers.set(name, new Subscriber(chat.momento.endpoint, token, CACHE, topicOf(name)));
      await until(`a subscriber of ${name}`, async () =>
        (await chat.momento.waitingSubscribers(CACHE, topicOf(name))) > 0 ? true : undefined,
      );
    }
  };
  const received = (language: string): ChatMessage[] =>
    (subscribers.get(language)?.received ?? []).map(({ text }) => JSON.parse(text) as ChatMessage);
  const shown = async (language: string, count: number): Promise<ChatMessage[]> => {
    await subscribers.get(language)?.first(count, 60_000);
    return received(language);
  };
  /** The message of that number, in every language: none is on its way any more, to be taken for one of the next test. */
  const shownEverywhere = async (number: number): Promise<Record<string, ChatMessage | undefined>> => {
    const messages: Record<string, ChatMessage | undefined> = {};
    for (const language of subscribers.keys()) messages[language] = (await shown(language, number))[number - 1];
    return messages;
  };

  test('shows a message in every language, with its author, in whichever language it was written', async () => {
    const token = await tokenOf('Ada');
    await subscribe(token);
    assert.equal(await publish(token, 'Good morning, my friends!'), 204);
    const { english, spanish, japanese } = await shownEverywhere(1);
    assert.deepEqual(
      [english?.text, spanish?.text, japanese?.text],
      ['Good morning, my friends!', 'Buenos días, amigos míos!', 'おはようございます, 友よ!'],
    );
    assert.deepEqual([japanese?.author, japanese?.originalLanguage, japanese?.masked], ['Ada', 'en', false]);
    assert.deepEqual([spanish?.id, japanese?.id], [english?.id, english?.id]);

    await publish(token, 'Gracias, hasta mañana');
    assert.equal((await shownEverywhere(2)).english?.text, 'Thank you, see you tomorrow');
  });

  test('masks profanity before it is translated, and what is toxic as a whole', async () => {
    const token = await tokenOf('Ben');
    await subscribe(token);
    await publish(token, 'What a sh1t day');
    const { english, spanish } = await shownEverywhere(1);
    assert.deepEqual([english?.text, spanish?.text], ['What a s*** day', 'Qué s*** día']);
    await publish(token, 'You are worthless!');
    const toxic = (await shownEverywhere(2)).english;
    assert.deepEqual([toxic?.text, toxic?.masked], ['*** *** *********!', true]);
  });

  test('gives a token that lets its owner do nothing but take part, for ten minutes', async () => {
    const { token, expiresAt } = await tokenFor('Cleo');
    assert.ok(expiresAt * 1000 <= Date.now() + 600_000);
    assert.equal(await publish(token, 'Hello', topicOf('english')), 403);
    const item = await fetch(`${chat.momento.endpoint}/cache/${CACHE}?key=k`, { headers: { authorization: token } });
    assert.equal(item.status, 403);
  });

  test(`shows ${MESSAGES.toString()} messages of ${USERS.toString()} users in every language, masked where they must be`, async () => {
    const tokens: string[] = [];
    for (let user = 0; user < USERS; user++) tokens.push(await tokenOf(`User ${user.toString()}`));
    await subscribe(tokens[0] ?? '');
    const published = new Map<string, number>();
    const languages = [...subscribers.keys()];
    for (let number = 0; number < MESSAGES; number++) {
      const text = `${number % 5 === 0 ? 'Shit! ' : ''}Hello, my friends ${number.toString()}`;
      published.set(number.toString(), performance.now());
      await publish(tokens[number % USERS] ?? '', text);
      for (const language of languages) await shown(language, published.size - AT_ONCE);
    }
    for (const language of languages) {
      await shown(language, MESSAGES);
      const messages = new Map(received(language).map((message) => [message.id, message]));
      assert.equal(messages.size, MESSAGES, language);
      for (const { text, author, masked } of messages.values()) {
        const number = Number(/\d+/.exec(text)?.[0]);
        assert.equal(author, `User ${(number % USERS).toString()}`);
        assert.equal(masked, number % 5 === 0);
        assert.ok(!/shit/i.test(text), text);
      }
      const arrivals = subscribers.get(language)?.received ?? [];
      const latencies = arrivals.map(({ text, at }) => {
        const [number = ''] = /\d+/.exec((JSON.parse(text) as ChatMessage).text) ?? [];
        return at - (published.get(number) ?? NaN);
      });
      const copies = arrivals.length - MESSAGES;
      console.log(`${language}, ms: ${distribution(latencies)}; ${copies.toString()} copies`);
    }
  });

  test('delivers or dead-letters every message while the translation into one language fails, and delays no other', async () => {
    // Of each 10 Japanese translations, one fails whatever is tried, and one until it is tried again.
    const failed = new Set<string>();
    chat.languages.failure = ({ Text: text, TargetLanguageCode: target }) => {
      const number = Number(/\d+/.exec(text)?.[0]);
      if (target !== 'ja' || number % 10 > 1 || (number % 10 === 1 && failed.has(text))) return undefined;
      failed.add(text);
      return { status: 400, code: 'UnsupportedLanguagePairException' };
    };
    const token = await tokenOf('Dora');
    await subscribe(token);
    const count = 40;
    for (let number = 0; number < count; number++) {
      await publish(token, `Hello ${number.toString()}`);
      for (const language of ['english', 'spanish']) await shown(language, number + 1 - AT_ONCE);
    }
    const numbersIn = (messages: readonly { text: string }[]) =>
      [...new Set(messages.map(({ text }) => Number(/\d+/.exec(text)?.[0])))].sort((a, b) => a - b);
    const all = Array.from({ length: count }, (_, number) => number);
    for (const language of ['english', 'spanish']) {
      assert.deepEqual(numbersIn(await shown(language, count)), all, language);
    }
    const dead = all.filter((number) => number % 10 === 0);
    await shown('japanese', count - dead.length);
    assert.deepEqual(
      numbersIn(received('japanese')),
      all.filter((number) => !dead.includes(number)),
    );
    const letters = await chat.aws.receive(chat.outputs.get('JapaneseDeadLettersUrl'), dead.length, 90_000);
    const details = letters.map(({ Body: body = '' }) => (JSON.parse(body) as { detail: { text: string } }).detail);
    assert.deepEqual(numbersIn(details), dead);
  });

  describe('its page', () => {
    let browser: Browser;
    let page: Page;
    before(async () => {
      browser = await startChromium();
    });
    after(() => browser.close());
    afterEach(() => page.close());

    const pane = (language: string): Locator => page.locator(`[data-language=${language}]`);
    const enter = async (name: string): Promise<void> => {
      page = await browser.newPage({ viewport: { width: 1200, height: 640 } });
      await page.goto(/http:\S+/.exec(instructions(chat))?.[0] ?? '');
      await page.getByLabel('Your name').fill(name);
      await page.getByRole('button', { name: 'Join' }).click();
      for (const { name: language } of chat.config.languages) await pane(language).getByText('Connected').waitFor();
    };
    const say = async (language: string, text: string): Promise<void> => {
      await pane(language).getByPlaceholder('Say something').fill(text);
      await pane(language).getByRole('button', { name: 'Send' }).click();
    };

    test('shows what is written in one language in all the others, and masks what must not be shown', async () => {
      await enter('Ada');
      await say('english', 'Good morning, my friends!');
      await pane('english').getByText('Good morning, my friends!').waitFor();
      await pane('spanish').getByText('Buenos días, amigos míos!').waitFor();
      await pane('japanese').getByText('おはようございます, 友よ!').waitFor();
      await say('japanese', 'ありがとう');
      await pane('english').getByText('Thank you').waitFor();
      await say('spanish', 'What a sh1t day');
      for (const { name } of chat.config.languages) {
        await pane(name).getByText('s***').waitFor();
        assert.equal(await pane(name).getByText('sh1t').count(), 0);
      }
      if (process.env.SCREENSHOT) {
        const path = join(__dirname, '../../examples/moderated-chat/screenshot.png');
        await page.screenshot({ path, animations: 'disabled' });
      }
    });

    test('says that it reconnects while Momento is away, and that messages may be missing when it is back', async () => {
      await enter('Ada');
      await chat.momento.stop();
      await pane('english').getByText('Reconnecting').waitFor();
      await say('english', 'Hello');
      await pane('english').getByText('Not sent').waitFor();
      assert.equal(await pane('english').getByPlaceholder('Say something').inputValue(), 'Hello');
      await chat.restartMomento();
      await pane('english').getByText('Connected').waitFor();
      await say('english', 'Hello');
      await pane('spanish').getByText('Hola').waitFor();
      await pane('spanish').getByText('Messages may be missing here').waitFor();
    });

    test('says why a user cannot join', async () => {
      page = await browser.newPage();
      await page.goto(chat.url);
      await page.getByLabel('Your name').fill('<b>');
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByText('You cannot join: A name has 1 to 16 characters').waitFor();
    });
  });
});
