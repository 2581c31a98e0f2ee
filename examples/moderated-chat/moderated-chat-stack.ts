import { join } from 'node:path';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Delivery,
  EventBridgeToMomento,
  MomentoCommand,
  MomentoEndpoint,
  type MomentoToEventBridge,
  type MomentoTopic,
  MomentoTopicToEventBridge,
  MomentoWebhookToEventBridge,
  type RateLimits,
} from 'cdk-momento-eventbridge';
import type { Construct } from 'constructs';
import { QueuedFunction } from './queued-function';

/** A language that the chat is shown in. */
export interface Language {
  /** The end of the topic's name: `spanish` for `friends-subscribe-spanish`. */
  readonly name: string;
  /** Amazon Translate's code of it, which is also what the page says to browsers. */
  readonly code: string;
  /** How those who speak it call it. */
  readonly label: string;
}

/** The topic that users publish to. */
const PUBLISH = 'friends-publish';
/** How the topics begin that they subscribe to. */
const SUBSCRIBE = 'friends-subscribe-';
/** The source of the chat's own events. */
const SOURCE = 'moderated-chat';

/** To add a language, add a line. */
export const LANGUAGES: readonly Language[] = [
  { name: 'english', code: 'en', label: 'English' },
  { name: 'spanish', code: 'es', label: 'Español' },
  { name: 'japanese', code: 'ja', label: '日本語' },
];

export interface ModeratedChatStackProps extends StackProps {
  /**
   * How the messages get from Momento to the bus: by a subscription, or by a webhook, which Momento calls deprecated.
   *
   * @default subscription
   */
  readonly source?: 'subscription' | 'webhook';
  /**
   * The cache that the chat's topics belong to.
   *
   * @default chat
   */
  readonly cache?: string;
  /**
   * The languages that the chat is shown in.
   *
   * @default LANGUAGES
   */
  readonly languages?: readonly Language[];
  /**
   * From which toxicity on, 0 to 1, Amazon Comprehend has a message masked as a whole. It knows English only.
   *
   * @default - Comprehend is not asked
   */
  readonly toxicityThreshold?: number;
  /**
   * How long a message waits that could not be moderated or translated, before it is tried again. 10 seconds at least.
   *
   * @default 30 seconds
   */
  readonly retryAfter?: Duration;
  /**
   * How long the page's tokens are valid. The page fetches another one in time.
   *
   * @default 10 minutes
   */
  readonly tokenLifetime?: Duration;
  /**
   * The origins that may fetch tokens: where the page is served from.
   *
   * @default - any
   */
  readonly origins?: string[];
  /**
   * The name of the secret whose string is the Momento API key. The key must be one that may make tokens, subscribe and
   * publish.
   *
   * @default momento-api-key
   */
  readonly apiKeySecretName?: string;
  /**
   * Where Momento is.
   *
   * @default - Momento's cell in the stack's region
   */
  readonly endpoint?: MomentoEndpoint;
  /**
   * How many messages are published a second at most.
   *
   * @default - Momento's soft limits
   */
  readonly rateLimits?: RateLimits;
  /**
   * Further variables for the functions: a local run has stand-ins for some services, and says here where they are.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
  /**
   * What the functions run on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
  /**
   * The directory that `cargo lambda build` has put the functions in.
   *
   * @default lambda, beside this file
   */
  readonly functions?: string;
}

/**
 * A chat: what users publish to `friends-publish` appears, moderated and translated, on `friends-subscribe-english` and so
 * on.
 *
 * subscription or webhook → bus → moderate → bus → translate, once for each language → bus → Momento
 */
export class ModeratedChatStack extends Stack {
  /** Puts what users publish on the bus. */
  public readonly fromMomento: MomentoToEventBridge;

  private readonly props: ModeratedChatStackProps;
  private readonly toMomento: EventBridgeToMomento;

  public constructor(scope: Construct, id: string, props: ModeratedChatStackProps = {}) {
    super(scope, id, props);
    const { cache = 'chat', languages = LANGUAGES, endpoint = MomentoEndpoint.forRegion(this.region) } = props;
    this.props = props;
    const apiKey = secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', props.apiKeySecretName ?? 'momento-api-key');
    const { architecture } = this;
    const published = { cacheName: cache, topicName: PUBLISH };
    this.fromMomento =
      props.source === 'webhook'
        ? new MomentoWebhookToEventBridge(this, 'FromMomento', { architecture })
        : new MomentoTopicToEventBridge(this, 'FromMomento', { topics: [published], apiKey, endpoint, architecture });
    this.toMomento = new EventBridgeToMomento(this, 'ToMomento', {
      apiKey,
      endpoint,
      commands: [MomentoCommand.TOPIC_PUBLISH],
      // By API destination, messages would arrive in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
      sources: [SOURCE],
      rateLimits: props.rateLimits,
    });

    this.moderate(published);
    for (const language of languages) {
      this.translate(language);
    }
    const url = endpoint.bind(this);
    const tokens = this.tokens(apiKey, { CACHE: cache, MOMENTO_ENDPOINT: url });
    new CfnOutput(this, 'PageConfig', {
      description: 'What the page needs to know: its config.json',
      value: this.toJsonString({
        cache,
        languages,
        momento: url,
        publish: PUBLISH,
        subscribe: SUBSCRIBE,
        tokens: tokens.url,
      }),
    });
  }

