import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { createServer as createHttpServer, request, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { linesOf, run, type Run } from './command-line';
import { parked } from './parked';
import { StandInAws } from './stand-in-aws';
import { StandInHandler } from './stand-in-handler';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

void describe('the command line finds', () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  let aws: StandInAws;
  before(() => {
    mkdirSync(join(home, '.aws'));
    const keys = 'aws_access_key_id = test\naws_secret_access_key = test';
    const config = `[default]\nregion = eu-central-1\n[profile ours]\nregion = sa-east-1\n${keys}\n`;
    writeFileSync(join(home, '.aws/config'), config);
  });
  after(() => {
    rmSync(home, { recursive: true });
  });
  beforeEach(async () => {
    aws = await StandInAws.start();
  });
  afterEach(() => {
    aws.stop();
  });

  const call = (args: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Run> =>
    run(args, { environment: { ...aws.environment, HOME: home, ...environment }, input });
  const regions = (): (string | undefined)[] => [...new Set(aws.calls.map(({ region }) => region))];

  void describe('the region of an event bus', () => {
    const file = ['redrive', '--file', '-'];
    const cases: [string, string[], Record<string, string>, string][] = [
      ['AWS_DEFAULT_REGION, before the profile', [], { AWS_DEFAULT_REGION: 'eu-west-1' }, 'eu-west-1'],
      ['AWS_REGION, before that', [], { AWS_DEFAULT_REGION: 'eu-west-1', AWS_REGION: 'eu-west-2' }, 'eu-west-2'],
      ['the one that is not empty', [], { AWS_DEFAULT_REGION: 'eu-west-1', AWS_REGION: '' }, 'eu-west-1'],
      ['--region, before all', ['--region', 'eu-west-3'], { AWS_REGION: 'eu-west-2' }, 'eu-west-3'],
      ['that of the profile', [], {}, 'eu-central-1'],
      ['that of AWS_PROFILE', [], { AWS_PROFILE: 'ours' }, 'sa-east-1'],
      ['that of AWS_DEFAULT_PROFILE', [], { AWS_DEFAULT_PROFILE: 'ours' }, 'sa-east-1'],
    ];
    for (const [what, args, environment, region] of cases) {
      void it(`in ${what}`, async () => {
        const { status } = await call([...file, ...args], environment, JSON.stringify(parked(1)));
        assert.deepEqual([status, regions(), aws.onTheBus.length], [0, [region], 1]);
      });
    }
  });

  void describe('the region of a queue', () => {
    const urls: [string, string][] = [
      ['https://sqs.us-east-1.amazonaws.com/111111111111/q', 'us-east-1'],
      ['https://queue.amazonaws.com/111111111111/q', 'us-east-1'],
      ['https://us-east-2.queue.amazonaws.com/111111111111/q', 'us-east-2'],
      ['https://sqs-fips.us-west-2.amazonaws.com/111111111111/q', 'us-west-2'],
      ['https://sqs.us-gov-west-1.amazonaws.com/111111111111/q', 'us-gov-west-1'],
      ['https://sqs.us-iso-east-1.c2s.ic.gov/111111111111/q', 'us-iso-east-1'],
      ['https://sqs.cn-north-1.amazonaws.com.cn/111111111111/q', 'cn-north-1'],
      ['https://cn-north-1.queue.amazonaws.com.cn/111111111111/q', 'cn-north-1'],
      ['https://sqs.ap-southeast-2.api.aws/111111111111/q', 'ap-southeast-2'],
      ['https://vpce-0a-b.sqs.us-east-1.vpce.amazonaws.com/111111111111/q', 'us-east-1'],
      ['https://vpce-0a-b-us-east-1a.sqs.us-east-1.vpce.amazonaws.com/111111111111/q', 'us-east-1'],
      ['https://sqs.eusc-de-east-1.amazonaws.eu/111111111111/q', 'eusc-de-east-1'],
      ['http://sqs.ca-central-1.localhost.localstack.cloud:4566/000000000000/q', 'ca-central-1'],
    ];
    for (const [url, region] of urls) {
      void it(`in ${url}`, async () => {
        for (const command of ['undelivered', 'redrive']) {
          const { status } = await call([command, '--queue-url', url], { AWS_REGION: 'eu-west-1' });
          assert.deepEqual([status, regions()], [0, [region]]);
        }
      });
    }

    void it('in the environment, where the URL is not one of AWS', async () => {
      const local = ['undelivered', '--queue-url', 'http://127.0.0.1:9/000000000000/q'];
      assert.equal((await call(local, { AWS_DEFAULT_REGION: 'eu-west-1' })).status, 0);
      assert.equal((await call([...local, '--region', 'eu-west-1'])).status, 0);
      assert.deepEqual(regions(), ['eu-west-1']);
    });

    const refusals: [string, string[], string, Record<string, string>][] = [
      ['the profile', [], 'http://127.0.0.1:9/000000000000/q', {}],
      ['the environment, for a host of AWS', [], 'https://new-name.amazonaws.com/1/q', { AWS_REGION: 'eu-west-1' }],
      ['the environment, for another host of AWS', [], 'https://new.amazonaws.eu/1/q', { AWS_REGION: 'eu-west-1' }],
    ];
    for (const [what, args, url, environment] of refusals) {
      void it(`but not in ${what}: that would be a guess`, async () => {
        for (const command of ['undelivered', 'redrive']) {
          const { status, stderr } = await call([command, '--queue-url', url, ...args], environment);
          assert.deepEqual([status, aws.calls], [2, []]);
          assert.match(stderr, /: --region is missing: the URL of the queue does not name its region\.\n/);
        }
      });
    }

    void it('and not twice', async () => {
      const { status, stderr } = await call(['redrive', '--queue-url', aws.queueUrl, '--region', 'us-east-1']);
      assert.deepEqual([status, aws.calls], [2, []]);
      assert.match(stderr, /: --region is us-east-1, but the queue is in eu-west-1\.\n/);
    });
  });

  void it('which variable does not hold the URL that it should', async () => {
    const values = ['nonsense', '::::', 'socks5://user:pass@127.0.0.1:1', 'ftp://127.0.0.1'];
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SQS', 'HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy']) {
      const isProxy = /proxy/i.test(name);
      // For a proxy, the scheme can be left out.
      for (const value of isProxy ? values.slice(1) : values) {
        const { status, stderr } = await call(['undelivered', '--queue-url', aws.queueUrl], { [name]: value });
        const must = isProxy ? 'be the URL of an HTTP proxy' : 'be an HTTP URL, or not be set';
        assert.deepEqual([status, stderr], [1, `cdk-momento-eventbridge: ${name.toUpperCase()} must ${must}.\n`]);
        assert.deepEqual(aws.calls, []);
      }
    }
  });

  void it('that a queue has no HTTP URL', async () => {
    for (const url of ['q', 'file:///q', 'sqs:q']) {
      const { status, stderr } = await call(['undelivered', '--queue-url', url, '--region', 'eu-west-1']);
      assert.equal(status, 2);
      assert.match(stderr, /: --queue-url must be an HTTP URL\.\n/);
    }
  });

  void it('that a profile does not exist', async () => {
    for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE']) {
      const { status, stderr } = await call(['undelivered', '--queue-url', aws.queueUrl], { [name]: 'no\u001bpe' });
      assert.deepEqual([status, aws.calls], [1, []]);
      assert.match(stderr, /: The AWS profile no\\u001bpe does not exist: check AWS_PROFILE and ~\/\.aws\/config\.\n$/);
    }
  });

  void describe('the proxy', () => {
    let proxy: Server;
    /** The first line of what arrived on each connection. */
    let asked: string[];
    let proxyUrl: string;
    beforeEach(async () => {
      asked = [];
      proxy = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (data) => {
          asked.push(data.toString().split('\r\n')[0] ?? '');
          socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
        });
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      proxyUrl = `http://127.0.0.1:${(proxy.address() as { port: number }).port.toString()}`;
    });
    afterEach(() => {
      proxy.close();
    });
    const list = (url: string, environment: Record<string, string>): Promise<Run> =>
      run(['undelivered', '--queue-url', url], { environment: { ...CREDENTIALS, ...environment } });

    void it('in HTTPS_PROXY, in either case, with a scheme or without', async () => {
      for (const [name, value] of [
        ['HTTPS_PROXY', proxyUrl],
        ['https_proxy', proxyUrl.replace('http://', '')],
      ] as const) {
        asked = [];
        const { status, stderr } = await list('https://sqs.eu-west-1.amazonaws.com/1/q', { [name]: value });
        assert.equal(status, 1);
        assert.match(stderr, /: SQS, or a proxy in front of it, answered with HTTP status 502\.\n$/);
        assert.equal(asked[0], 'CONNECT sqs.eu-west-1.amazonaws.com:443 HTTP/1.1');
      }
    });

    for (const host of ['vpce-0a-b.sqs.us-east-1.vpce.amazonaws.com', 'sqs-fips.us-east-1.amazonaws.com']) {
      void it(`for ${host}, which is where the call goes`, async () => {
        await list(`https://${host}/1/q`, { HTTPS_PROXY: proxyUrl });
        assert.equal(asked[0], `CONNECT ${host}:443 HTTP/1.1`);
      });
    }

    for (const exception of ['127.0.0.1', '*', 'localhost, 127.0.0.1']) {
      void it(`and what NO_PROXY=${exception} excepts`, async () => {
        const environment = { HTTP_PROXY: proxyUrl, NO_PROXY: exception };
        assert.equal((await call(['undelivered', '--queue-url', aws.queueUrl], environment)).status, 0);
        assert.deepEqual([asked.length, aws.count('ReceiveMessage')], [0, 1]);
      });
    }

    for (const exception of ['sub.localhost', '27.0.0.1', 'example.com']) {
      void it(`and what NO_PROXY=${exception} does not`, async () => {
        const environment = { HTTP_PROXY: proxyUrl, NO_PROXY: exception };
        assert.equal((await call(['undelivered', '--queue-url', aws.queueUrl], environment)).status, 1);
        assert.deepEqual([asked.length > 0, aws.calls.length], [true, 0]);
      });
    }

    void it('and its exceptions with their subdomains, as the AWS CLI does', async () => {
      for (const NO_PROXY of ['amazonaws.invalid', '.amazonaws.invalid', '*.amazonaws.invalid']) {
        const AWS_ENDPOINT_URL = 'https://sqs.amazonaws.invalid';
        await list(aws.queueUrl, { HTTPS_PROXY: proxyUrl, NO_PROXY, AWS_ENDPOINT_URL });
      }
      assert.deepEqual(asked, []);
    });

    void it('and passes calls through it', async () => {
      const passing = createServerOfProxy();
      passing.listen(0, '127.0.0.1');
      await once(passing, 'listening');
      const url = `http://127.0.0.1:${(passing.address() as { port: number }).port.toString()}`;
      try {
        aws.send(parked(1), { EventBus: 'messages' });
        assert.equal((await call(['redrive', '--queue-url', aws.queueUrl], { HTTP_PROXY: url })).status, 0);
        assert.deepEqual([aws.onTheBus.length, aws.queue.length], [1, 0]);
      } finally {
        passing.close();
      }
    });

    void it('for send-webhook too', async () => {
      const handler = await StandInHandler.start();
      const message = ['--cache', 'c', '--topic', 't', '--text', 'x', '--secret-env', 'MOMENTO_SECRET'];
      const environment = { MOMENTO_SECRET: '0123456789abcdef', HTTP_PROXY: proxyUrl };
      try {
        const { stdout } = await run(['send-webhook', '--url', handler.url, ...message], { environment });
        assert.match(linesOf(stdout)[0] ?? '', /^502 /);
        assert.deepEqual([asked, handler.requests.length], [[`POST ${handler.url} HTTP/1.1`], 0]);
      } finally {
        handler.stop();
      }
    });
  });
});

/** A proxy for HTTP without TLS, which passes requests on. */
function createServerOfProxy(): HttpServer {
  return createHttpServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const onward = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
}
