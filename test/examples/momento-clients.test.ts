import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { LocalAws, LocalMomento, type StackOutputs } from '../../tools';
import { sign } from '../../tools/common/webhook-sender';
import { until } from '../../tools/common/until';
import { synthesizeQuickstart } from '../end-to-end/stacks';
import { MomentoControlPlane } from './momento-control-plane';
import { commandsOf, filledIn } from './readme';
import { paste, Typed } from './typed';

const EXAMPLE = join(__dirname, '../../examples/momento-clients');
const SIGNING_SECRET = 'the signing secret of a test';

describe('the clients of the example momento-clients', () => {
  let aws: LocalAws;
  let outputs: StackOutputs;
  let momento: LocalMomento;
  let controlPlane: MomentoControlPlane;
  const running: Typed[] = [];

  before(async () => {
    aws = await LocalAws.start();
    outputs = await aws.deploy(synthesizeQuickstart());
    // The SDK's provider for a local Momento sends an empty key.
    momento = await LocalMomento.start({ apiKey: '' });
    controlPlane = await MomentoControlPlane.start(momento, SIGNING_SECRET);
  });

  after(async () => {
    for (const typed of running) await typed.interrupt();
    controlPlane.stop();
    await momento.stop();
    await aws.stop();
  });

  const environment = (host: string) => ({
    PATH: process.env.PATH ?? '',
    ...aws.environment,
    MOMENTO_LOCAL: host,
    SIGNING_SECRET,
  });
  const host = () => new URL(momento.endpoint).host;

  /** Runs a client to its end. */
  const run = async (file: string, args: readonly string[], at = host()) => {
    const options = { cwd: EXAMPLE, env: environment(at), timeout: 60_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file, ...args], options);
    return stdout.trim();
  };

  /** The commands of the README. */
  const typed = () => {
    const { blocks, inSentences } = commandsOf('momento-clients');
    const [settings, cacheAndSubscription, publication, webhook, relay, ...more] = blocks;
    assert.deepEqual([more, inSentences], [[], []]);
    const [createCache = '', subscription = ''] = cacheAndSubscription?.split('\n') ?? [];
    return { settings, createCache, subscription, publication, webhook, relay };
  };
  const terminal = (at = host()) => ({ directory: EXAMPLE, environment: environment(at) });

  /** Types a command that runs until Ctrl-C, and waits until it has subscribed. */
  const start = async (command: string) => {
    const started = new Typed(command, terminal());
    running.push(started);
    await started.until(/subscribed to|relays/);
    return started;
  };

  /** The topic and the text of the next message that the rule sends to its queue. */
  const nextOnTheBus = async () => {
    const [message] = await aws.receive(outputs.get('MessagesUrl'), 1);
    const { detail } = JSON.parse(message?.Body ?? '') as { detail: { topic: string; text: string } };
    return [detail.topic, detail.text];
  };

  test('ask for the packages that are tested here', () => {
    const dependenciesOf = (path: string) => {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
      return { ...manifest.devDependencies, ...manifest.dependencies };
    };
    const tested = dependenciesOf(join(__dirname, '../../package.json'));
    for (const [name, version] of Object.entries(dependenciesOf(join(EXAMPLE, 'package.json')))) {
      assert.equal(version, tested[name], name);
    }
  });

  test('create-cache.ts creates a cache once, with the settings and the command of the README', async () => {
    const { settings = '', createCache } = typed();
    const create = () => paste(`${settings}\n${createCache}`, terminal(controlPlane.host));
    assert.equal(await create(), 'created chat\n');
    assert.equal(await create(), 'chat exists already\n');
  });

  test('create-webhook.ts creates a webhook whose messages reach the bus, with the command of the README', async () => {
    const secret = outputs.get('MomentoSigningSecretArn');
    const values = { URL: aws.functionUrl(outputs.get('MomentoUrl')), 'SIGNING-SECRET-ARN': secret };
    const printed = await paste(filledIn(typed().webhook, values), terminal(controlPlane.host));
    assert.equal(printed, `created to-eventbridge; its signing secret is in ${secret}\n`);
    await run('publish.ts', ['chat', 'room-281', 'Hello']);
    assert.deepEqual(await nextOnTheBus(), ['room-281', 'Hello']);
    await momento.removeWebhooks();
  });

  test('subscribe.ts prints what publish.ts publishes, with the commands of the README', async () => {
    const { subscription, publication } = typed();
    const subscriber = await start(subscription);
    await paste(publication, terminal());
    await subscriber.until(/Here I am!!\n/);
  });

  describe('relay.ts', () => {
    let server: Server;
    let url: string;
    const requests: { readonly body: string; readonly signature: string | undefined }[] = [];
    const failures: number[] = [];

    before(async () => {
      server = createServer((request, response) => {
        let body = '';
        request.on('data', (data: Buffer) => (body += data.toString()));
        request.on('end', () => {
          requests.push({ body, signature: request.headers['momento-signature']?.toString() });
          response.writeHead(failures.shift() ?? 200).end();
        });
      });
      await promisify((done: () => void) => server.listen(0, '127.0.0.1', done))();
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}/`;
    });
    after(() => server.close());

    test('posts each message as the webhook handler takes it, with the command of the README', async () => {
      const values = { 'at least 16 bytes': SIGNING_SECRET, URL: aws.functionUrl(outputs.get('MomentoUrl')) };
      await start(filledIn(typed().relay, values));
      await run('publish.ts', ['chat', 'room-281', 'Hello again']);
      assert.deepEqual(await nextOnTheBus(), ['room-281', 'Hello again']);
    });

    test('posts the same bytes again until they are accepted', async () => {
      failures.push(503, 502);
      await start(`npx tsx relay.ts chat failing ${url}`);
      await run('publish.ts', ['chat', 'failing', 'Still here']);
      await until('three requests', () => Promise.resolve(requests.length >= 3 || undefined), { timeoutMs: 30_000 });
      const [first] = requests;
      assert.ok(first);
      assert.equal(first.signature, sign(SIGNING_SECRET, first.body));
      assert.deepEqual(requests, [first, first, first]);
    });
  });

  test('each says how it is called', async () => {
    await assert.rejects(run('publish.ts', ['chat']), /usage: publish\.ts CACHE TOPIC TEXT/);
  });
});
