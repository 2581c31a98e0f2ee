import type { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { HandlerCode } from './handler-code';
import type { HandlerOptions } from './handler-options';
import { HandlerRole } from './handler-role';
import { LogLevel } from './log-level';
import { checkOneOf, checkWholeNumber, fail } from '../common/prop-checks';

export interface HandlerProps {
  /** The name of the executable. */
  readonly binary: string;
  readonly description: string;
  readonly environment: Record<string, string>;
  /** How long Lambda may keep an asynchronous event before it runs the function. Lambda's own 6 hours unless given. */
  readonly maxEventAge?: Duration;
  readonly memorySize: number;
  readonly reservedConcurrency?: number;
  /** How often Lambda repeats an asynchronous event that failed. Lambda's own 2 times unless given. */
  readonly retryAttempts?: number;
  readonly settings: HandlerOptions;
  readonly timeout: Duration;
}

/**
 * A function that runs one of the handlers, with its own log group and role. The role may write to the log group; the handler
 * adds its other permissions.
 */
export class Handler extends lambda.Function {
  protected readonly may: HandlerRole;

  public constructor(scope: Construct, id: string, props: HandlerProps) {
    const { binary, settings, reservedConcurrency, environment, ...functionProps } = props;
    const { handlerCode = HandlerCode.prebuilt(), logLevel = LogLevel.INFO, tracing } = settings;
    const { logRetention = logs.RetentionDays.ONE_MONTH, logEncryptionKey } = settings;
    const { vpc, vpcSubnets, securityGroups, environmentEncryption } = settings;
    const architecture = checkedArchitecture(scope, settings);
    // Lambda's limits, in MiB.
    checkWholeNumber(scope, 'memorySize', props.memorySize, 128, 10_240);
    if (reservedConcurrency !== undefined) {
      checkWholeNumber(scope, 'reservedConcurrency', reservedConcurrency, 0);
    }
    const logGroup = new logs.LogGroup(scope, `${id}Log`, {
      retention: logRetention,
      encryptionKey: logEncryptionKey,
    });
    const role = new HandlerRole(scope, `${id}Role`);
    logGroup.grantWrite(role);
    role.decryptEnvironmentWith(environmentEncryption);
    if (vpc) {
      role.joinNetwork();
    }
    super(scope, id, {
      ...functionProps,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      code: handlerCode.bind(binary, architecture),
      architecture,
      reservedConcurrentExecutions: reservedConcurrency,
      tracing,
      logGroup,
      role,
      vpc,
      vpcSubnets,
      securityGroups,
      environmentEncryption,
      environment: checkedSize(scope, {
        ...environment,
        LOG_LEVEL: checkOneOf(scope, 'logLevel', logLevel, Object.values(LogLevel)),
      }),
    });
    this.may = role;
  }
}

function checkedArchitecture(scope: Construct, settings: HandlerOptions): lambda.Architecture {
  const { ARM_64, X86_64 } = lambda.Architecture;
  const { architecture = ARM_64 } = settings;
  checkOneOf(scope, 'architecture', architecture.name, [ARM_64.name, X86_64.name]);
  return architecture;
}

/** The props whose values are written into variables as they are, by the variable. */
const PROPS: Readonly<Record<string, string>> = {
  CACHE_NAME: 'cacheName',
  EXPIRY_ATTRIBUTE: 'cacheItem.ttl',
  KEY_TEMPLATE: 'cacheItem.key',
  MOMENTO_API_KEY_FIELD: 'apiKeyField',
  MOMENTO_ENDPOINT: 'endpoint',
  SOURCES: 'sources',
  TOPIC_TEMPLATE: 'topic.name',
  TTL_ATTRIBUTE: 'cacheItem.ttl',
  VALUE_TEMPLATE: 'cacheItem.value',
};

/** Lambda's limit for the environment variables of a function, written as JSON. */
const MAX_ENVIRONMENT_BYTES = 4096;

/** Refuses variables that cannot fit, whatever the values are that are known only at deployment. */
function checkedSize(scope: Construct, environment: Record<string, string>): Record<string, string> {
  const known = Object.entries(environment).map(
    ([name, value]) => [name, value.replaceAll(/\$\{Token\[[^\]]*\]\}/g, '')] as const,
  );
  const bytes = bytesOf(Object.fromEntries(known));
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    const [largest, value] = known.reduce((one, other) => (other[1].length > one[1].length ? other : one));
    fail(
      scope,
      `the environment variables of the handler must be at most ${MAX_ENVIRONMENT_BYTES.toString()} bytes, got ` +
        `${bytes.toString()}, of which ${PROPS[largest] ?? largest} has ${bytesOf(value).toString()}. Pass something shorter.`,
    );
  }
  return environment;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
