/** Runs the example on a local AWS: by hand with `npm run example -- webhook-in-rust`, and in its test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { App } from 'aws-cdk-lib';
import { LocalAws, type StackOutputs } from '../..';
import {
  WebhookInRustStack,
  type WebhookInRustStackProps,
} from '../../../examples/webhook-in-rust/webhook-in-rust-stack';
import { LOCAL_ARCHITECTURE } from '../local-endpoint';
import { buildRustFunctions } from '../rust-functions';
import { runByHand } from '../run-by-hand';

/** What Momento would hand out. */
export const SIGNING_SECRET = 'local-signing-secret';

/** The deployed example. */
export class LocalWebhookInRust {
  /** @param entrance what the webhook is behind */
  public static async start(entrance?: WebhookInRustStackProps['entrance']): Promise<LocalWebhookInRust> {
    const functions = buildRustFunctions('webhook-in-rust', ['webhook-in-rust']);
    const aws = await LocalAws.start({ enforceIam: true, behindFaultProxy: true });
    try {
      const secret = { Name: 'momento-signing-secret', SecretString: SIGNING_SECRET };
      await aws.clients.secrets.send(new CreateSecretCommand(secret));
      return new LocalWebhookInRust(aws, await aws.deploy(synthesize(functions, entrance)));
    } catch (error) {
      await aws.stop();
      throw error;
    }
  }

  /** For the account's own calls, not those of the function. */
  public readonly dynamoDb: DynamoDBClient;

  private constructor(
    public readonly aws: LocalAws,
    private readonly outputs: StackOutputs,
  ) {
    this.dynamoDb = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  /** Where to post to. */
  public get url(): string {
    const url = this.outputs.get('Url');
    return url.includes('.lambda-url.') ? this.aws.functionUrl(url) : this.aws.httpApiUrl(url);
  }

  public get tableName(): string {
    return this.outputs.get('TableName');
  }

  public get functionName(): string {
    return this.outputs.get('FunctionName');
  }

  public async stop(): Promise<void> {
    this.dynamoDb.destroy();
    await this.aws.stop();
  }
}

function synthesize(functions: string, entrance: WebhookInRustStackProps['entrance']): string {
  const assembly = mkdtempSync(join(tmpdir(), 'webhook-in-rust-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  new WebhookInRustStack(app, 'WebhookInRust', { entrance, functions, architecture: LOCAL_ARCHITECTURE });
  return app.synth().directory;
}

/** What to type while it runs. */
export function instructions({ aws, url, tableName }: LocalWebhookInRust): string {
  return `It runs until you press Ctrl-C. In another terminal, post a message as Momento does:

  body='{"cache":"chat","topic":"room-281","publish_timestamp":'$(date +%s%3N)',"topic_sequence_number":1,"text":"hello"}'
  signature=$(printf %s "$body" | openssl dgst -sha3-256 -hmac ${SIGNING_SECRET} -r | cut -d ' ' -f 1)
  curl -i -H 'content-type: application/json' -H "momento-signature: $signature" -d "$body" '${url}'

and look into the table:

  curl --aws-sigv4 aws:amz:${aws.region}:dynamodb --user test:test -H 'content-type: application/x-amz-json-1.0' \\
    -H 'x-amz-target: DynamoDB_20120810.Scan' ${aws.endpoint} -d '{"TableName":"${tableName}"}'`;
}

runByHand(module, LocalWebhookInRust, instructions);
