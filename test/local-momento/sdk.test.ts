import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  CredentialProvider,
  MomentoErrorCode,
  TopicClient,
  TopicConfigurations,
  TopicPublish,
  TopicSubscribe,
} from '@gomomento/sdk';
import { until } from '../../tools/common/until';
import { LocalMomento } from '../../tools/local-momento/local-momento';

/** What a subscriber of the SDK hears. */
type Heard =
  | { readonly value: string | Uint8Array; readonly number: number; readonly tokenId: string | undefined }
  | { readonly discontinuity: number }
  | { readonly error: MomentoErrorCode }
  | 'heartbeat';

describe("Momento's own SDK on the local Momento", () => {
  let momento: LocalMomento;
  let client: TopicClient;
  const subscriptions: TopicSubscribe.Subscription[] = [];

  before(async () => {
    // The SDK's provider for a local Momento sends an empty key.
    momento = await LocalMomento.start({ caches: ['chat'], apiKey: '' });
    client = connect(
      CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: Number(new URL(momento.endpoint).port) }),
    );
  });

  beforeEach(async () => {
    for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
    await momento.clear();
  });

  after(async () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
    await momento.stop();
  });

  const publish = async (topic: string, value: string | Uint8Array, publisher = client) => {
    const answer = await publisher.publish('chat', topic, value);
    assert.ok(answer instanceof TopicPublish.Success, answer.toString());
  };

  /** A client of its own with a token. */
  const withToken = (token: string) => {
    const { host } = new URL(momento.endpoint);
    const endpoints = { cacheEndpoint: host, controlEndpoint: host, tokenEndpoint: host, secureConnection: false };
    const apiKey = Buffer.from(JSON.stringify({ api_key: token, endpoint: host })).toString('base64');
    return connect(CredentialProvider.fromDisposableToken({ apiKey, endpointOverrides: endpoints }));
  };

  const subscribe = async (topic: string) => {
    const heard: Heard[] = [];
    const subscription = await client.subscribe('chat', topic, {
      onItem: (item) => {
        heard.push({ value: item.value(), number: item.sequenceNumber(), tokenId: item.tokenId() });
      },
      onHeartbeat: () => {
        heard.push('heartbeat');
      },
      onDiscontinuity: (discontinuity) => {
        heard.push({ discontinuity: discontinuity.newSequenceNumber() });
      },
      onError: (error) => {
        heard.push({ error: error.errorCode() });
      },
    });
    assert.ok(subscription instanceof TopicSubscribe.Subscription, subscription.toString());
    subscriptions.push(subscription);
    return heard;
  };

  const news = (heard: readonly Heard[], count: number) =>
    until(`${count.toString()} of the news`, () => {
      const found = heard.filter((one) => one !== 'heartbeat');
      return Promise.resolve(found.length >= count ? found : undefined);
    });

  test('publishes and subscribes, text and binary', async () => {
    const heard = await subscribe('room');
    assert.equal(heard[0], 'heartbeat');
    await publish('room', 'é');
    await publish('room', Uint8Array.of(255, 0));
    assert.deepEqual(await news(heard, 2), [
      { value: 'é', number: 0, tokenId: '' },
      { value: Uint8Array.of(255, 0), number: 1, tokenId: '' },
    ]);
  });

  test('gets what is published over HTTP, and the reverse', async () => {
    const heard = await subscribe('room');
    const target = `${momento.endpoint}/topics/chat/room`;
    const headers = { authorization: '', 'content-type': 'text/plain' };
    assert.equal((await fetch(target, { method: 'POST', body: 'by HTTP', headers })).status, 204);
    await publish('room', 'by gRPC');
    assert.deepEqual(await news(heard, 2), [
      { value: 'by HTTP', number: 0, tokenId: '' },
      { value: 'by gRPC', number: 1, tokenId: '' },
    ]);
    const answer = await fetch(`${target}?sequence_number=1`, { headers });
    assert.match(await answer.text(), /by gRPC/);
  });

  test('hears heartbeats with the period that is set', async () => {
    await momento.setHeartbeat(20);
    const heard = await subscribe('room');
    await until('five heartbeats', () => Promise.resolve(heard.length >= 5 ? true : undefined));
    assert.ok(heard.every((one) => one === 'heartbeat'));
    await momento.setHeartbeat(5000);
  });

  test('shows who published', async () => {
    const heard = await subscribe('room');
    const permissions = [{ role: 'publishonly', cache: 'chat', topic: 'room' }] as const;
    const token = await momento.mintToken({ permissions, expiresInSeconds: 300, tokenId: 'user-17' });
    const publisher = withToken(token);
    await publish('room', 'hi', publisher);
    const refused = await publisher.publish('chat', 'other', 'hi');
    assert.equal(refused instanceof TopicPublish.Error && refused.errorCode(), MomentoErrorCode.PERMISSION_ERROR);
    assert.deepEqual(await news(heard, 1), [{ value: 'hi', number: 0, tokenId: 'user-17' }]);
  });

  for (const kind of ['reset', 'reset-connection'] as const) {
    test(`resumes after a ${kind}, without a gap and without a copy`, async () => {
      const heard = await subscribe('room');
      for (let number = 0; number < 30; number++) {
        if (number % 10 === 5) {
          assert.equal(await momento.breakStreams({ cache: 'chat', topic: 'room', fault: { kind } }), 1);
          await until('the end of the stream', async () =>
            (await momento.openStreams('chat', 'room')) === 0 ? true : undefined,
          );
        }
        // Over HTTP, which the fault does not touch.
        const headers = { authorization: '', 'content-type': 'text/plain' };
        await fetch(`${momento.endpoint}/topics/chat/room`, { method: 'POST', body: number.toString(), headers });
        if (number % 10 === 9) await news(heard, number + 1);
      }
      const numbers = (await news(heard, 30)).map((one) =>
        typeof one === 'object' && 'value' in one ? one.value : one,
      );
      assert.deepEqual(
        numbers,
        Array.from({ length: 30 }, (_, number) => number.toString()),
      );
    });
  }

  test('is told of a new page, and of lost messages', async () => {
    const heard = await subscribe('room');
    await publish('room', 'old');
    await news(heard, 1);
    await momento.startTopicAnew('chat', 'room');
    await news(heard, 2);
    await momento.loseMessages('chat', 'room', 3);
    await publish('room', 'new');
    assert.deepEqual((await news(heard, 4)).slice(1), [
      { discontinuity: 0 },
      { discontinuity: 3 },
      { value: 'new', number: 3, tokenId: '' },
    ]);
  });

  test('names each refusal as it would of Momento', async () => {
    const code = async (answer: Promise<TopicPublish.Response | TopicSubscribe.Response>) => {
      const refused = await answer;
      assert.ok(refused instanceof TopicPublish.Error || refused instanceof TopicSubscribe.Error, refused.toString());
      return refused.errorCode();
    };
    const listener = { onItem: () => undefined, onError: () => undefined };
    assert.equal(await code(client.publish('other', 'room', 'hi')), MomentoErrorCode.CACHE_NOT_FOUND_ERROR);
    assert.equal(await code(client.subscribe('other', 'room', listener)), MomentoErrorCode.CACHE_NOT_FOUND_ERROR);
    assert.equal(await code(client.publish('chat', 'room', 'x'.repeat(4097))), MomentoErrorCode.INVALID_ARGUMENT_ERROR);
    await momento.inject({ times: 1, kind: 'grpc-status', code: 'RESOURCE_EXHAUSTED' });
    assert.equal(await code(client.publish('chat', 'room', 'hi')), MomentoErrorCode.LIMIT_EXCEEDED_ERROR);
    const stranger = withToken('wrong');
    assert.equal(await code(stranger.publish('chat', 'room', 'hi')), MomentoErrorCode.AUTHENTICATION_ERROR);
  });
});

function connect(credentialProvider: CredentialProvider): TopicClient {
  const configuration = TopicConfigurations.Default.latest();
  return new TopicClient({ credentialProvider, configuration });
}
