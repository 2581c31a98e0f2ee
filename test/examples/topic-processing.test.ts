import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DeleteTableCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { App } from 'aws-cdk-lib';
import { CACHE, instructions, LocalTopicProcessing } from '../../tools/run-example/topic-processing/run';
import {
  TopicProcessingStack,
  type TopicProcessingStackProps,
} from '../../examples/topic-processing/topic-processing-stack';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { IRELAND } from '../constructs/in-stack';
import { distribution } from './distribution';
import { Subscriber } from '../../tools/local-momento/subscriber';
import { until } from '../../tools/common/until';
import { commandsOf, filledIn, secretAsCreated } from './readme';
import { blocksOf, paste, Typed } from './typed';
import { UNBUILT_FUNCTIONS } from './unbuilt-functions';
import { checkSnapshot } from './template-snapshot';
import { withUnbuiltHandlers } from './unbuilt-handlers';

describe('the template of the example topic-processing', () => {
  const stack = (props?: TopicProcessingStackProps) =>
    withUnbuiltHandlers(() => {
      const functions = UNBUILT_FUNCTIONS;
      return new TopicProcessingStack(new App(), 'TopicProcessing', { ...IRELAND, functions, ...props });
    });

  test('is what it was', () => {
    checkSnapshot('topic-processing', stack());
    checkSnapshot('topic-processing-by-webhook', stack({ source: 'webhook' }));
  });

  test('gives cfn-lint nothing to find, and cdk-nag what can be explained', () => {
    // Its function writes its log as AWS's own policy allows: an example is to be short.
    const log = 'AwsSolutions-IAM4 /TopicProcessing/Processor/ServiceRole/Resource';
    // Positions in topics are out of date in seconds, so a backup of them is worth nothing.
    const table = 'AwsSolutions-DDB3 /TopicProcessing/FromMomento/CheckpointTable/Resource';
    // Momento makes the signing secret, so AWS cannot rotate it.
    const secret = 'AwsSolutions-SMG4 /TopicProcessing/FromMomento/SigningSecret/Resource';
    // Their failures are dead letters, or executions that can be looked into and redriven.
    const stateMachines = ['SF1', 'SF2'].flatMap((rule) =>
      ['Counts', 'FollowUp', 'Saved'].map((id) => `AwsSolutions-${rule} /TopicProcessing/${id}/StateMachine/Resource`),
    );
    for (const [source, found] of [
      ['subscription', [table, log, ...stateMachines]],
      ['webhook', [log, ...stateMachines, secret]],
    ] as const) {
      lint(stack({ source }));
      assert.deepEqual(findings(stack({ source })), [...found].sort());
    }
  });

  test('is rejected where a message would be followed up forever', () => {
    assert.throws(() => stack({ inputTopic: 'topic4' }), /Both topics are topic4/);
  });
});

/** The local AWS runs each of hundreds of executions as a thread. */
const PATIENT = { timeoutMs: 60_000 };

