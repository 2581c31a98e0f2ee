import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { codeFromSource } from './code-from-source';
import { prebuiltCode } from './prebuilt-code';

/**
 * Your own code for each of the handlers.
 */
export interface HandlerBinaries {
  /**
   * The webhook handler.
   *
   * @default - none: only `MomentoWebhookToEventBridge` needs it
   */
  readonly webhook?: lambda.Code;

  /**
   * The handler that puts parked messages on the bus.
   */
  readonly redrive: lambda.Code;

  /**
   * The handler that subscribes to topics.
   *
   * @default - none: only `MomentoTopicToEventBridge` needs it
   */
  readonly subscribe?: lambda.Code;

  /**
   * The handler that delivers commands to Momento.
   *
   * @default - none: only `Delivery.lambdaFunction()` needs it
   */
  readonly deliver?: lambda.Code;

  /**
   * The handler that copies a rotated API key to a connection.
   *
   * @default - none: only `ApiKeyRotation.followSecret()` needs it
   */
  readonly followRotation?: lambda.Code;

  /**
   * The handler that turns the changes of a table into commands.
   *
   * @default - none: only `DynamoDbToMomento` needs it
   */
  readonly changes?: lambda.Code;
}

/**
 * Options for `HandlerCode.fromSource()`.
 */
export interface FromSourceOptions {
  /**
   * Additional arguments for `cargo lambda build`, for example `--compiler`, `cargo`.
   *
   * @default - only `--release`, `--locked`, the binary and the architecture
   */
  readonly cargoLambdaFlags?: string[];

  /**
   * The environment variables of the build. `CARGO_TARGET_DIR` sets the build directory.
   *
   * @default - the environment of the synth; the build directory is the folder `target` of this package, wherever it is
   * installed
   */
  readonly environment?: Record<string, string>;
}

/**
 * The source of the handlers' machine code.
 */
export abstract class HandlerCode {
  /**
   * The prebuilt binaries in this package. Nothing is built on your machine.
   */
  public static prebuilt(): HandlerCode {
    return new PrebuiltHandlerCode();
  }

  /**
   * A build at synth, from the Rust sources in this package, with cargo-lambda-cdk 0.0.32 or newer. Install that package (in a
   * language other than TypeScript and JavaScript, also import it); newer versions need a newer aws-cdk-lib than this package
   * does. It calls cargo-lambda, which needs Rust 1.94.1 or newer, and crates.io for the first build; without cargo-lambda it
   * builds in Docker.
   *
   * The first synth takes minutes: it compiles the AWS SDK, optimized for size.
   *
   * @param options the arguments and environment of the build
   */
  public static fromSource(options: FromSourceOptions = {}): HandlerCode {
    return new SourceHandlerCode(options);
  }

  /**
   * Your own code, for example the handlers built with your own settings. Each must contain an executable named `bootstrap` for
   * Amazon Linux 2023 and the architecture of the construct that it is given to.
   *
   * @param binaries the code of each handler
   */
  public static fromCode(binaries: HandlerBinaries): HandlerCode {
    return new GivenHandlerCode(binaries);
  }

  /**
   * The code of a handler. Called by the construct that deploys it.
   *
   * @param binary the handler's name: `webhook`, `subscribe`, `redrive`, `deliver`, `follow-rotation` or `changes`
   * @param architecture the architecture of the function
   */
  public abstract bind(binary: string, architecture: lambda.Architecture): lambda.Code;
}

// Two levels up from constructs/handlers/, as from lib/handlers/, into which it is compiled.
const PACKAGE = path.join(__dirname, '../..');
const NAME = 'cdk-momento-eventbridge';

/**
 * The directory of this package, which has the handlers beside the code.
 *
 * @throws if the code was bundled into another file, with what to do
 */
export function packageDirectory(directory = PACKAGE): string {
  const file = path.join(directory, 'package.json');
  const { name } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as { readonly name?: string };
  if (name !== NAME) {
    throw new Error(
      `${NAME} was bundled into ${__dirname}, without its handlers, which are files of the package. Leave it out of the ` +
        `bundle: \`esbuild --external:${NAME}\`, or \`externals\` of webpack. Or pass handlerCode: HandlerCode.fromCode(...).`,
    );
  }
  return directory;
}

class PrebuiltHandlerCode extends HandlerCode {
  public bind(binary: string, architecture: lambda.Architecture): lambda.Code {
    return prebuiltCode(path.join(packageDirectory(), 'assets'), binary, architecture);
  }
}

class SourceHandlerCode extends HandlerCode {
  public constructor(private readonly options: FromSourceOptions) {
    super();
  }

  public bind(binary: string, architecture: lambda.Architecture): lambda.Code {
    return codeFromSource(packageDirectory(), binary, architecture, this.options);
  }
}

class GivenHandlerCode extends HandlerCode {
  public constructor(private readonly binaries: HandlerBinaries) {
    super();
  }

  public bind(binary: string): lambda.Code {
    const { followRotation, ...binaries } = this.binaries;
    const code = new Map(Object.entries({ ...binaries, 'follow-rotation': followRotation })).get(binary);
    if (code === undefined) {
      throw new Error(`handlerCode must have code for the handler ${binary}. Pass it to HandlerCode.fromCode(...).`);
    }
    return code;
  }
}
