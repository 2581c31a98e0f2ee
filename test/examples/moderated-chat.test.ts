import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import { App, Duration } from 'aws-cdk-lib';
import type { Browser, Locator, Page } from 'playwright-core';
import { CACHE, instructions, LocalModeratedChat } from '../../tools/run-example/moderated-chat/run';
import { type Language, LANGUAGES } from '../../examples/moderated-chat/languages';
import { ModeratedChatStack, type ModeratedChatStackProps } from '../../examples/moderated-chat/moderated-chat-stack';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { IRELAND } from '../constructs/in-stack';
import { startChromium } from './chromium';
import { checkDeployedPage } from './deployed-page';
import { distribution } from './distribution';
import { Subscriber } from '../../tools/local-momento/subscriber';
import { until } from '../../tools/common/until';
import { commandsOf, filledIn, secretAsCreated } from './readme';
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
  readonly original?: string;
  readonly masked: boolean;
  readonly publishedAt: number;
  readonly sequence: number;
}

interface Admission {
  readonly token: string;
  readonly expiresAt: number;
  readonly languages: readonly string[];
}

const MESSAGES = Number(process.env.MESSAGES ?? 200);
const USERS = 50;
/** Messages on their way at the same time: the functions are processes of this machine, one for each. */
const AT_ONCE = 5;
/** How many messages who comes late sees. */
const KEPT = 100;
/** The access code for all languages. */
const CODE = 'a code that somebody has paid for';
/** English with a chain of two steps after translation, and Japanese for those who have the code. */
const CHAT_LANGUAGES: readonly Language[] = LANGUAGES.map((language) => ({
  ...language,
  ...(language.name === 'english' && { moderation: ['profanity', { toxicity: 0.5 }] as const }),
  ...(language.name === 'japanese' && { needsCode: true }),
}));
const TOKENS_PER_MINUTE = 100;

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
    // name. DDB3: positions in topics, the last messages and counts of a minute are out of date in seconds or hours, so a backup
    // of them is worth nothing. SMG4: Momento makes the signing secret, so AWS cannot rotate it. SQS3: a queue of what EventBridge
    // could not deliver is the end of the line.
    const always = ['AwsSolutions-DDB3', 'AwsSolutions-IAM4', 'AwsSolutions-IAM5'];
    for (const [source, found] of [
      ['subscription', [...always, 'AwsSolutions-SQS3']],
      ['webhook', [...always, 'AwsSolutions-SMG4', 'AwsSolutions-SQS3']],
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
    chat = await LocalModeratedChat.start(
      {
        ...{ retryAfter: Duration.seconds(10), attempts: 3, toxicityThreshold: 0.5, languages: CHAT_LANGUAGES },
        ...{ accessCodesSecretName: 'access-codes', tokensPerMinute: TOKENS_PER_MINUTE },
      },
      { 'access-codes': JSON.stringify({ [CODE]: ['japanese'] }) },
    );
  });
  after(() => chat.stop());
  afterEach(() => {
    for (const subscriber of subscribers.values()) subscriber.stop();
    subscribers = new Map();
    chat.languages.failure = () => undefined;
    chat.languages.toxicityFailure = () => undefined;
  });

  /** Asks for a token from an address of this machine, all of which begin with 127. */
  const ask = async (body: object, localAddress = '127.0.0.1'): Promise<{ status: number; answer: unknown }> => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, localAddress };
    const asked = request(chat.config.tokens, options).end(JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, answer: JSON.parse(await text(response)) };
  };
  const tokenFor = async (name: string, code: string | undefined = CODE): Promise<Admission> => {
    const { status, answer } = await ask({ name, code });
    assert.equal(status, 200);
    return answer as Admission;
  };
  const tokenOf = async (name: string): Promise<string> => (await tokenFor(name)).token;
  const publish = async (token: string, text: string, topic = chat.config.publish): Promise<number> => {
    const headers = { authorization: token, 'content-type': 'text/plain' };
    const url = `${chat.momento.endpoint}/topics/${CACHE}/${topic}`;
    return (await fetch(url, { method: 'POST', headers, body: text })).status;
  };
  /** What is answered to who reads an item of the cache. */
  const reading = async (token: string, key: string): Promise<number> => {
    const url = `${chat.momento.endpoint}/cache/${CACHE}?key=${encodeURIComponent(key)}`;
    return (await fetch(url, { headers: { authorization: token } })).status;
  };
  /** The messages that are kept for who comes late. */
  const kept = async (language: string): Promise<ChatMessage[]> =>
    JSON.parse((await chat.momento.item(CACHE, topicOf(language)))?.toString() ?? '[]') as ChatMessage[];
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

  test('has a page, which may connect to Momento and the function for tokens only', async () => {
    await checkDeployedPage('moderated-chat', chat.aws, chat.outputs, ['momento', 'tokens']);
  });

  test('has a README whose command stores the key where the stack looks for it', async () => {
    const [createSecret, ...more] = commandsOf('moderated-chat').inSentences;
    assert.deepEqual(more, []);
    const created = await secretAsCreated(chat.aws, filledIn(createSecret, { '<key>': 'a-key' }), 'momento-api-key');
    assert.equal(created, 'a-key');
  });

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
    assert.deepEqual([english?.original, japanese?.original], [undefined, 'Good morning, my friends!']);
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

  test('moderates a translation by the steps of its language, and no other language by them', async () => {
    const token = await tokenOf('Ben');
    await subscribe(token);
    // It means something like "nonsense", and its translation is profane.
    await publish(token, 'Pamplinas');
    const { english, spanish } = await shownEverywhere(1);
    assert.match(english?.text ?? '', /^B\*+$/);
    assert.deepEqual([english?.masked, english?.original], [true, undefined]);
    assert.deepEqual([spanish?.text, spanish?.masked], ['Pamplinas', false]);
  });

  test('gives a token that lets its owner do nothing but take part, for ten minutes', async () => {
    const { token, expiresAt } = await tokenFor('Cleo');
    assert.ok(expiresAt * 1000 <= Date.now() + 600_000);
    assert.equal(await publish(token, 'Hello', topicOf('english')), 403);
    assert.equal(await reading(token, 'k'), 403);
  });

  test('gives a token for the languages of the plan, and refuses a code that is not valid', async () => {
    const { token, languages } = await tokenFor('Cleo', '');
    assert.deepEqual(languages, ['english', 'spanish']);
    assert.equal(await reading(token, topicOf('japanese')), 403);
    assert.notEqual(await reading(token, topicOf('english')), 403);
    const url = `${chat.momento.endpoint}/topics/${CACHE}/${topicOf('japanese')}?sequence_number=1&sequence_page=0`;
    assert.equal((await fetch(url, { headers: { authorization: token } })).status, 403);
    assert.deepEqual((await tokenFor('Cleo')).languages, ['english', 'spanish', 'japanese']);
    assert.equal((await ask({ name: 'Cleo', code: 'guessed' })).status, 403);
  });

  test('limits how often an address may ask for a token, and no other address by it', async () => {
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length <= 2 * TOKENS_PER_MINUTE) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ name: 'Eve' }, '127.0.0.7')));
      statuses.push(...answers.map(({ status }) => status).sort());
    }
    assert.deepEqual([...new Set(statuses)], [200, 429]);
    assert.ok(statuses.filter((status) => status === 200).length >= TOKENS_PER_MINUTE);
    assert.equal((await ask({ name: 'Eve' }, '127.0.0.8')).status, 200);
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

      const inOrder = [...messages.values()].sort((a, b) => a.publishedAt - b.publishedAt || a.sequence - b.sequence);
      const last = inOrder.slice(-KEPT).map(({ id }) => id);
      const keptIds = async () => (await kept(language)).map(({ id }) => id);
      const isKept = async () => ((await keptIds()).join() === last.join() ? true : undefined);
      await until(`the last messages in ${language}`, isKept, { timeoutMs: 60_000 });
    }
  });

  test('delivers or dead-letters every message while one language’s translation fails and another’s moderation, and delays no other', async () => {
    // Of each 10 Japanese translations, one fails whatever is tried, and one until it is tried again.
    const failed = new Set<string>();
    chat.languages.failure = ({ Text: text, TargetLanguageCode: target }) => {
      const number = Number(/\d+/.exec(text)?.[0]);
      if (target !== 'ja' || number % 10 > 1 || (number % 10 === 1 && failed.has(text))) return undefined;
      failed.add(text);
      return { status: 400, code: 'UnsupportedLanguagePairException' };
    };
    // What is translated into English is not moderated for as long as the others need for all messages.
    let isModerated = false;
    chat.languages.toxicityFailure = (text) =>
      isModerated || !text.startsWith('Hello') ? undefined : { status: 400, code: 'InvalidRequestException' };
    const token = await tokenOf('Dora');
    await subscribe(token);
    const count = 40;
    for (let number = 0; number < count; number++) {
      await publish(token, `Hola ${number.toString()}`);
      await shown('spanish', number + 1 - AT_ONCE);
    }
    const numbersIn = (messages: readonly { text: string }[]) =>
      [...new Set(messages.map(({ text }) => Number(/\d+/.exec(text)?.[0])))].sort((a, b) => a - b);
    const all = Array.from({ length: count }, (_, number) => number);
    assert.deepEqual(numbersIn(await shown('spanish', count)), all);
    assert.deepEqual(received('english'), []);
    isModerated = true;

    const dead = all.filter((number) => number % 10 === 0);
    await shown('japanese', count - dead.length);
    assert.deepEqual(
      numbersIn(received('japanese')),
      all.filter((number) => !dead.includes(number)),
    );
    const letters = await chat.aws.receive(chat.outputs.get('JapaneseDeadLettersUrl'), dead.length, 90_000);
    const details = letters.map(({ Body: body = '' }) => (JSON.parse(body) as { detail: { text: string } }).detail);
    assert.deepEqual(numbersIn(details), dead);

    const englishLetters = async () =>
      (await chat.aws.bodiesIn(chat.outputs.get('EnglishModeration2DeadLettersUrl'))).map(
        (body) => (JSON.parse(body) as { detail: { message: ChatMessage } }).detail.message,
      );
    const numbers = await until(
      'every message in English, or its dead letter',
      async () => {
        const found = numbersIn([...received('english'), ...(await englishLetters())]);
        return found.length === count ? found : undefined;
      },
      { timeoutMs: 90_000, everyMs: 100 },
    );
    assert.deepEqual(numbers, all);
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
      await page.getByLabel('Access code').fill(CODE);
      await page.getByRole('button', { name: 'Join' }).click();
      for (const { name: language } of chat.config.languages)
        await page.locator(`[data-language=${language}][data-state=connected]`).waitFor();
    };
    const say = async (language: string, text: string): Promise<void> => {
      await pane(language).locator('.composer input').fill(text);
      await pane(language).locator('.composer button').click();
    };

    test('shows the last messages to who comes late, and again after a reload', async () => {
      for (const { name } of chat.config.languages) {
        const published = await chat.momento.messages(CACHE, topicOf(name));
        const messages = published.map(({ value }) => JSON.parse(value.toString()) as ChatMessage);
        const inOrder = [...new Map(messages.map((message) => [message.id, message])).values()].sort(
          (one, other) => one.publishedAt - other.publishedAt || one.sequence - other.sequence,
        );
        const last = inOrder.slice(-KEPT).map(({ id }) => id);
        const areKept = async () => (await kept(name)).map(({ id }) => id).join() === last.join() || undefined;
        await until(`the last messages in ${name} to be kept`, areKept, { timeoutMs: 60_000, everyMs: 100 });
      }
      await enter('Late');
      for (let visit = 0; visit < 2; visit += 1) {
        for (const { name } of chat.config.languages) {
          const isShown = async () => {
            const last = (await kept(name)).map(({ text }) => text);
            const texts = await pane(name).locator('.message .text:not(.original)').allTextContents();
            return last.length === KEPT && texts.join('\n') === last.join('\n') ? true : undefined;
          };
          await until(`the last messages in ${name}`, isShown, { timeoutMs: 30_000, everyMs: 100 });
        }
        await page.reload();
      }
    });

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
        await pane(name)
          .locator('.text:not(.original)', { hasText: /s\*\*\*/ })
          .waitFor();
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
      await chat.restartMomento();
      await pane('english').getByText('Connected').waitFor();
      await pane('english').getByRole('button', { name: 'Retry' }).click();
      await pane('spanish').getByText('Hola', { exact: true }).last().waitFor();
      await pane('spanish').getByText('Aquí pueden faltar mensajes').waitFor();
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
