import { callAws } from '../aws-call';
import { clientSettings, regionOfQueue } from '../aws-client';
import { Failure, UsageError } from '../failure';
import { httpUrl } from '../http-url';
import { type Options, required } from '../options';
import { printable } from '../printable';
import { Queue } from '../queue';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../signature';
import { constructsOf, type DeployedConstruct, QUEUE_KINDS, type QueueKind } from './deployed-construct';
import type { DeployedFunction } from './deployed-function';
import { DeployedStack } from './deployed-stack';

/** What `--help` says about them. */
export const STACK_HELP = `  --stack NAME      a deployed CloudFormation stack, which says the rest: its
                    name or ARN
  --construct NAME  which construct of the stack, if it has several: the
                    beginning of its logical ids`;

/** Options that name a deployed stack, and a construct in it. */
export const STACK_OPTIONS = { stack: 'value', construct: 'value', region: 'value' } as const;
export type StackOptions = Options<typeof STACK_OPTIONS>;

/** Options that name a queue. */
export const QUEUE_OPTIONS = { ...STACK_OPTIONS, queue: 'value', 'queue-url': 'value' } as const;
export type QueueOptions = Options<typeof QUEUE_OPTIONS>;

/** The webhook of a stack, as far as `send-webhook` needs it. */
export interface DeployedWebhook {
  readonly url: string;
  readonly secretId: string;
  readonly region: string;
  readonly algorithm?: SignatureAlgorithm;
  /** In seconds. */
  readonly maxEventAge?: number;
  /** In seconds. */
  readonly maxClockSkew?: number;
}

/** Opens the queue of `--queue-url`, or that of `--stack`. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { 'queue-url': url, stack: stackName, region } = options;
  checkStackOptions(options);
  if (stackName === undefined) return Queue.open(required(url, '--queue-url'), region);
  if (url !== undefined) throw new UsageError('Give exactly one of --queue-url and --stack.');
  const kind = queueKind(options.queue ?? 'dead-letter');
  const stack = await DeployedStack.read(stackName, region);
  const constructs = await constructsOf(stack);
  const { queueUrls } = choose(stack, constructs, options.construct, `${kind} queue`, (construct) => [
    construct.queueUrls[kind],
  ]);
  return openQueueOf(stack, queueUrls[kind] ?? '');
}

/** Opens a queue of a stack. One that was passed in can be in another region, if its URL says so. */
export async function openQueueOf(stack: DeployedStack, url: string): Promise<Queue> {
  const parsed = httpUrl(url);
  return Queue.open(url, parsed && regionOfQueue(parsed) !== undefined ? undefined : stack.region);
}

/** Finds the event bus of a stack: its name or ARN, and the region. */
export async function findEventBus(options: StackOptions): Promise<{ readonly name: string; readonly region: string }> {
  const stack = await DeployedStack.read(required(options.stack, '--stack'), options.region);
  const constructs = await constructsOf(stack);
  const { eventBus } = choose(stack, constructs, options.construct, 'event bus', (construct) => [construct.eventBus]);
  return { name: eventBus ?? '', region: stack.region };
}

/** Finds the webhook of a stack. */
export async function findWebhook(options: StackOptions): Promise<DeployedWebhook> {
  const stack = await DeployedStack.read(required(options.stack, '--stack'), options.region);
  const construct = choose(stack, await constructsOf(stack), options.construct, 'webhook', ({ functions }) =>
    functions.filter(({ role }) => role === 'webhook').map(({ name }) => name),
  );
  const handler = construct.functions.find(({ role }) => role === 'webhook');
  if (!handler) throw new Failure(`The construct ${construct.name} has no webhook.`);
  return describeWebhook(handler, stack.region);
}

/** What a sender must know of a webhook's handler. */
export async function describeWebhook(handler: DeployedFunction, region: string): Promise<DeployedWebhook> {
  const { GetFunctionUrlConfigCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(await clientSettings(region));
  const { FunctionUrl: url } = await callAws('Lambda', 'lambda:GetFunctionUrlConfig', async () => {
    try {
      return await client.send(new GetFunctionUrlConfigCommand({ FunctionName: handler.name }));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      throw new Failure(`The function ${printable(handler.name)} has no Function URL: deploy the stack again.`);
    }
  });
  const { MAX_EVENT_AGE_MS: age, MAX_CLOCK_SKEW_MS: skew } = handler.variables;
  const algorithm = signatureAlgorithmOf(handler);
  return {
    url: url ?? '',
    secretId: handler.variables.MOMENTO_SECRET_ID ?? '',
    region,
    ...(algorithm && { algorithm }),
    ...(age !== undefined && { maxEventAge: Number(age) / 1_000 }),
    ...(skew !== undefined && { maxClockSkew: Number(skew) / 1_000 }),
  };
}

/** The algorithm by which the handler of a webhook checks signatures, if its environment says so. */
export function signatureAlgorithmOf({ variables }: DeployedFunction): SignatureAlgorithm | undefined {
  const { SIGNATURE_ALGORITHM: algorithm = '' } = variables;
  return Object.hasOwn(SIGNATURE_ALGORITHMS, algorithm) ? (algorithm as SignatureAlgorithm) : undefined;
}

/** @throws UsageError if an option is there that says nothing without `--stack` */
export function checkStackOptions({ stack, construct, queue }: QueueOptions): void {
  if (stack !== undefined) return;
  if (construct !== undefined) throw new UsageError('--construct needs --stack.');
  if (queue !== undefined) throw new UsageError('--queue needs --stack.');
}

/**
 * The construct that has something, of a stack in which several may have it. Several that share one count as one.
 *
 * @param what it is, in the singular
 * @param find what each construct has of it
 */
function choose(
  stack: DeployedStack,
  constructs: readonly DeployedConstruct[],
  chosen: string | undefined,
  what: string,
  find: (construct: DeployedConstruct) => readonly (string | undefined)[],
): DeployedConstruct {
  const having = constructs.filter((construct) => find(construct).some((found) => found !== undefined));
  const names = having.map(({ name }) => printable(name)).join(', ');
  const stackName = printable(stack.name);
  if (chosen !== undefined) {
    const named = having.find(({ name }) => name === chosen);
    if (named) return named;
    const others = having.length > 0 ? ` Constructs with one: ${names}.` : '';
    throw new UsageError(`The stack ${stackName} has no construct ${printable(chosen)} with a ${what}.${others}`);
  }
  const [first] = having;
  if (!first) {
    throw new Failure(`The stack ${stackName} has no construct of cdk-momento-eventbridge with a ${what}.`);
  }
  if (new Set(having.flatMap(find).filter((found) => found !== undefined)).size > 1) {
    throw new UsageError(
      `The stack ${stackName} has more than one ${what}: choose one with --construct. Constructs with one: ${names}.`,
    );
  }
  return first;
}

function queueKind(name: string): QueueKind {
  const kind = QUEUE_KINDS.find((known) => known === name);
  if (kind === undefined) throw new UsageError(`--queue must be ${QUEUE_KINDS.join(', ')}.`);
  return kind;
}
