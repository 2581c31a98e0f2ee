import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { sign } from '../../cli/signature';
import { LocalAws } from '../../tools';
import { linesOf, run, type Run, type Surroundings } from './command-line';
import { type ScriptedAnswer, StandInHandler } from './stand-in-handler';

const SECRET = 'wJalrXUtnFEMI-signing';
const ENVIRONMENT = { MOMENTO_SECRET: SECRET };
const UNAUTHORIZED: ScriptedAnswer = { status: 403, body: '{"message":"Unauthorized"}' };
const SUCCESS: ScriptedAnswer = { status: 200, body: '{"message":"Success","eventId":"e-1"}' };
const DUPLICATE: ScriptedAnswer = { status: 200, body: '{"message":"Duplicate"}' };

void describe('send-webhook', () => {
  let handler: StandInHandler;
  before(async () => {
    handler = await StandInHandler.start();
  });
  after(() => {
    handler.stop();
  });

  /** Runs the command with everything that it needs, and sees that nothing secret gets out. */
  async function send(args: readonly string[] = [], surroundings: Surroundings = {}): Promise<Run> {
    const secret = args.some((arg) => arg.startsWith('--secret')) ? [] : ['--secret-env', 'MOMENTO_SECRET'];
    const message = ['--cache', 'chat', '--topic', 'room-281', '--text', 'Here "I" am, für 🙂!'];
    const ran = await run(['send-webhook', '--url', handler.url, ...message, ...secret, ...args], {
      ...surroundings,
      environment: { ...ENVIRONMENT, ...surroundings.environment },
    });
    for (const private_ of [SECRET, 'Here "I" am', ...handler.requests.map(signatureOf)]) {
      assert.ok(!`${ran.stdout}${ran.stderr}`.includes(private_), `the output shows ${private_}`);
    }
    return ran;
  }

  const signatureOf = ({ headers }: StandInHandler['requests'][number]): string => String(headers['momento-signature']);
  const hmac = (algorithm: string, body: Buffer): string => createHmac(algorithm, SECRET).update(body).digest('hex');

  void describe('sends what Momento would', () => {
    void it('in body, signature and headers', async () => {
      handler.script(SUCCESS);
      const began = Date.now();
      const { status, stdout, stderr } = await send(['--token-id', 'user-17', '--sequence-number', '12']);
      assert.deepEqual([status, stderr], [0, '']);
      const [request, ...others] = handler.requests;
      assert.ok(request && others.length === 0);
      const body = JSON.parse(request.body.toString()) as Record<string, unknown>;
      const published = Number(body.publish_timestamp);
      assert.ok(published >= began && published <= Date.now());
      assert.equal(
        request.body.toString(),
        `{"cache":"chat","topic":"room-281","event_timestamp":${published.toString()},` +
          `"publish_timestamp":${published.toString()},"topic_sequence_number":12,"token_id":"user-17",` +
          '"text":"Here \\"I\\" am, für 🙂!"}',
      );
      assert.equal(request.method, 'POST');
      assert.equal(request.headers['content-type'], 'application/json');
      assert.equal(signatureOf(request), hmac('sha3-256', request.body));
      const [answer, meaning] = linesOf(stdout);
      assert.match(answer ?? '', /^200 \{"message":"Success","eventId":"e-1"\} \(\d+ ms\)$/);
      assert.match(meaning ?? '', /^The event is on the bus\./);
    });

    void it('with the other algorithm where it is told to', async () => {
      handler.script(SUCCESS);
      assert.equal((await send(['--algorithm', 'HMAC_SHA256'])).status, 0);
      const [request] = handler.requests;
      assert.ok(request);
      assert.equal(signatureOf(request), hmac('sha256', request.body));
    });

    void it('with signatures that another implementation makes too', () => {
      const vectors = readFileSync(join(__dirname, '../vectors/signatures.json'), 'utf8');
      for (const vector of JSON.parse(vectors) as Record<string, string>[]) {
        const { name, secret = '', bodyHex = '', hmacSha3_256, hmacSha256 } = vector;
        const body = Buffer.from(bodyHex, 'hex');
        assert.equal(sign('HMAC_SHA3_256', secret, body), hmacSha3_256, name);
        assert.equal(sign('HMAC_SHA256', secret, body), hmacSha256, name);
      }
    });
  });

  void describe('shows what does not get through', () => {
    void it('a tampered message: the signature is that of another text', async () => {
      handler.script(UNAUTHORIZED);
      const { status, stdout } = await send(['--tamper']);
      assert.equal(status, 0);
      assert.match(stdout, /\nRejected, as expected\. Nothing is on the bus\.\n$/);
      const [request] = handler.requests;
      assert.ok(request);
      assert.notEqual(signatureOf(request), hmac('sha3-256', request.body));
      const untampered = request.body.toString().replace(' (tampered)', '');
      assert.equal(signatureOf(request), hmac('sha3-256', Buffer.from(untampered)));
    });

    void it('a tampered message that got through: a failure', async () => {
      handler.script(SUCCESS);
      const { status, stdout } = await send(['--tamper']);
      assert.equal(status, 1);
      assert.match(stdout, /\nIt should have been rejected but is on the bus: /);
    });

    void it("a refusal that is not the handler's: a failure too", async () => {
      handler.script({ status: 403, body: '{"Message":"Forbidden"}' });
      const { status, stdout } = await send(['--tamper']);
      assert.equal(status, 1);
      assert.match(stdout, /\nAWS, or something in front of the handler, answered: .*lambda:InvokeFunction;/);
    });

    const ages: [string[], ScriptedAnswer, number][] = [
      [['--age', '120'], UNAUTHORIZED, 0],
      [['--age', '120'], SUCCESS, 1],
      [['--age', '60'], UNAUTHORIZED, 0],
      [['--age', '59'], SUCCESS, 0],
      [['--age', '30'], UNAUTHORIZED, 1],
      [['--age=-30'], UNAUTHORIZED, 0],
      [['--age=-10'], SUCCESS, 0],
      [['--age', '30', '--max-event-age', '20'], UNAUTHORIZED, 0],
      [['--age=-30', '--max-clock-skew', '30'], SUCCESS, 0],
    ];
    for (const [args, answer, expected] of ages) {
      void it(`${args.join(' ')} answered ${answer.status.toString()}: status ${expected.toString()}`, async () => {
        handler.script(answer);
        const began = Date.now();
        assert.equal((await send(args)).status, expected);
        const { publish_timestamp: published } = JSON.parse(String(handler.requests[0]?.body)) as Record<
          string,
          number
        >;
        const age = Number(args[0]?.split('=')[1] ?? args[1]) * 1_000;
        const signedAt = (published ?? 0) + age;
        assert.ok(began <= signedAt && signedAt <= Date.now(), signedAt.toString());
      });
    }

    void it('a replay: the same bytes twice', async () => {
      handler.script(SUCCESS, DUPLICATE);
      const { status, stdout } = await send(['--replay']);
      assert.equal(status, 0);
      const [first, second] = handler.requests;
      assert.ok(first && second);
      assert.deepEqual([second.body, signatureOf(second)], [first.body, signatureOf(first)]);
      assert.match(stdout, /\nRecognised as a replay, as expected\. It was not put on the bus again\.\n$/);
    });

    void it('a replay that got through: a failure', async () => {
      handler.script(SUCCESS, SUCCESS);
      const { status, stdout } = await send(['--replay']);
      assert.equal(status, 1);
      assert.match(stdout, /\nThe replay is on the bus a second time: another execution environment /);
    });

    void it('a replay of what is refused', async () => {
      handler.script(UNAUTHORIZED, UNAUTHORIZED);
      assert.equal((await send(['--replay', '--tamper'])).status, 0);
    });
  });

  void describe('says what an answer means', () => {
    const answers: [ScriptedAnswer, number, RegExp][] = [
      [
        { status: 202, body: '{"message":"Accepted"}' },
        0,
        /is in the fallback queue\. `cdk-momento-eventbridge undelivered --queue fallback`/,
      ],
      [DUPLICATE, 0, /^The handler received the same request before/],
      [{ status: 200, body: '<h1>It works!</h1>' }, 0, /^The answer is not from the handler/],
      [{ status: 307, body: '', headers: () => ({ location: '/elsewhere' }) }, 1, /^The address redirects\./],
      [
        { status: 400, body: '{"message":"Bad Request: …"}' },
        1,
        /^The signature is valid, but the body is not a valid topic/,
      ],
      [
        UNAUTHORIZED,
        1,
        /^The handler rejected the signature or the age of the request\. .* search it for "rejected"\. Otherwise check/,
      ],
      [{ status: 404, body: '' }, 1, /^There is nothing at this address/],
      [{ status: 405, body: '' }, 1, /^The address does not accept POST/],
      [{ status: 413, body: '' }, 1, /^The body is too large/],
      [{ status: 418, body: '' }, 1, /^The handler does not give this answer/],
      [{ status: 429, body: '{"Reason":"ConcurrentInvocationLimitExceeded"}' }, 1, /^Lambda throttled the request/],
      [{ status: 502, body: 'Internal Server Error' }, 1, /^The function failed or timed out/],
      [{ status: 503, body: '{"message":"Service Unavailable"}' }, 1, /^The handler cannot accept the message now/],
      [{ status: 503, body: 'Service Unavailable' }, 1, /^AWS, or something in front of the handler, is unavailable/],
    ];
    for (const [answer, expected, sentence] of answers) {
      void it(`${answer.status.toString()} ${answer.body}`, async () => {
        handler.script(answer);
        const { status, stdout, stderr } = await send();
        assert.deepEqual([status, stderr, handler.requests.length], [expected, '', 1]);
        assert.match(linesOf(stdout)[1] ?? '', sentence);
      });
    }

    void it('names a clock that is wrong, where a refusal may be due to it', async () => {
      const headers = () => ({ date: new Date(Date.now() + 95_000).toUTCString() });
      handler.script({ ...UNAUTHORIZED, headers });
      assert.match(
        (await send()).stdout,
        /Check the clock first: this machine's is about 9[456] s behind the server's/,
      );
      handler.script(UNAUTHORIZED);
      assert.doesNotMatch((await send()).stdout, /clock/);
    });

    void it('shows an answer as text, whatever is in it', async () => {
      handler.script({ status: 200, body: '\u001b[2J\r\nall is well' });
      assert.match((await send()).stdout, /^200 \\u001b\[2J\\u000d\\u000aall is well \(/);
    });

    void it('says so where none came', async () => {
      const gone = await StandInHandler.start();
      const { url } = gone;
      gone.stop();
      const args = ['--url', url, '--cache', 'c', '--topic', 't', '--text', '', '--secret-env', 'MOMENTO_SECRET'];
      const { status, stdout, stderr } = await run(['send-webhook', ...args], { environment: ENVIRONMENT });
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /: No answer from 127\.0\.0\.1:\d+: nothing accepts connections there\.\n$/);
    });
  });

  void describe('takes the secret', () => {
    let aws: LocalAws;
    const put = async (value: { SecretString: string } | { SecretBinary: Uint8Array }): Promise<string> => {
      const Name = `secret-${Math.random().toString(36).slice(2)}`;
      const { ARN = '' } = await aws.clients.secrets.send(new CreateSecretCommand({ Name, ...value }));
      return ARN;
    };
    const signedRight = (): void => {
      const [request] = handler.requests;
      assert.ok(request);
      assert.equal(signatureOf(request), hmac('sha3-256', request.body));
    };
    before(async () => {
      aws = await LocalAws.start({ behindFaultProxy: true });
    });
    after(async () => {
      await aws.stop();
    });
    const surroundings = (): Surroundings => ({
      environment: { ...aws.environment, AWS_ENDPOINT_URL: aws.faults.endpoint },
    });

    void it('from the command line, with a warning', async () => {
      handler.script(SUCCESS);
      const { status, stderr } = await send(['--secret', SECRET]);
      assert.equal(status, 0);
      assert.match(stderr, /^warning: --secret is visible in the process list /);
      signedRight();
    });

    void it('from Secrets Manager', async () => {
      handler.script(SUCCESS);
      const { status, stderr } = await send(['--secret-id', await put({ SecretString: SECRET })], surroundings());
      assert.deepEqual([status, stderr], [0, '']);
      signedRight();
    });

    void it('from the only member of a JSON object', async () => {
      handler.script(SUCCESS);
      const SecretString = JSON.stringify({ momentoSecret: SECRET });
      assert.equal((await send(['--secret-id', await put({ SecretString })], surroundings())).status, 0);
      signedRight();
    });

    void it('from the member that is named', async () => {
      handler.script(SUCCESS);
      const SecretString = JSON.stringify({ orders: 'another-signing-secret', chat: SECRET });
      const args = ['--secret-id', await put({ SecretString }), '--webhook', 'chat'];
      assert.equal((await send(args, surroundings())).status, 0);
      signedRight();
    });

    void it('but not with white space around it, which the handler rejects too', async () => {
      handler.script(SUCCESS);
      const { status, stderr } = await send([], { environment: { MOMENTO_SECRET: `${SECRET}\n` } });
      assert.deepEqual([status, handler.requests.length], [1, 0]);
      assert.match(stderr, /: The secret is not a valid signing secret: .*\(such as a line break\)/);
    });

    void it('with a warning that names the members that the handler ignores', async () => {
      handler.script(SUCCESS);
      const MOMENTO_SECRET = JSON.stringify({ chat: SECRET, version: 2, short: 'y' });
      const { status, stderr } = await send([], { environment: { MOMENTO_SECRET } });
      assert.equal(status, 0);
      assert.match(stderr, /^warning: The handler ignores members .*: version, short\.\n$/);
      signedRight();
    });

    void it("from what Momento's own tools hand out, and never the name of the cache", async () => {
      const MOMENTO_SECRET = JSON.stringify({ cacheName: 'chat-of-production', secret: SECRET, webhookName: 'hook' });
      const environment = { MOMENTO_SECRET };
      handler.script(SUCCESS);
      assert.equal((await send([], { environment })).status, 0);
      signedRight();
      handler.script(SUCCESS);
      assert.equal((await send(['--webhook', 'cacheName'], { environment })).status, 1);
      assert.equal(handler.requests.length, 0);
    });

    const refused: [string, string[], Parameters<typeof put>[0], RegExp][] = [
      ['empty', [], { SecretString: '' }, /: The secret is empty: store the webhook's signing secret in it\.\n$/],
      [
        'binary',
        [],
        { SecretBinary: Buffer.from(SECRET) },
        /: The secret is binary: store the signing secret as a string/,
      ],
      [
        'broken',
        [],
        { SecretString: `{"chat":"${SECRET}"` },
        /: The secret begins with a brace but is not a valid JSON object\.\n$/,
      ],
      [
        'without members',
        [],
        { SecretString: '{}' },
        /: The secret is a JSON object without a valid signing secret\.\n$/,
      ],
      [
        'of several webhooks, none named',
        [],
        { SecretString: JSON.stringify({ chat: SECRET, orders: SECRET }) },
        /: The secret has 2 signing secrets: choose one with --webhook\. Its members: chat, orders\.\n$/,
      ],
      [
        'without that member',
        ['--webhook', 'gone'],
        { SecretString: JSON.stringify({ chat: SECRET }) },
        /: The secret has no member gone\. Its members: chat\.\n$/,
      ],
      [
        'with a member that is not a string',
        [],
        { SecretString: JSON.stringify({ chat: [SECRET] }) },
        /: The secret is a JSON object without a valid signing secret \(invalid members: chat\): it must be/,
      ],
      [
        'with an empty member',
        [],
        { SecretString: JSON.stringify({ chat: '' }) },
        /: The secret is a JSON object without a valid signing secret \(invalid members: chat\): it must be/,
      ],
      [
        'with too many members',
        [],
        {
          SecretString: JSON.stringify(
            Object.fromEntries([...Array(21).keys()].map((key) => [`w${key.toString()}`, SECRET])),
          ),
        },
        /: The secret has more than 20 signing secrets: the handler rejects it/,
      ],
      [
        'not several, but one named',
        ['--webhook', 'chat'],
        { SecretString: SECRET },
        /: The secret is a single signing secret, /,
      ],
    ];
    for (const [what, args, value, sentence] of refused) {
      void it(`but not one that is ${what}`, async (context) => {
        handler.script(SUCCESS);
        let id: string;
        try {
          id = await put(value);
        } catch {
          context.skip('Secrets Manager does not take such a secret');
          return;
        }
        const { status, stdout, stderr } = await send(['--secret-id', id, ...args], surroundings());
        assert.deepEqual([status, stdout, handler.requests.length], [1, '', 0]);
        assert.match(stderr, sentence);
      });
    }

    void it('and says why Secrets Manager gave none', async () => {
      handler.script(SUCCESS);
      const missing = await send(['--secret-id', 'no-such-secret'], surroundings());
      assert.equal(missing.status, 1);
      assert.match(missing.stderr, /: There is no secret no-such-secret in this account and region\.\n$/);
      aws.faults.inject({ service: 'secretsmanager', kind: 'error', status: 400, code: 'AccessDeniedException' });
      const denied = await send(['--secret-id', 'any'], surroundings());
      aws.faults.clear();
      assert.equal(denied.status, 1);
      assert.match(denied.stderr, /: Secrets Manager denied access: .*secretsmanager:GetSecretValue\.\)\n$/);
    });
  });

  void describe('refuses', () => {
    const url = ['--url', 'http://127.0.0.1:9'];
    const whole = [...url, '--cache', 'c', '--topic', 't', '--text', 'x'];
    const secret = ['--secret-env', 'MOMENTO_SECRET'];
    const misuses: [string[], string][] = [
      [[], '--url is missing.'],
      [['--url', 'ftp://x'], '--url must be an HTTP URL.'],
      [['--url', 'x'], '--url must be an HTTP URL.'],
      [[...url], '--cache is missing.'],
      [[...url, '--cache', ''], '--cache is empty.'],
      [[...url, '--cache', 'c'], '--topic is missing.'],
      [[...url, '--cache', 'c', '--topic', 't'], '--text is missing.'],
      [whole, 'Give exactly one of --secret-id, --secret-env and --secret.'],
      [[...whole, ...secret, '--secret-id', 'x'], 'Give exactly one of --secret-id, --secret-env and --secret.'],
      [[...whole, '--secret-id', ''], '--secret-id is empty.'],
      [[...whole, '--secret-env', SECRET], 'The environment variable given with --secret-env is not set, or empty.'],
      [[...whole, ...secret, '--algorithm', 'MD5'], '--algorithm must be HMAC_SHA3_256 or HMAC_SHA256.'],
      [[...whole, ...secret, '--age', 'old'], '--age must be a whole number.'],
      [[...whole, ...secret, '--sequence-number=-1'], '--sequence-number must be a whole number of 0 or more.'],
      [[...whole, ...secret, '--max-event-age', '1m'], '--max-event-age must be a whole number of 0 or more.'],
      [[...whole, '--secret', 'top', SECRET], 'Unexpected argument. Put a value with spaces in quotes.'],
    ];
    for (const [args, sentence] of misuses) {
      void it(sentence, async () => {
        const { status, stdout, stderr } = await run(['send-webhook', ...args], { environment: ENVIRONMENT });
        assert.deepEqual([status, stdout], [2, '']);
        assert.equal(
          stderr,
          `cdk-momento-eventbridge: ${sentence}\nSee: cdk-momento-eventbridge send-webhook --help\n`,
        );
      });
    }
  });
});