  private get architecture(): lambda.Architecture {
    return this.props.architecture ?? lambda.Architecture.ARM_64;
  }

  /** Whatever is published is moderated before anything else sees it. */
  private moderate(published: MomentoTopic): void {
    const { toxicityThreshold } = this.props;
    const moderate = this.queuedFunction('Moderate', 'moderate', 'Masks what should not be shown', {
      ...(toxicityThreshold !== undefined && { TOXICITY_THRESHOLD: toxicityThreshold.toString() }),
    });
    this.toMomento.eventBus.grantPutEventsTo(moderate.function);
    if (toxicityThreshold !== undefined) {
      this.allow(moderate.function, 'comprehend:DetectToxicContent');
    }
    this.fromMomento.onMessage('Published', { ...published, target: moderate.target() });
  }

  /** Each language has its own rule, queue and function, so none waits for another. */
  private translate({ name, code }: Language): void {
    const translate = this.queuedFunction(capitalized(name), 'translate', `Translates messages into ${name}`, {
      LANGUAGE_CODE: code,
      TOPIC: `${SUBSCRIBE}${name}`,
    });
    this.toMomento.grantPutCommands(translate.function);
    // Translate asks Comprehend, in its caller's name, which language a text is in.
    this.allow(translate.function, 'translate:TranslateText', 'comprehend:DetectDominantLanguage');
    new events.Rule(this, `${capitalized(name)}Rule`, {
      description: `Has moderated messages translated into ${name}`,
      eventBus: this.toMomento.eventBus,
      eventPattern: { source: [SOURCE], detailType: ['moderated'] },
      targets: [translate.target()],
    });
  }

  /** Where the page gets its tokens. */
  private tokens(apiKey: secretsmanager.ISecret, environment: Record<string, string>): lambda.FunctionUrl {
    const { origins = ['*'], tokenLifetime = Duration.minutes(10) } = this.props;
    const tokens = new lambda.Function(this, 'Tokens', {
      description: 'Gives the page a token that expires soon',
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: this.architecture,
      handler: 'bootstrap',
      code: this.code('token'),
      timeout: Duration.seconds(10),
      logGroup: new logs.LogGroup(this, 'TokensLog', { retention: logs.RetentionDays.ONE_MONTH }),
      environment: {
        ...environment,
        API_KEY_SECRET: apiKey.secretName,
        PUBLISH_TOPIC: PUBLISH,
        SUBSCRIBE_PREFIX: SUBSCRIBE,
        VALID_FOR_SECONDS: tokenLifetime.toSeconds().toString(),
        ...this.props.environment,
      },
    });
    apiKey.grantRead(tokens);
    return tokens.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.NONE,
      cors: { allowedOrigins: origins, allowedMethods: [lambda.HttpMethod.POST], allowedHeaders: ['content-type'] },
    });
  }

  private queuedFunction(
    id: string,
    binary: string,
    description: string,
    environment: Record<string, string>,
  ): QueuedFunction {
    const made = new QueuedFunction(this, id, {
      description,
      code: this.code(binary),
      architecture: this.architecture,
      environment: {
        ...environment,
        EVENT_BUS_NAME: this.toMomento.eventBus.eventBusName,
        ...this.props.environment,
      },
      retryAfter: this.props.retryAfter ?? Duration.seconds(30),
      attempts: 3,
    });
    new CfnOutput(this, `${id}DeadLettersUrl`, { value: made.deadLetterQueue.queueUrl });
    return made;
  }

  private code(binary: string): lambda.Code {
    return lambda.Code.fromAsset(join(this.props.functions ?? join(__dirname, 'lambda'), binary));
  }

  /** These actions know no resources. */
  private allow(user: lambda.Function, ...actions: string[]): void {
    user.addToRolePolicy(new iam.PolicyStatement({ actions, resources: ['*'] }));
  }
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
