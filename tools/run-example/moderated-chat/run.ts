/** Runs the chat on a local AWS and a local Momento: by hand with `npm run example -- moderated-chat`, and in its tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App } from 'aws-cdk-lib';
import { MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
import { LocalAws, LocalMomento, type StackOutputs } from '../..';
import { LOCAL_ARCHITECTURE, LocalEndpoint } from '../local-endpoint';
import { PageServer } from '../page-server';
import { runByHand } from '../run-by-hand';
import { buildRustFunctions } from '../rust-functions';
import { nameSubscribeFunction, startSubscription, waitForSubscription } from '../subscription';
import { TokenService } from '../token-service';
import { LanguageServices } from './language-services';
import type { Language } from '../../../examples/moderated-chat/languages';
import {
  ModeratedChatStack,
  type ModeratedChatStackProps,
} from '../../../examples/moderated-chat/moderated-chat-stack';

/** The cache that the chat's topics belong to. */
export const CACHE = 'chat';

const FUNCTIONS = ['moderate', 'translate', 'moderate-translation', 'keep-history', 'token'];
const SIGNING_SECRET = 'local-signing-secret';

/** What the page needs to know. */
export interface PageConfig {
  readonly cache: string;
  readonly languages: readonly Language[];
  readonly momento: string;
  readonly publish: string;
  readonly subscribe: string;
  readonly tokens: string;
}

/** The deployed chat, with its page. */
export class LocalModeratedChat {
  /**
   * @param props what the stack is to be told beyond where it runs
   * @param secrets the values of secrets that it asks for, by name
   */
  public static async start(
    props: ModeratedChatStackProps = {},
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<LocalModeratedChat> {
    const functions = buildRustFunctions('moderated-chat', FUNCTIONS);
    const momento = await LocalMomento.start({ caches: [CACHE] });
    const languages = await LanguageServices.start();
    const tokens = await TokenService.start(momento);
    const aws = await LocalAws.start({ enforceIam: true });
    const stop = async () => {
      languages.stop();
      tokens.stop();
      await aws.stop();
    };
    try {
      for (const [Name, SecretString] of Object.entries({ ...secrets, 'momento-api-key': momento.apiKey })) {
        await aws.clients.secrets.send(new CreateSecretCommand({ Name, SecretString }));
      }
      const outputs = await deploy(aws, momento, {
        functions,
        environment: {
          AWS_ENDPOINT_URL_TRANSLATE: languages.endpoint,
          AWS_ENDPOINT_URL_COMPREHEND: languages.endpoint,
          MOMENTO_TOKEN_SERVICE: tokens.endpoint,
        },
        ...props,
      });
      const config = JSON.parse(outputs.get('PageConfig')) as PageConfig;
      const local = { ...config, tokens: aws.functionUrl(config.tokens) };
      const page = await PageServer.start('moderated-chat', local, [local.momento, local.tokens]);
      return new LocalModeratedChat(aws, momento, languages, outputs, local, page, stop);
    } catch (error) {
      await momento.stop();
      await stop();
      throw error;
    }
  }

  private constructor(
    public readonly aws: LocalAws,
    public momento: LocalMomento,
    public readonly languages: LanguageServices,
    public readonly outputs: StackOutputs,
    public readonly config: PageConfig,
    private readonly page: PageServer,
    private readonly stopServices: () => Promise<void>,
  ) {}

  /** Where the page is. */
  public get url(): string {
    return this.page.url;
  }

  /** Stops Momento, and starts it again at the same address, where it has forgotten all messages and tokens. */
  public async restartMomento(): Promise<void> {
    await this.momento.stop();
    const port = Number(new URL(this.momento.endpoint).port);
    this.momento = await LocalMomento.start({ caches: [CACHE], port });
    if (this.outputs.has('FromMomentoUrl')) {
      await addWebhook(this.aws, this.momento, this.outputs);
    } else {
      await waitForSubscription(this.momento, [{ cacheName: CACHE, topicName: this.config.publish }]);
    }
  }

  public async stop(): Promise<void> {
    this.page.stop();
    await this.momento.stop();
    await this.stopServices();
  }
}

async function deploy(aws: LocalAws, momento: LocalMomento, props: ModeratedChatStackProps): Promise<StackOutputs> {
  const assembly = mkdtempSync(join(tmpdir(), 'moderated-chat-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  const { fromMomento } = new ModeratedChatStack(app, 'ModeratedChat', {
    cache: CACHE,
    architecture: LOCAL_ARCHITECTURE,
    endpoint: new LocalEndpoint(momento.endpoint),
    // Momento's limits are not those of this machine.
    rateLimits: { topicPublish: 300 },
    ...props,
  });
  if (fromMomento instanceof MomentoTopicToEventBridge) {
    nameSubscribeFunction(fromMomento);
    const outputs = await aws.deploy(app.synth().directory);
    await startSubscription(aws, momento, outputs, fromMomento.topics);
    return outputs;
  }
  const outputs = await aws.deploy(app.synth().directory);
  const secretId = outputs.get('FromMomentoSigningSecretArn');
  await aws.clients.secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: SIGNING_SECRET }));
  await addWebhook(aws, momento, outputs);
  return outputs;
}

/** What is done once by hand in a real account. */
async function addWebhook(aws: LocalAws, momento: LocalMomento, outputs: StackOutputs): Promise<void> {
  const { publish: topic } = JSON.parse(outputs.get('PageConfig')) as PageConfig;
  const url = aws.functionUrl(outputs.get('FromMomentoUrl'));
  await momento.addWebhook({ cache: CACHE, topic, url, signingSecret: SIGNING_SECRET });
}

/** What to do while it runs. */
export function instructions({ url }: LocalModeratedChat): string {
  return `The chat is at ${url} until you press Ctrl-C. Try "Good morning, my friends!", and swear a little.

Amazon Translate is a small stand-in here, with a glossary of some phrases: what it does not know, it marks with [es].`;
}

runByHand(module, LocalModeratedChat, instructions);
