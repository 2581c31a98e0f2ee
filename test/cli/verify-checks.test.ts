/** Checks of verify that can be kept or broken only on AWS or at Momento: what they make of either, with stand-ins. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { AwsFailure } from '../../cli/aws-call';
import type { Outcome } from '../../cli/verify/check';
import { CHECKS } from '../../cli/verify/checks';
import type { Clients } from '../../cli/verify/clients';
import { StackFailure } from '../../cli/verify/run-stack';
import { Trial, type TrialSettings } from '../../cli/verify/trial';

const ACCEPTED = { status: 202, body: '{"message":"Accepted"}' };
const ENCRYPTED = { GetQueueAttributes: { Attributes: { KmsMasterKeyId: 'a-key' } } };
const MESSAGE = 'He said "hi":\n\\ ü 😀';

/** What the calls are answered. */
type Answers = Readonly<Record<string, object | Error>>;

/** Asks once. */
class ImpatientTrial extends Trial {
  public override until<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    return ask();
  }
}

/** Clients that answer a call by its name; with nothing where it is not listed. */
function clients(answers: Answers): Clients {
  const send = (command: object): Promise<unknown> => {
    const answer = answers[command.constructor.name.replace(/Command$/, '')];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? {});
  };
  const client = { send };
  return { events: client, lambda: client, sqs: client } as unknown as Clients;
}

