import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import type { StackResource } from './stack-resource';

/** What a function of this package does. */
export type HandlerRole = 'webhook' | 'subscribe' | 'redrive' | 'deliver' | 'follow-rotation' | 'changes';

/** A function of a stack. */
export interface DeployedFunction {
  readonly logicalId: string;
  readonly name: string;
  /** What it does, if it is one of this package. */
  readonly role?: HandlerRole;
  /** Its environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  /** The SHA-256 of its zip, in base64. */
  readonly codeSha256: string;
  /** `Active` unless Lambda cannot run it. */
  readonly state: string;
  /** It was deleted, though it is a resource of the stack. */
  readonly isMissing: boolean;
}

/** The variables that a handler needs, which say what it is (`handler/src/bin`). The first that are all there decide. */
const ROLES: readonly (readonly [HandlerRole, readonly string[]])[] = [
  ['webhook', ['EVENT_BUS_NAME', 'MOMENTO_SECRET_ID', 'FALLBACK_QUEUE_URL']],
  ['subscribe', ['EVENT_BUS_NAME', 'FALLBACK_QUEUE_URL', 'CHECKPOINT_TABLE_NAME', 'MOMENTO_API_KEY_SECRET_ID']],
  ['deliver', ['COMMAND_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'MOMENTO_API_KEY_SECRET_ID']],
  ['redrive', ['EVENT_BUS_NAME', 'FALLBACK_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL']],
  ['follow-rotation', ['CONNECTION_NAME', 'MOMENTO_API_KEY_SECRET_ID']],
  ['changes', ['CACHE_NAME', 'DEAD_LETTER_QUEUE_URL']],
];

/** Looks functions up in Lambda. One that is not there is described by its absence. */
export async function describeFunctions(
  resources: readonly StackResource[],
  region: string,
): Promise<DeployedFunction[]> {
  if (resources.length === 0) return [];
  const { GetFunctionConfigurationCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(await clientSettings(region));
  const described: DeployedFunction[] = [];
  // One after the other: Lambda throttles an account that asks for many at once.
  for (const { logicalId, physicalId } of resources) {
    const configuration = await callAws('Lambda', 'lambda:GetFunctionConfiguration', async () => {
      try {
        return await client.send(new GetFunctionConfigurationCommand({ FunctionName: physicalId }));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
        return undefined;
      }
    });
    described.push(functionOf(logicalId, physicalId, configuration));
  }
  return described;
}

function functionOf(
  logicalId: string,
  name: string,
  configuration: Partial<FunctionConfiguration> | undefined,
): DeployedFunction {
  const variables = configuration?.Environment?.Variables ?? {};
  const [role] = ROLES.find(([, names]) => names.every((variable) => variables[variable])) ?? [];
  return {
    logicalId,
    name,
    ...(role && { role }),
    variables,
    logGroup: configuration?.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    codeSha256: configuration?.CodeSha256 ?? '',
    state: configuration?.State ?? 'Active',
    isMissing: configuration === undefined,
  };
}
