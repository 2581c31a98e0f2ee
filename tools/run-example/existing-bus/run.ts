/** Runs the example on a local AWS and a local Momento: by hand with `npm run example -- existing-bus`, and in its test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App, type Stack } from 'aws-cdk-lib';
import { LocalAws, LocalMomento, type StackOutputs } from '../..';
import { LocalEndpoint, LOCAL_ARCHITECTURE } from '../local-endpoint';
import { runByHand } from '../run-by-hand';
import { type Existing, ExistingBusStack } from '../../../examples/existing-bus/existing-bus-stack';
import { OrganisationStack } from './organisation-stack';

export const CACHE = 'chat';
export const SIGNING_SECRET = 'local-signing-secret';
const ENVIRONMENT = { account: '000000000000', region: 'us-east-1' };

/** The deployed example, beside what the organisation has. */
export class LocalExistingBus {
  public static async start(): Promise<LocalExistingBus> {
    const momento = await LocalMomento.start({ caches: [CACHE] });
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const organisation = await aws.deploy(synthesize((app) => new OrganisationStack(app, 'Organisation')));
      const existing = existingIn(organisation);
      const put = (SecretId: string, SecretString: string) =>
        aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
      await put(existing.signingSecretArn, SIGNING_SECRET);
      await put(existing.apiKeySecretArn, momento.apiKey);
      const props = {
        existing,
        endpoint: new LocalEndpoint(momento.endpoint),
        architecture: LOCAL_ARCHITECTURE,
        env: ENVIRONMENT,
      };
      const outputs = await aws.deploy(synthesize((app) => new ExistingBusStack(app, 'ExistingBus', props)));
      const local = new LocalExistingBus(aws, momento, existing, outputs, organisation.get('deadLetterQueueUrl'));
      await momento.addWebhook({ cache: CACHE, topicPrefix: 'in', url: local.url, signingSecret: SIGNING_SECRET });
      return local;
    } catch (error) {
      await momento.stop();
      await aws.stop();
      throw error;
    }
  }

  private constructor(
    public readonly aws: LocalAws,
    public readonly momento: LocalMomento,
    public readonly existing: Existing,
    private readonly outputs: StackOutputs,
    public readonly deadLetterQueueUrl: string,
  ) {}

  /** Where the webhook is posted to. */
  public get url(): string {
    return this.aws.functionUrl(this.outputs.get('FromMomentoUrl'));
  }

  public async stop(): Promise<void> {
    await this.momento.stop();
    await this.aws.stop();
  }
}

function existingIn(outputs: StackOutputs): Existing {
  const { region } = ENVIRONMENT;
  return {
    eventBusArn: outputs.get('eventBusArn'),
    keyArn: outputs.get('keyArn'),
    signingSecretArn: outputs.get('signingSecretArn'),
    apiKeySecretArn: outputs.get('apiKeySecretArn'),
    fallbackQueueArn: outputs.get('fallbackQueueArn'),
    deadLetterQueueArn: outputs.get('deadLetterQueueArn'),
    replayTableArn: outputs.get('replayTableArn'),
    vpcId: outputs.get('vpcId'),
    availabilityZones: [`${region}a`, `${region}b`],
    subnetIds: outputs.get('subnetIds').split(','),
    securityGroupId: outputs.get('securityGroupId'),
    permissionsBoundaryArn: outputs.get('permissionsBoundaryArn'),
    tags: { team: 'chat' },
  };
}

function synthesize(addStack: (app: App) => Stack): string {
  const assembly = mkdtempSync(join(tmpdir(), 'existing-bus-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  addStack(app);
  return app.synth().directory;
}

/** What to type while it runs. */
export function instructions({ aws, momento, existing }: LocalExistingBus): string {
  const detail = JSON.stringify(JSON.stringify({ cacheName: CACHE, key: 'user-17', message: 'hello', ttl: 60 }));
  return `It runs until you press Ctrl-C. Publish a message, which the webhook puts on the organisation's bus:

  curl -H 'authorization: ${momento.apiKey}' -H 'content-type: text/plain' -d hello ${momento.endpoint}/topics/${CACHE}/in

and put a command on that bus, which sets an item of the cache:

  curl --aws-sigv4 aws:amz:${aws.region}:events --user test:test -H 'content-type: application/x-amz-json-1.1' \\
    -H 'x-amz-target: AWSEvents.PutEvents' ${aws.endpoint} \\
    -d '{"Entries":[{"EventBusName":"${existing.eventBusArn}","Source":"orders","DetailType":"cacheSet","Detail":${detail}}]}'
  until curl -s -H 'authorization: ${momento.apiKey}' '${momento.endpoint}/cache/${CACHE}?key=user-17' | grep hello; do sleep 0.2; done`;
}

runByHand(module, LocalExistingBus, instructions);
