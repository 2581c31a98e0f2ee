import { setTimeout as delay } from 'node:timers/promises';
import { meaning } from '../answer-meaning';
import type { Command } from '../command';
import { ExitStatus, UsageError } from '../failure';
import { type Options, type OptionTypes, parseOptions, required, wholeNumber } from '../options';
import { print } from '../output';
import { httpUrl } from '../http-url';
import { postWebhook } from '../post-webhook';
import { printable } from '../printable';
import { sign, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../signature';
import { findSigningSecret } from '../signing-secret';
import { checkStackOptions, type DeployedWebhook, findWebhook, STACK_OPTIONS } from '../stack/stack-options';
import type { TopicMessage } from '../topic-message';
import { isAccepted, isDuplicate, isRefusal, type WebhookAnswer } from '../webhook-answer';

/** The defaults of the construct, in seconds. */
const MAX_EVENT_AGE = 60;
const MAX_CLOCK_SKEW = 10;

const HELP = `Signs and posts a webhook as Momento does, and explains the answer. An accepted
message is a real event: it matches the rules of the bus.

  npx cdk-momento-eventbridge send-webhook --stack NAME \\
    --cache NAME --topic NAME --text TEXT [options]
  npx cdk-momento-eventbridge send-webhook --url URL <secret> \\
    --cache NAME --topic NAME --text TEXT [options]

  --stack NAME           the stack of the construct, which says its URL, secret,
                         algorithm and ages
  --construct NAME       which webhook of the stack, if it has several: the
                         beginning of its logical ids
  --url URL              the URL of the construct (an output of the stack)
  --cache NAME, --topic NAME, --text TEXT
                         the message
  --token-id ID          the id of the publisher (default: empty)
  --sequence-number N    the number of the message in its topic (default 1)

The secret, exactly one of these, or that of the stack:
  --secret-id ID         name or ARN of the construct's secret in Secrets
                         Manager (needs secretsmanager:GetSecretValue)
  --secret-env NAME      an environment variable with the signing secret
  --secret SECRET        the signing secret; visible in the process list and in
                         the shell history
  --webhook NAME         the member of the secret to sign with, if the secret is
                         a JSON object with several
  --algorithm ALGORITHM  HMAC_SHA3_256 (default), or HMAC_SHA256 if the
                         construct's signatureAlgorithm says so

To test rejection:
  --replay               send the same request twice: the second must be
                         answered as a duplicate
  --age SECONDS          the age of the message; --age=-30 publishes it 30 s in
                         the future
  --tamper               change the text after signing
  --max-event-age SECONDS, --max-clock-skew SECONDS
                         the construct's settings, if not 60 and 10: they decide
                         whether --age must be rejected

  --region REGION        the AWS region of the stack, or of the secret if
                         --secret-id is not an ARN

With --stack it needs the permissions cloudformation:DescribeStacks,
cloudformation:ListStackResources, lambda:GetFunctionConfiguration and
lambda:GetFunctionUrlConfig.

Exit status: 0 if the answer is the expected one: 2xx, a rejection with --age or
--tamper, a duplicate with --replay; 1 otherwise.
`;

const OPTIONS = {
  ...STACK_OPTIONS,
  url: 'value',
  cache: 'value',
  topic: 'value',
  text: 'value',
  'token-id': 'value',
  'sequence-number': 'value',
  'secret-id': 'value',
  'secret-env': 'value',
  secret: 'value',
  webhook: 'value',
  algorithm: 'value',
  replay: 'flag',
  age: 'value',
  tamper: 'flag',
  'max-event-age': 'value',
  'max-clock-skew': 'value',
} as const satisfies OptionTypes;

/** Sends a webhook as Momento would, or one that must be rejected. */
export const sendWebhook: Command = {
  help: HELP,
  async run(args) {
    const given = parseOptions(args, OPTIONS);
    const options = given.stack === undefined ? given : withDefaultsOfStack(given, await findWebhook(given));
    checkStackOptions(options);
    const url = required(options.url, '--url');
    if (!httpUrl(url)) throw new UsageError('--url must be an HTTP URL.');
    const algorithm = signatureAlgorithm(options.algorithm ?? 'HMAC_SHA3_256');
    const messageAt = messageOf(options);
    const age = wholeNumber(options.age ?? '0', '--age', { least: Number.MIN_SAFE_INTEGER });
    const refusalExpected = options.tamper === true || isOutsideWindow(age, options);
    const secret = await findSigningSecret(options);

    // Only now: reading the secret takes its time, and messages grow old.
    const message = messageAt(Date.now() - age * 1_000);
    const signature = sign(algorithm, secret, bytes(message));
    const sent = bytes(options.tamper ? { ...message, text: `${message.text} (tampered)` } : message);

    const first = await postWebhook(url, sent, signature);
    report(first, meaning(first, { refusalExpected, isReplay: false }));
    if (!options.replay) return exitStatus(refusalExpected ? isRefusal(first) : isAccepted(first));

    // An environment of the function that has just answered is free for the next request a moment later.
    await delay(100);
    const second = await postWebhook(url, sent, signature);
    report(second, meaning(second, { refusalExpected, isReplay: isAccepted(first) }));
    return exitStatus(
      refusalExpected ? isRefusal(first) && isRefusal(second) : isAccepted(first) && isDuplicate(second),
    );
  },
};

type SendOptions = Options<typeof OPTIONS>;

/** What the stack says, where the command line does not. */
function withDefaultsOfStack(given: SendOptions, webhook: DeployedWebhook): SendOptions {
  const { url, secretId, region, algorithm, maxEventAge, maxClockSkew } = webhook;
  const hasSecret = [given['secret-id'], given['secret-env'], given.secret].some((secret) => secret !== undefined);
  return {
    url,
    region,
    ...(!hasSecret && { 'secret-id': secretId }),
    ...(algorithm !== undefined && { algorithm }),
    ...(maxEventAge !== undefined && { 'max-event-age': Math.ceil(maxEventAge).toString() }),
    ...(maxClockSkew !== undefined && { 'max-clock-skew': Math.ceil(maxClockSkew).toString() }),
    ...given,
  };
}

function messageOf(options: SendOptions): (publishedAt: number) => TopicMessage {
  const cache = required(options.cache, '--cache');
  const topic = required(options.topic, '--topic');
  const { text } = options;
  if (text === undefined) throw new UsageError('--text is missing.');
  const topic_sequence_number = wholeNumber(options['sequence-number'] ?? '1', '--sequence-number', { least: 0 });
  const token_id = options['token-id'] ?? '';
  return (publishedAt) => ({
    cache,
    topic,
    event_timestamp: publishedAt,
    publish_timestamp: publishedAt,
    topic_sequence_number,
    token_id,
    text,
  });
}

function bytes(message: TopicMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

function isOutsideWindow(age: number, options: SendOptions): boolean {
  const seconds = (name: 'max-event-age' | 'max-clock-skew', otherwise: number): number =>
    wholeNumber(options[name] ?? otherwise.toString(), `--${name}`, { least: 0 });
  // What is that old already when it is sent is older when it arrives.
  return age >= seconds('max-event-age', MAX_EVENT_AGE) || -age > seconds('max-clock-skew', MAX_CLOCK_SKEW);
}

function signatureAlgorithm(name: string): SignatureAlgorithm {
  if (Object.hasOwn(SIGNATURE_ALGORITHMS, name)) return name as SignatureAlgorithm;
  throw new UsageError(`--algorithm must be ${Object.keys(SIGNATURE_ALGORITHMS).join(' or ')}.`);
}

function report({ status, body, milliseconds }: WebhookAnswer, sentence: string): void {
  print(`${status.toString()} ${printable(body)} (${milliseconds.toString()} ms)`);
  print(sentence);
}

function exitStatus(asItShouldBe: boolean): ExitStatus {
  return asItShouldBe ? ExitStatus.Success : ExitStatus.Failure;
}
