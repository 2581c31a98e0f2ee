import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { App } from 'aws-cdk-lib';
import { WebhookInRustStack, type WebhookInRustStackProps } from '../../examples/webhook-in-rust/webhook-in-rust-stack';
import { sign, WebhookSender } from '../../tools/common/webhook-sender';
import { instructions, LocalWebhookInRust, SIGNING_SECRET } from '../../tools/run-example/webhook-in-rust/run';
import { IRELAND } from '../constructs/in-stack';
import { lint } from '../constructs/lint';
import { findings } from '../constructs/nag-findings';
import { checkSnapshot } from './template-snapshot';
import { commandsOf, filledIn, secretAsCreated, typeWithAws } from './readme';
import { blocksOf, paste } from './typed';
import { UNBUILT_FUNCTIONS } from './unbuilt-functions';

describe('the template of the example webhook-in-rust', () => {
  const stack = (entrance?: WebhookInRustStackProps['entrance']) =>
    new WebhookInRustStack(new App(), 'WebhookInRust', { ...IRELAND, functions: UNBUILT_FUNCTIONS, entrance });

  test('is what it was', () => {
    checkSnapshot('webhook-in-rust', stack());
    checkSnapshot('webhook-in-rust-http-api', stack('http-api'));
  });

  test('gives cfn-lint nothing to find, and cdk-nag what can be explained', () => {
    // Its function writes its log as AWS's own policy allows: an example is to be short.
    const log = 'AwsSolutions-IAM4 /WebhookInRust/Webhook/ServiceRole/Resource';
    // The function logs each rejection itself.
    const accessLog = 'AwsSolutions-APIG1 /WebhookInRust/HttpApi/DefaultStage/Resource';
    // Momento has no AWS identity: its requests are authenticated by their signature.
    const authorization = 'AwsSolutions-APIG4 /WebhookInRust/HttpApi/POST--/Resource';
    for (const [entrance, found] of [
      ['function-url', [log]],
      ['http-api', [accessLog, authorization, log]],
    ] as const) {
      lint(stack(entrance));
      assert.deepEqual(findings(stack(entrance)), found);
    }
  });
});

for (const entrance of ['function-url', 'http-api'] as const) {
  describe(`the example webhook-in-rust, deployed, behind: ${entrance}`, () => {
    let example: LocalWebhookInRust;
    let sender: WebhookSender;
    before(async () => {
      example = await LocalWebhookInRust.start(entrance);
      sender = new WebhookSender(example.url, SIGNING_SECRET);
    });
    afterEach(() => {
      example.aws.faults.clear();
    });
    after(() => example.stop());

    /** The texts that were saved, in no order. */
    const saved = async (): Promise<string[]> => {
      const { Items: items = [] } = await example.dynamoDb.send(new ScanCommand({ TableName: example.tableName }));
      return items.map(({ Text: text }) => text?.S ?? '');
    };
    const answerTo = async (...request: Parameters<WebhookSender['send']>) => {
      const { status, content } = await sender.send(...request);
      return { status, ...content };
    };
    const SUCCESS = { status: 200, message: 'Success' };
    const UNAUTHORIZED = { status: 403, message: 'Unauthorized' };

    test('prints commands that do what it says of them, each block pasted as it is', async () => {
      const [publication, scan, ...more] = blocksOf(instructions(example));
      assert.deepEqual(more, []);
      assert.match(await paste(publication), /^HTTP\/1\.1 200 [^]*\{"message":"Success"\}/);
      assert.match(await paste(scan), /"Text": ?\{"S": ?"hello"\}/);
    });

    test('saves a genuine message before it answers, once, however often and in whichever encoding it comes', async () => {
      const body = sender.body({ text: 'naïve 日本 "quoted"' });
      assert.deepEqual(await answerTo(body), SUCCESS);
      assert.ok((await saved()).includes('naïve 日本 "quoted"'));
      const count = (await saved()).length;
      // Of this content type, the event has the body in base64.
      assert.deepEqual(await answerTo(body, { contentType: 'application/octet-stream' }), SUCCESS);
      assert.equal((await saved()).length, count);
    });

    test('rejects what is tampered with, unsigned, stale or not a message, and saves nothing of it', async () => {
      const before = (await saved()).sort();
      const body = sender.body({ text: 'genuine' });
      const signature = sign(SIGNING_SECRET, body);
      const tampered = body.replace('genuine', 'changed');
      const rejected: Parameters<WebhookSender['send']>[] = [
        [tampered, { signature }],
        [body, { signature: null }],
        [body, { signature: sign('another secret', body) }],
        [sender.body({ publish_timestamp: Date.now() - 61_000 })],
        [sender.body({ publish_timestamp: Date.now() + 60_000 })],
      ];
      for (const request of rejected) assert.deepEqual(await answerTo(...request), UNAUTHORIZED);
      for (const malformed of ['not JSON', '{}', body.replace('"genuine"', '5')]) {
        assert.deepEqual(await answerTo(malformed), { status: 400, message: 'Bad Request' });
      }
      assert.deepEqual((await saved()).sort(), before);
    });

    // A function URL sets the header itself.
    if (entrance === 'http-api') {
      test('answers a request of which lambda_http cannot build a URI, by its signature too', async () => {
        const body = sender.body({ text: 'through two proxies' });
        for (const [signature, status] of [
          [sign('another secret', body), 403],
          [sign(SIGNING_SECRET, body), 200],
        ] as const) {
          const headers = {
            'content-type': 'application/json',
            'momento-signature': signature,
            'x-forwarded-proto': 'https, http',
          };
          const response = await fetch(example.url, { method: 'POST', headers, body });
          assert.equal(response.status, status);
        }
        assert.ok((await saved()).includes('through two proxies'));
      });
    }

    test('answers within the 5 s of Momento that it did not save a message, when DynamoDB does not', async () => {
      example.aws.faults.inject({ service: 'dynamodb', operation: 'PutItem', kind: 'hang' });
      const answer = await sender.send(sender.body({ text: 'not saved' }));
      assert.deepEqual([answer.status, answer.content], [503, { message: 'Service Unavailable' }]);
      assert.ok(answer.milliseconds < 5000, answer.milliseconds.toString());
      assert.ok(!(await saved()).includes('not saved'));
    });

    test('has a README whose commands do what it says of them, each typed as it is', async () => {
      const { blocks, inSentences } = commandsOf('webhook-in-rust');
      const [createSecret, restart, ...more] = inSentences;
      assert.deepEqual([blocks, more], [[], []]);
      const command = filledIn(createSecret, { '<signing secret>': '"another signing secret"' });
      const created = await secretAsCreated(example.aws, command, 'momento-signing-secret');
      assert.equal(created, 'another signing secret');

      // AWS starts the function again for that. The local AWS keeps its processes.
      await typeWithAws(example.aws, filledIn(restart, { '<FunctionName>': example.functionName }));
      const FunctionName = example.functionName;
      const configuration = await example.aws.clients.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      assert.equal(configuration.Description, 'rotated');
    });

    test('logs why it rejected a request, and neither a secret nor what a message says', async () => {
      const log = (await example.aws.logs(example.functionName)).join('\n');
      for (const line of [
        'rejected: Unauthenticated',
        'rejected: Stale',
        'rejected: Malformed',
        'not saved: no answer',
      ]) {
        assert.ok(log.includes(line), log);
      }
      for (const secret of [
        SIGNING_SECRET,
        'genuine',
        'changed',
        'naïve',
        'Here I am',
        'hello',
        'two proxies',
        'user-17',
      ]) {
        assert.ok(!log.includes(secret), secret);
      }
    });
  });
}
