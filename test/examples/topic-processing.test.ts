import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
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
    for (const [source, found] of [
      ['subscription', [table, log]],
      ['webhook', [log, secret]],
    ] as const) {
      lint(stack({ source }));
      assert.deepEqual(findings(stack({ source })), found);
    }
  });

  test('is rejected where a message would be processed forever', () => {
    assert.throws(() => stack({ outputTopic: 'topic1' }), /Both topics are topic1/);
  });
});

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

    test('gives a subscriber of topic 2 each message of topic 1 once, in upper case', async () => {
      const subscriber = await subscribe('topic2');
      try {
        const texts = Array.from({ length: 100 }, (_, number) => `message ${number.toString()} "à la carte" 日本`);
        const published = new Map<string, number>();
        for (const text of texts) {
          published.set(text.toUpperCase(), performance.now());
          await publish('topic1', text);
          // Momento posted 5 messages a second to a webhook at most.
          await subscriber.first(published.size - 5);
        }
        await subscriber.first(texts.length);
        const latencies = subscriber.received.map(({ text, at }) => at - (published.get(text) ?? NaN));
        assert.deepEqual(await textsBeforeTheEnd(subscriber), [...published.keys()].sort());
        console.log(`publish to subscriber, ${texts.length.toString()} messages, ms: ${distribution(latencies)}`);
      } finally {
        subscriber.stop();
      }
    });

    test('prints commands that do what it says of them, each block pasted as it is', async () => {
      const [subscription, publication, ...more] = blocksOf(instructions(example));
      assert.deepEqual(more, []);
      const waiting = new Typed(subscription ?? '');
      await until('the subscriber', async () =>
        (await example.momento.waitingSubscribers(CACHE, 'topic2')) > 0 ? true : undefined,
      );
      await paste(publication);
      assert.match(await waiting.output(), /"HELLO"/);
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
  });
}
