import { join } from 'node:path';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
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
import { type Language, LANGUAGES } from './languages';
import { QueuedFunction, type QueuedFunctionProps } from './queued-function';
import { StaticPage } from './static-page';

/** The topic that users publish to. */
const PUBLISH = 'friends-publish';
/** How the topics begin that they subscribe to. */
const SUBSCRIBE = 'friends-subscribe-';
/** The source of the chat's own events. */
const SOURCE = 'moderated-chat';

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
   * How often a message is tried in a step before it is a dead letter. With 10 attempts, an outage of minutes costs no message.
   *
   * @default 10
   */
  readonly attempts?: number;
  /**
   * How long the page's tokens are valid. The page fetches another one in time.
   *
   * @default 10 minutes
   */
  readonly tokenLifetime?: Duration;
  /**
   * How often an address may ask for a token in a minute. All who share an address share this.
   *
   * @default 60
   */
  readonly tokensPerMinute?: number;
  /**
   * The name of the secret with the access codes, and the languages that each is for: `{"a code":["spanish"]}`.
   *
   * @default - none, and no language needs a code
   */
  readonly accessCodesSecretName?: string;
  /**
   * The origins that may fetch tokens, such as the output `PageUrl` without the slash at its end.
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
 *
 * A language can have more steps after translation. The last messages of each language are in the cache.
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
      commands: [MomentoCommand.TOPIC_PUBLISH, MomentoCommand.CACHE_SET],
      // By API destination, messages would arrive in double quotes.
      delivery: Delivery.lambdaFunction({ architecture }),
      sources: [SOURCE],
      rateLimits: props.rateLimits,
    });

    const url = endpoint.bind(this);
    this.moderate(published);
    const history = this.history(apiKey, url);
    for (const language of languages) {
      this.translate(language);
      this.keep(language, history);
    }
    const tokens = this.tokens(apiKey, languages, { CACHE: cache, MOMENTO_ENDPOINT: url });
    const config = {
      cache,
      languages: languages.map(({ name, code, label, needsCode = false }) => ({ name, code, label, needsCode })),
      momento: url,
      publish: PUBLISH,
      subscribe: SUBSCRIBE,
      tokens: tokens.url,
    };
    const page = new StaticPage(this, 'Page', {
      folder: join(__dirname, 'page'),
      config,
      connectTo: [url, tokens.url],
    });
    new CfnOutput(this, 'PageUrl', { value: page.url });
    new CfnOutput(this, 'PageConfig', {
      description: 'What the page needs to know: its config.json, if you serve it elsewhere',
      value: this.toJsonString(config),
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

  /** Each step of each language has its own rule, queue and function, so none waits for another. */
  private translate({ name, code, moderation = [] }: Language): void {
    const id = capitalized(name);
    // What a step passes on is of the next step's detail-type, and at last a command to publish.
    const nextOf = (step: number) => ({
      TOPIC: `${SUBSCRIBE}${name}`,
      ...(step < moderation.length && { NEXT_STEP: `${name}-${(step + 1).toString()}` }),
    });
    const translate = this.queuedFunction(id, 'translate', `Translates messages into ${name}`, {
      LANGUAGE_CODE: code,
      ...nextOf(0),
    });
    this.passOn(translate, moderation.length === 0);
    // Translate asks Comprehend, in its caller's name, which language a text is in.
    this.allow(translate.function, 'translate:TranslateText', 'comprehend:DetectDominantLanguage');
    this.rule(`${id}Rule`, `Has moderated messages translated into ${name}`, 'moderated', translate);

    for (const [index, setting] of moderation.entries()) {
      const step = index + 1;
      const stepId = `${id}Moderation${step.toString()}`;
      const description = `Moderates what is translated into ${name}`;
      const moderate = this.queuedFunction(stepId, 'moderate-translation', description, {
        MODERATION: JSON.stringify(setting),
        ...nextOf(step),
      });
      this.passOn(moderate, step === moderation.length);
      if (typeof setting === 'object' && 'toxicity' in setting) {
        this.allow(moderate.function, 'comprehend:DetectToxicContent');
      }
      this.rule(`${stepId}Rule`, `Has translations into ${name} moderated`, `${name}-${step.toString()}`, moderate);
    }
  }

  /** What keeps the last messages of each language in the cache, for readers who come late. */
  private history(apiKey: secretsmanager.ISecret, url: string): QueuedFunction {
    const table = new dynamodb.Table(this, 'History', {
      partitionKey: { name: 'topic', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const history = this.queuedFunction(
      'KeepHistory',
      'keep-history',
      'Keeps the last messages of each language in the cache',
      { HISTORY_TABLE: table.tableName, MOMENTO_ENDPOINT: url, API_KEY_SECRET: apiKey.secretName },
      { inOrder: true },
    );
    table.grant(history.function, 'dynamodb:GetItem', 'dynamodb:PutItem');
    apiKey.grantRead(history.function);
    this.toMomento.grantPutCommands(history.function);
    return history;
  }

  /** Whatever is published for readers of a language is kept: the messages of one language in order, beside the others. */
  private keep({ name }: Language, history: QueuedFunction): void {
    new events.Rule(this, `${capitalized(name)}HistoryRule`, {
      description: `Has the last messages in ${name} kept`,
      eventBus: this.toMomento.eventBus,
      eventPattern: {
        source: [SOURCE],
        detailType: [MomentoCommand.TOPIC_PUBLISH],
        detail: { topicName: [`${SUBSCRIBE}${name}`] },
      },
      targets: [history.target(name)],
    });
  }

  private rule(id: string, description: string, detailType: string, step: QueuedFunction): void {
    const { eventBus } = this.toMomento;
    const eventPattern = { source: [SOURCE], detailType: [detailType] };
    new events.Rule(this, id, { description, eventBus, eventPattern, targets: [step.target()] });
  }

  /** The last step puts commands on the bus, and the others events for the next one. */
  private passOn(step: QueuedFunction, isLast: boolean): void {
    if (isLast) this.toMomento.grantPutCommands(step.function);
    else this.toMomento.eventBus.grantPutEventsTo(step.function);
  }

  /** Where the page gets its tokens. */
  private tokens(
    apiKey: secretsmanager.ISecret,
    languages: readonly Language[],
    environment: Record<string, string>,
  ): lambda.FunctionUrl {
    const { origins = ['*'], tokenLifetime = Duration.minutes(10), tokensPerMinute = 60 } = this.props;
    const { accessCodesSecretName } = this.props;
    const asks = new dynamodb.Table(this, 'Asks', {
      partitionKey: { name: 'asker', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: RemovalPolicy.DESTROY,
    });
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
        LANGUAGES: JSON.stringify(languages.map(({ name, needsCode = false }) => ({ name, needsCode }))),
        VALID_FOR_SECONDS: tokenLifetime.toSeconds().toString(),
        ASK_TABLE: asks.tableName,
        ASKS_A_MINUTE: tokensPerMinute.toString(),
        ...(accessCodesSecretName !== undefined && { ACCESS_CODES_SECRET: accessCodesSecretName }),
        ...this.props.environment,
      },
    });
    apiKey.grantRead(tokens);
    asks.grant(tokens, 'dynamodb:UpdateItem');
    if (accessCodesSecretName !== undefined) {
      secretsmanager.Secret.fromSecretNameV2(this, 'AccessCodes', accessCodesSecretName).grantRead(tokens);
    }
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
    options: Pick<QueuedFunctionProps, 'inOrder'> = {},
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
      attempts: this.props.attempts ?? 10,
      ...options,
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
