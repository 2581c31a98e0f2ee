import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
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

const EXAMPLE = join(__dirname, '../../examples/momento-clients');
const SIGNING_SECRET = 'the signing secret of a test';

describe('the clients of the example momento-clients', () => {
  let aws: LocalAws;
  let outputs: StackOutputs;
  let momento: LocalMomento;
  let controlPlane: MomentoControlPlane;
  const running: ChildProcess[] = [];

  before(async () => {
    aws = await LocalAws.start();
    outputs = await aws.deploy(synthesizeQuickstart());
    // The SDK's provider for a local Momento sends an empty key.
    momento = await LocalMomento.start({ apiKey: '' });
    controlPlane = await MomentoControlPlane.start(momento, SIGNING_SECRET);
  });

  after(async () => {
    for (const process of running) process.kill();
    controlPlane.stop();
    await momento.stop();
    await aws.stop();
  });

  const environment = (host: string) => ({
    PATH: process.env.PATH,
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

  /** Starts a client that runs until it is stopped, and waits until it has subscribed. */
  const start = async (file: string, ...args: string[]) => {
    const options = { cwd: EXAMPLE, env: environment(host()) };
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], options);
    running.push(child);
    const output: string[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(...data.toString().trim().split('\n')));
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    await until(`${file} to subscribe`, () => Promise.resolve(/subscribed to|relays/.test(errors) || undefined), {
      timeoutMs: 60_000,
    });
    return output;
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

  test('create-cache.ts creates a cache once', async () => {
    assert.equal(await run('create-cache.ts', ['chat'], controlPlane.host), 'created chat');
    assert.equal(await run('create-cache.ts', ['chat'], controlPlane.host), 'chat exists already');
  });

  test('create-webhook.ts creates a webhook whose messages reach the bus', async () => {
    const url = aws.functionUrl(outputs.get('MomentoUrl'));
    const secret = outputs.get('MomentoSigningSecretArn');
    const printed = await run('create-webhook.ts', ['chat', 'lobby', 'to-the-bus', url, secret], controlPlane.host);
    assert.equal(printed, `created to-the-bus; its signing secret is in ${secret}`);
    await run('publish.ts', ['chat', 'lobby', 'Hello']);
    assert.deepEqual(await nextOnTheBus(), ['lobby', 'Hello']);
  });

  test('subscribe.ts prints what publish.ts publishes', async () => {
    const lines = await start('subscribe.ts', 'chat', 'news');
    await run('publish.ts', ['chat', 'news', 'Here I am!!']);
    await until('the message', () => Promise.resolve(lines.length > 0 || undefined));
    assert.deepEqual(lines, ['Here I am!!']);
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

    test('posts each message as the webhook handler takes it', async () => {
      await start('relay.ts', 'chat', 'relayed', aws.functionUrl(outputs.get('MomentoUrl')));
      await run('publish.ts', ['chat', 'relayed', 'Hello again']);
      assert.deepEqual(await nextOnTheBus(), ['relayed', 'Hello again']);
    });

    test('posts the same bytes again until they are accepted', async () => {
      failures.push(503, 502);
      await start('relay.ts', 'chat', 'failing', url);
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