describe('verify finds out that', () => {
  let endpoint = '';
  let answer: (request: IncomingMessage) => { readonly status: number; readonly body?: string };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, body } = answer(request);
      response.writeHead(status).end(body);
    });
  });
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
  });
  after(() => {
    server.close();
  });
  beforeEach(() => {
    answer = () => ({ status: 500 });
  });

  const outputs = new Proxy(new Map<string, string>(), {
    get: () => (name: string) => (name.endsWith('Url') ? endpoint : name),
  });
  const outcomeOf = async (id: string, answers: Answers, settings: Partial<TrialSettings> = {}): Promise<Outcome> => {
    const check = CHECKS.find((one) => one.id === id);
    assert.ok(check, id);
    const deployment = {
      deploy: () => assert.fail(),
      resources: () => assert.fail(),
      allResources: () => assert.fail(),
    };
    const common = {
      clients: clients(answers),
      isLocal: false,
      signingSecret: 'a signing secret',
      outputs,
      deployment,
    };
    return check.run(new ImpatientTrial({ ...common, ...settings }));
  };
  const run = async (...given: Parameters<typeof outcomeOf>) => (await outcomeOf(...given)).kind;

  test('a URL with one permission is open, or one with both is closed', async () => {
    const policy = { GetPolicy: { Policy: '{"Statement":[{"Sid":"url"}]}' } };
    for (const [statuses, outcome] of [
      [[403, 204, 403], 'held'],
      [[204, 204, 403], 'broken'],
      [[403, 204, 204], 'broken'],
      [[403, 403, 403], 'broken'],
    ] as const) {
      const left: number[] = [...statuses];
      answer = () => ({ status: left.shift() ?? 500 });
      assert.equal(await run('webhook/one-permission', policy), outcome, statuses.join());
    }
  });

  test('the bus of a webhook can be deleted', async () => {
    const refusal = new AwsFailure('It has rules.', 'ValidationException');
    assert.equal(await run('missing-bus/deletion', { DeleteEventBus: refusal }), 'held');
    assert.equal(await run('missing-bus/deletion', {}), 'broken');
  });

  test('a webhook for a bus that does not exist can be deployed, or leaves something', async () => {
    const queue = { type: 'AWS::SQS::Queue', id: 'https://sqs/queue', logicalId: 'OnMissingBusFallbackQueue' };
    const handler = { type: 'AWS::Lambda::Function', id: 'handler', logicalId: 'OnMissingBusHandler' };
    const gone = { GetQueueAttributes: new AwsFailure('It does not exist.', 'QueueDoesNotExist') };
    const failed = new StackFailure('UPDATE_ROLLBACK_COMPLETE', 'OnMissingBusGuard: There is no such bus.');
    const unrelated = new StackFailure('UPDATE_ROLLBACK_COMPLETE', 'Table: Throttled.');
    const stuck = new StackFailure('UPDATE_ROLLBACK_FAILED', failed.reason);
    for (const [failure, left, made, answers, outcome] of [
      [failed, [], [queue], gone, 'held'],
      [failed, [], [queue], {}, 'broken'],
      [failed, [queue], [queue], gone, 'broken'],
      [failed, [], [queue, handler], gone, 'broken'],
      [unrelated, [], [queue], gone, 'broken'],
      [stuck, [], [queue], gone, 'broken'],
    ] as const) {
      const deployment = {
        deploy: () => Promise.reject(failure),
        resources: () => Promise.resolve([...left]),
        allResources: () => Promise.resolve([...made]),
      };
      assert.equal(await run('missing-bus/deployment', answers, { deployment }), outcome);
    }
    const variants: object[] = [];
    const deploy = (variant: object) => {
      variants.push(variant);
      return Promise.resolve(new Map<string, string>());
    };
    const deployment = { deploy, resources: () => assert.fail(), allResources: () => assert.fail() };
    assert.equal(await run('missing-bus/deployment', {}, { deployment }), 'broken');
    assert.deepEqual(variants, [{ onMissingBus: true }, { onMissingBus: false }]);
  });

  test('a message is not parked in an encrypted queue of another stack, or does not come back', async () => {
    const id = 'own-queues/parked';
    assert.equal(await run(id, ENCRYPTED), 'broken', 'answered 500');
    answer = () => ACCEPTED;
    assert.equal(await run(id, ENCRYPTED), 'broken', 'not on the bus');
    assert.equal(await run(id, {}), 'broken', 'not encrypted');
    const event = { detail: { topic: 'verify-0001', text: 'hello' }, 'detail-type': 'verify#verify-0001' };
    const onTheBus = { ReceiveMessage: { Messages: [{ Body: JSON.stringify(event) }] } };
    assert.equal(await run(id, { ...ENCRYPTED, ...onTheBus }), 'held');
    assert.equal(await run(id, { ...ENCRYPTED, ...onTheBus }, { isLocal: true }), 'not here');
  });

  test('a dead letter does not reach an encrypted queue of another stack', async () => {
    const id = 'own-queues/dead-letters';
    const arrived = { ReceiveMessage: { Messages: [{ Body: '{"detail":{"key":"verify-0001"}}' }] } };
    assert.equal(await run(id, { ...ENCRYPTED, ...arrived }), 'held');
    assert.equal(await run(id, ENCRYPTED), 'broken');
    assert.equal(await run(id, arrived), 'broken', 'not encrypted');
  });

  const momento = () => ({ momento: { endpoint, apiKey: 'a key', cache: 'mine' } });
  const quoted = JSON.stringify(MESSAGE);

  /** The item of before is there; the answers to later requests. */
  const answered = (...answers: { readonly status: number; readonly body?: string }[]) => {
    const left = [{ status: 204 }, { status: 200 }, ...answers];
    answer = () => left.shift() ?? { status: 500 };
  };

  test('nothing can be said of Momento without a key for it, and a local one is not Momento', async () => {
    for (const id of ['momento/set', 'momento/delete', 'momento/publish']) assert.equal(await run(id, {}), 'not here');
    answered({ status: 200, body: quoted });
    assert.equal(await run('momento/set', {}, momento()), 'held');
    answered({ status: 200, body: quoted });
    assert.equal(await run('momento/set', {}, { ...momento(), isLocal: true }), 'not here');
  });

  test('nothing can be said of commands with a key or a cache that Momento rejects', async () => {
    answer = () => ({ status: 401 });
    for (const id of ['momento/set', 'momento/delete', 'momento/publish']) {
      await assert.rejects(run(id, {}, momento()), /^Error: From here Momento answers 401 to a PUT/);
    }
  });

  test('an item is not set, has another value, or is not deleted at Momento', async () => {
    for (const [id, later, outcome] of [
      ['momento/set', { status: 404 }, 'broken'],
      ['momento/set', { status: 200, body: MESSAGE }, 'broken'],
      ['momento/delete', { status: 404 }, 'held'],
      ['momento/delete', { status: 200 }, 'broken'],
    ] as const) {
      answered(later);
      assert.equal(await run(id, {}, momento()), outcome);
    }
  });

  test('a message is not published at Momento, or arrives as something else', async () => {
    const got = (...texts: string[]) => JSON.stringify({ items: texts.map((text) => ({ item: { value: { text } } })) });
    for (const [status, body, outcome] of [
      [200, got(quoted), 'held'],
      [200, got(MESSAGE), 'broken'],
      [200, got(), 'broken'],
      [403, got(quoted), 'broken'],
    ] as const) {
      answered({ status, body });
      assert.equal(await run('momento/publish', {}, momento()), outcome);
    }
  });

  test('a command to Momento is a dead letter', async () => {
    answered({ status: 404 });
    const detail = { cacheName: 'mine', key: 'BusName-verify-0002', message: MESSAGE, ttl: 600 };
    const Messages = [
      { Body: JSON.stringify({ detail }), MessageAttributes: { ERROR_CODE: { StringValue: 'ERROR_FROM_TARGET' } } },
    ];
    assert.deepEqual(await outcomeOf('momento/set', { ReceiveMessage: { Messages } }, momento()), {
      kind: 'broken',
      seen: 'The command is a dead letter: ERROR_CODE ERROR_FROM_TARGET.',
    });
  });
});
