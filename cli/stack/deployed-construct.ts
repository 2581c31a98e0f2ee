import type { DeployedFunction, HandlerRole } from './deployed-function';
import type { DeployedStack } from './deployed-stack';

/** A kind of queue that this package uses. */
export type QueueKind = 'dead-letter' | 'fallback' | 'command';
/** The kinds, as `--queue` names them. */
export const QUEUE_KINDS: readonly QueueKind[] = ['dead-letter', 'fallback', 'command'];

/** A construct of this package in a stack. */
export interface DeployedConstruct {
  /**
   * Its path of construct ids, without slashes: how its logical ids begin. In a one-click template they begin with nothing, and
   * the name is the kind.
   */
  readonly name: string;
  readonly kind: ConstructKind;
  /** The name or ARN of its event bus, where a function knows it. */
  readonly eventBus?: string;
  readonly queueUrls: Readonly<Partial<Record<QueueKind, string>>>;
  readonly functions: readonly DeployedFunction[];
}

export type ConstructKind =
  'MomentoWebhookToEventBridge' | 'MomentoTopicToEventBridge' | 'EventBridgeToMomento' | 'DynamoDbToMomento';

/** How the CDK ends a logical id. In a one-click template, ids have neither this nor the name of a construct. */
const HASH = '[0-9A-F]{8}$';
/** What follows the construct's name in the logical id of its function, and the kind of construct where that says it. */
const FUNCTIONS: Readonly<Record<HandlerRole, readonly [string, ConstructKind?]>> = {
  webhook: ['Handler', 'MomentoWebhookToEventBridge'],
  subscribe: ['Handler', 'MomentoTopicToEventBridge'],
  // Both of the above have one.
  redrive: ['RedriveHandler'],
  deliver: ['LambdaDeliverHandler', 'EventBridgeToMomento'],
  'follow-rotation': ['ApiDestinationsFollowRotationHandler', 'EventBridgeToMomento'],
  changes: ['Handler', 'DynamoDbToMomento'],
};
const CONNECTION = 'ApiDestinationsConnection';

/** The constructs of this package in a stack: by what their functions are set to, and by their connections. */
export async function constructsOf(stack: DeployedStack): Promise<DeployedConstruct[]> {
  const functions = (await stack.functions()).filter(({ role }) => role !== undefined);
  const kinds = new Map<string, ConstructKind>();
  for (const { logicalId, role } of functions) {
    const kind = role && FUNCTIONS[role][1];
    if (kind) kinds.set(beginningOfFunction(logicalId, role), kind);
  }
  for (const { logicalId } of stack.ofType('AWS::Events::Connection')) {
    const beginning = beginningOf(logicalId, CONNECTION);
    if (beginning !== undefined) kinds.set(beginning, 'EventBridgeToMomento');
  }
  return [...kinds].map(([beginning, kind]) => {
    const own = functions.filter(({ logicalId, role }) => role && beginningOfFunction(logicalId, role) === beginning);
    const variable = (wanted: string): string | undefined =>
      own.map(({ variables }) => variables[wanted]).find((value) => value !== undefined);
    const queue = (variableName: string, suffix: string): string | undefined =>
      variable(variableName) ??
      stack.ofType('AWS::SQS::Queue').find(({ logicalId }) => beginningOf(logicalId, suffix) === beginning)?.physicalId;
    const queues = {
      'dead-letter': queue('DEAD_LETTER_QUEUE_URL', 'DeadLetterQueue'),
      fallback: queue('FALLBACK_QUEUE_URL', 'FallbackQueue'),
      command: queue('COMMAND_QUEUE_URL', 'LambdaCommandQueue'),
    };
    const eventBus = variable('EVENT_BUS_NAME');
    return {
      name: beginning === '' ? kind : beginning,
      kind,
      ...(eventBus !== undefined && { eventBus }),
      queueUrls: Object.fromEntries(Object.entries(queues).filter(([, url]) => url !== undefined)),
      functions: own,
    };
  });
}

/** A logical id that neither the CDK nor a one-click template made is a beginning of its own. */
function beginningOfFunction(logicalId: string, role: HandlerRole): string {
  return beginningOf(logicalId, FUNCTIONS[role][0]) ?? logicalId;
}

/** What a logical id begins with, if it ends as that of a construct's resource: nothing, in a one-click template. */
function beginningOf(logicalId: string, suffix: string): string | undefined {
  if (logicalId === suffix) return '';
  const [, beginning] = new RegExp(`^(.*)${suffix}${HASH}`).exec(logicalId) ?? [];
  return beginning;
}
