import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cbor } from '@smithy/core/cbor';
import { GLOSSARY } from './glossary';

/** What the service is asked to translate. */
export interface TranslateTextRequest {
  readonly Text: string;
  readonly SourceLanguageCode: string;
  readonly TargetLanguageCode: string;
  readonly Settings?: { readonly Profanity?: string };
}
interface DetectToxicContentRequest {
  readonly TextSegments: readonly { readonly Text: string }[];
}

/** An error as the services answer it. */
export interface ServiceError {
  readonly status: number;
  /** Such as `ThrottlingException`. */
  readonly code: string;
}

/** What takes the place of a word that Translate masks. */
const GRAWLIX = '?$#@$';
/** Translate's limit for the UTF-8 bytes of a text. */
const MAX_TEXT_BYTES = 10_000;

/**
 * Stands in for Amazon Translate and Amazon Comprehend, of which the local AWS has neither: it speaks the wire protocols
 * that the SDK for Rust uses for them (Smithy RPC v2 CBOR for Translate, AWS JSON 1.1 for Comprehend), so that the calls of
 * the real SDK run, and knows `TranslateText` and `DetectToxicContent`.
 *
 * It is not a translator. It replaces the phrases of a glossary, and where it knows none it says so: `[es] text`. What has
 * `worthless` in it is toxic.
 */
export class LanguageServices {
  /** Starts it on a free port of 127.0.0.1. It does not keep the process alive. */
  public static async start(): Promise<LanguageServices> {
    const services = new LanguageServices();
    services.server.listen(0, '127.0.0.1').unref();
    await once(services.server, 'listening');
    return services;
  }

  /** What happens to a translation, if anything does. */
  public failure: (request: TranslateTextRequest) => ServiceError | undefined = () => undefined;
  /** What happens to a text whose toxicity is asked for, if anything does. */
  public toxicityFailure: (text: string) => ServiceError | undefined = () => undefined;
  /** How often each language was asked for. */
  public readonly translations = new Map<string, number>();

  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  private constructor() {
    this.server.on('connection', (socket) => socket.unref());
  }

  public get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
      const { status, content } = this.answer(request.url, cbor.deserialize(body));
      const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
      response.writeHead(status, headers).end(cbor.serialize(content));
    } else {
      const { status, content } = this.answer(request.headers['x-amz-target'], JSON.parse(body.toString()));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
    }
  }

  private answer(operation: unknown, body: unknown): { status: number; content: object } {
    switch (operation) {
      case '/service/AWSShineFrontendService_20170701/operation/TranslateText':
        return this.translateText(body as TranslateTextRequest);
      case 'Comprehend_20171127.DetectToxicContent':
        return this.detectToxicContent(body as DetectToxicContentRequest);
      default:
        return failed({ status: 400, code: 'UnknownOperationException' });
    }
  }

  private detectToxicContent(request: DetectToxicContentRequest): { status: number; content: object } {
    const texts = request.TextSegments.map(({ Text: text }) => text);
    const failure = this.toxicityFailure(texts.join(''));
    return failure ? failed(failure) : { status: 200, content: { ResultList: texts.map(toxicityOf) } };
  }

  private translateText(request: TranslateTextRequest): { status: number; content: object } {
    const { Text: text, SourceLanguageCode: source, TargetLanguageCode: target } = request;
    this.translations.set(target, (this.translations.get(target) ?? 0) + 1);
    const failure = this.failure(request);
    if (failure) return failed(failure);
    if (text === '') return failed({ status: 400, code: 'InvalidRequestException' });
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES)
      return failed({ status: 400, code: 'TextSizeLimitExceededException' });
    const original = source === 'auto' ? languageOf(text) : source;
    const translated = original === target ? text : translate(text, original, target);
    return {
      status: 200,
      content: {
        TranslatedText:
          request.Settings?.Profanity === 'MASK' ? translated.replaceAll(/\bmierda\b/gi, GRAWLIX) : translated,
        SourceLanguageCode: original,
        TargetLanguageCode: target,
        ...(request.Settings && { AppliedSettings: request.Settings }),
      },
    };
  }
}

function failed({ status, code }: ServiceError): { status: number; content: object } {
  return { status, content: { __type: code, message: 'The stand-in was told to fail, or asked for what it has not.' } };
}

function toxicityOf(text: string): object {
  const toxicity = /\bworthless\b/i.test(text) ? 0.9 : 0.1;
  return { Labels: [{ Name: 'INSULT', Score: toxicity }], Toxicity: toxicity };
}

/** The language that most of the phrases in the text are of. */
function languageOf(text: string): string {
  const found = new Map<string, number>([['en', 0]]);
  for (const phrases of GLOSSARY) {
    for (const [language, phrase] of Object.entries(phrases)) {
      if (matcher(phrase).test(text)) found.set(language, (found.get(language) ?? 0) + phrase.length);
    }
  }
  const [[language] = ['en']] = [...found].sort(([, a], [, b]) => b - a);
  return language;
}

function translate(text: string, from: string, to: string): string {
  let translated = text;
  for (const phrases of GLOSSARY) {
    const { [from]: phrase, [to]: replacement } = phrases;
    if (phrase !== undefined && replacement !== undefined) {
      translated = translated.replaceAll(matcher(phrase, 'g'), (found) => inTheCaseOf(found, replacement));
    }
  }
  return translated === text ? `[${to}] ${text}` : translated;
}

/** Finds a phrase that stands by itself. (Japanese puts no spaces between words.) */
function matcher(phrase: string, flags = ''): RegExp {
  const isSpaced = /^\p{Script=Latin}/u.test(phrase);
  return new RegExp(isSpaced ? `(?<!\\p{L})${phrase}(?!\\p{L})` : phrase, `iu${flags}`);
}

function inTheCaseOf(found: string, replacement: string): string {
  const first = found.charAt(0);
  const isCapital = first !== first.toLowerCase();
  return isCapital ? replacement.charAt(0).toUpperCase() + replacement.slice(1) : replacement;
}
