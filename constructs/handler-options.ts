import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { HandlerCode } from './handler-code';
import type { LogLevel } from './log-level';

/**
 * How a handler of `EventBridgeToMomento` runs.
 */
export interface HandlerOptions {
  /**
   * The processor the handler runs on: `ARM_64` or `X86_64`.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Where the handler's machine code comes from.
   *
   * @default HandlerCode.prebuilt()
   */
  readonly handlerCode?: HandlerCode;

  /**
   * The least severe line that the handler logs. No level logs API keys or messages.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;

  /**
   * How long the handler's log is kept. The log group itself outlives the stack.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Whether the handler is traced with X-Ray.
   *
   * @default lambda.Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;
}