for (const source of ['subscription', 'webhook'] as const) {
  describe(`the example topic-processing, deployed, by ${source}`, () => {
    let example: LocalTopicProcessing;
    before(async () => {
      example = await LocalTopicProcessing.start(source);
    });
    after(() => example.stop());

    const publish = async (topic: string, text: string): Promise<void> => {
      const { endpoint, apiKey } = example.momento;
      const response = await fetch(`${endpoint}/topics/${CACHE}/${topic}`, {
        method: 'POST',
        headers: { authorization: apiKey, 'content-type': 'text/plain' },
        body: text,
      });
      assert.equal(response.status, 204);
    };
    const subscribe = async (topic: string): Promise<Subscriber> => {
      const { endpoint, apiKey } = example.momento;
      const subscriber = new Subscriber(endpoint, apiKey, CACHE, topic);
      await until(`a subscriber of ${topic}`, async () =>
        (await example.momento.waitingSubscribers(CACHE, topic)) > 0 ? true : undefined,
      );
      return subscriber;
    };
    /** What came before a last message that is published when all that is expected is there: a copy would be among it. */
    const textsBeforeTheEnd = async ({ received }: Subscriber): Promise<string[]> => {
      await publish('topic1', 'the end');
      await until('the last message', () =>
        Promise.resolve(received.some(({ text }) => text === 'THE END') ? true : undefined),
      );
      const texts = received.map(({ text }) => text);
      return texts.slice(0, texts.indexOf('THE END')).sort();
    };
    /** The messages of a topic that are saved, in the order of their keys. */
    const saved = async (topic: string): Promise<string[]> => {
      const items = await itemsOf(example.output('SavedTable'), topic);
      return items.map(({ Detail }) => (JSON.parse(Detail?.S ?? '') as { text: string }).text);
    };
    const counted = async (topic: string): Promise<number> => {
      const items = await itemsOf(example.output('CountsTable'), topic);
      return Number(items.find(({ Message }) => Message?.S === 'total')?.Messages?.N ?? 0);
    };
    const itemsOf = async (TableName: string, topic: string) => {
      const { Items: items = [] } = await example.dynamoDb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'Topic = :topic',
          ExpressionAttributeValues: { ':topic': { S: `${CACHE}#${topic}` } },
        }),
      );
      return items;
    };
    const followedUp = async (): Promise<string[]> =>
      (await example.momento.messages(CACHE, 'topic4')).map(({ value }) => value.toString());
    const texts = Array.from({ length: 100 }, (_, number) => `message ${number.toString()} "à la carte" 日本`);

    test('gives subscribers of topics 2 and 3 each message of topic 1 once, processed', async () => {
      const [upperCase, words] = [await subscribe('topic2'), await subscribe('topic3')];
      try {
        const published = new Map<string, number>();
        for (const text of texts) {
          published.set(text.toUpperCase(), performance.now());
          await publish('topic1', text);
          // Momento posted 5 messages a second to a webhook at most.
          await upperCase.first(published.size - 5);
        }
        await upperCase.first(texts.length);
        const latencies = upperCase.received.map(({ text, at }) => at - (published.get(text) ?? NaN));
        assert.deepEqual(await textsBeforeTheEnd(upperCase), [...published.keys()].sort());
        const counts = (await words.first(texts.length + 1)).map(({ text }) => text);
        assert.deepEqual(counts.sort(), ['2 words', ...texts.map(() => '6 words')]);
        console.log(`publish to subscriber, ${texts.length.toString()} messages, ms: ${distribution(latencies)}`);
      } finally {
        upperCase.stop();
        words.stop();
      }
    });

    test('saves these messages, in the order of publication', async () => {
      await until('all messages', async () => (await saved('topic1')).length > texts.length || undefined, PATIENT);
      assert.deepEqual(await saved('topic1'), [...texts, 'the end']);
    });

    test('counts these messages, and by webhook those of the other topics too', async () => {
      const expected = texts.length + 1;
      const topics = source === 'webhook' ? ['topic1', 'topic2', 'topic3'] : ['topic1'];
      for (const topic of topics) {
        await until(`the count of ${topic}`, async () => (await counted(topic)) >= expected || undefined, PATIENT);
        assert.equal(await counted(topic), expected);
      }
    });

    test('follows each of them up once', async () => {
      const all = await until(
        'all follow-ups',
        async () => {
          const followUps = await followedUp();
          return followUps.length > texts.length ? followUps : undefined;
        },
        PATIENT,
      );
      assert.deepEqual(all.sort(), [...texts, 'the end'].map((text) => `Following up: ${text}`).sort());
    });

    test('prints commands that do what it says of them, each block pasted as it is', async () => {
      const [subscription, publication, sdkSubscription, sdkPublication, savedItems, count, ...more] = blocksOf(
        instructions(example),
      );
      assert.deepEqual(more, []);
      const waiting = new Typed(subscription ?? '');
      await until('the subscriber', async () =>
        (await example.momento.waitingSubscribers(CACHE, 'topic2')) > 0 ? true : undefined,
      );
      await paste(publication);
      assert.match(await waiting.output(), /"HELLO"/);

      const subscriber = new Typed(sdkSubscription ?? '');
      try {
        await subscriber.until(/subscribed to topic4/);
        await paste(sdkPublication);
        await subscriber.until(/Following up: hello again\n/);
      } finally {
        await subscriber.interrupt();
      }

      await until('both messages', async () => ((await saved('topic1')).at(-1) === 'hello again' ? true : undefined));
      assert.match(await paste(savedItems), /hello again/);
      const total = texts.length + 3;
      await until('the count', async () => ((await counted('topic1')) === total ? true : undefined));
      assert.match(await paste(count), new RegExp(`"Messages": ?\\{"N": ?"${total.toString()}"`));
    });

    test('has a README whose commands do what it says of them, each typed as it is', async () => {
      const { blocks, inSentences } = commandsOf('topic-processing');
      const [[subscription, publication, ...moreBlocks], [createSecret, ...more]] = [blocks, inSentences];
      assert.deepEqual([moreBlocks, more], [[], []]);
      const directory = 'examples/momento-clients';
      const environment = { MOMENTO_LOCAL: new URL(example.momento.endpoint).host };
      const subscriber = new Typed(subscription ?? '', { directory, environment });
      try {
        await subscriber.until(/subscribed to topic2/);
        await paste(publication, { directory, environment });
        await subscriber.until(/HERE I AM!!\n/);
      } finally {
        await subscriber.interrupt();
      }
      const created = await secretAsCreated(
        example.aws,
        filledIn(createSecret, { '<key>': 'a-key' }),
        'momento-api-key',
      );
      assert.equal(created, 'a-key');
    });

    test('leaves what is published to topic 2 alone, though a webhook brings it too', async () => {
      const subscriber = await subscribe('topic2');
      try {
        await publish('topic2', 'not again');
        await subscriber.first(1);
        assert.deepEqual(await textsBeforeTheEnd(subscriber), ['not again']);
        const deliveries = await example.momento.webhookDeliveries();
        const isBrought = deliveries.some(({ topic, status }) => topic === 'topic2' && status === 200);
        assert.equal(isBrought, source === 'webhook');
      } finally {
        subscriber.stop();
      }
    });

    /** Puts events of one message on the bus, as a retry or a subscription that resumes may. */
    const putCopies = async (count: number, message: object) => {
      const detail = { cache: CACHE, topic: 'topic1', event_timestamp: 1, topic_sequence_number: 7000, ...message };
      const Entries = Array.from({ length: count }, (_, copy) => ({
        Source: 'Momento',
        DetailType: `${CACHE}#topic1`,
        Detail: JSON.stringify({ publish_timestamp: 1, ...detail, ...(source === 'webhook' ? {} : resumed(copy)) }),
      }));
      const { FailedEntryCount } = await example.aws.clients.events.send(new PutEventsCommand({ Entries }));
      assert.equal(FailedEntryCount, 0);
    };
    /** The same message has another time when it comes again by subscription. */
    const resumed = (copy: number) => ({ topic_sequence_page: 5, publish_timestamp: copy });

    test('saves, counts and follows up once what is on the bus three times', async () => {
      const machines = await stateMachines(example);
      assert.equal(machines.length, 3);
      /** How many executions each has had, once none of them runs. */
      const ended = async (atLeast?: readonly number[]) =>
        until(
          'the end of all executions',
          async () => {
            const statuses = await Promise.all(machines.map((machine) => executions(example, machine)));
            assert.deepEqual(new Set(statuses.flat().filter((status) => status !== 'RUNNING')), new Set(['SUCCEEDED']));
            if (statuses.flat().includes('RUNNING')) return undefined;
            const counts = statuses.map(({ length }) => length);
            return counts.every((count, index) => count >= (atLeast?.[index] ?? 0)) ? counts : undefined;
          },
          PATIENT,
        );
      const before = { executions: await ended(), count: await counted('topic1') };
      await putCopies(3, { text: 'thrice' });
      // By webhook, what is published for them starts some more.
      await ended(before.executions.map((count) => count + 3));
      assert.equal((await saved('topic1')).filter((text) => text === 'thrice').length, 1);
      assert.equal(await counted('topic1'), before.count + 1);
      const followUps = await until('the follow-up', async () => {
        const found = (await followedUp()).filter((text) => text === 'Following up: thrice');
        return found.length > 0 ? found : undefined;
      });
      assert.equal(followUps.length, 1);
      assert.deepEqual(await example.aws.receive(example.output('ToMomentoDeadLetterQueueUrl'), 1, 100), []);
    });

    if (source === 'subscription') {
      test('keeps the whole event of a message that cannot be saved in the dead-letter queue', async () => {
        await example.dynamoDb.send(new DeleteTableCommand({ TableName: example.output('SavedTable') }));
        await putCopies(1, { text: 'not saved', topic_sequence_number: 7001 });
        const [letter] = await example.aws.receive(example.output('ToMomentoDeadLetterQueueUrl'), 1, 60_000);
        const event = JSON.parse(letter?.Body ?? '') as { 'detail-type': string; detail: { text: string } };
        assert.deepEqual([event['detail-type'], event.detail.text], [`${CACHE}#topic1`, 'not saved']);
      });
    }
  });
}

/** Calls Step Functions. */
async function stepFunctions<T>({ aws }: LocalTopicProcessing, operation: string, input: object): Promise<T> {
  const credential = `${aws.environment.AWS_ACCESS_KEY_ID ?? ''}/20260101/${aws.region}/states/aws4_request`;
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** The ARNs of the state machines. */
async function stateMachines(example: LocalTopicProcessing): Promise<string[]> {
  const answer = await stepFunctions<{ stateMachines: { stateMachineArn: string }[] }>(
    example,
    'ListStateMachines',
    {},
  );
  return answer.stateMachines.map(({ stateMachineArn }) => stateMachineArn);
}

/** The status of each execution of a state machine, also where AWS has a log instead of a list. */
async function executions(example: LocalTopicProcessing, stateMachineArn: string): Promise<string[]> {
  const statuses: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await stepFunctions<{ executions: { status: string }[]; nextToken?: string }>(
      example,
      'ListExecutions',
      { stateMachineArn, maxResults: 1000, nextToken },
    );
    statuses.push(...page.executions.map(({ status }) => status));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return statuses;
}
