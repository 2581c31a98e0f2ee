import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { codeFromSource } from './code-from-source';
import { prebuiltCode } from './prebuilt-code';

/**
 * Code of your own for each of the handlers.
 */
export interface HandlerBinaries {
  /**
   * What takes the webhook's requests.
   */
  readonly webhook: lambda.Code;

  /**
   * What puts parked messages on the bus.
   */
  readonly redrive: lambda.Code;

  /**
   * What takes commands to Momento.
   *
   * @default - none: needed for `Delivery.lambda()` alone
   */
  readonly deliver?: lambda.Code;

  /**
   * What gives a connection the API key that a secret holds.
   *
   * @default - none: needed for `followSecretRotation` alone
   */
  readonly followRotation?: lambda.Code;

  /**
   * What makes commands of a table's changes.
   *
   * @default - none: needed for `DynamoDbToMomento` alone
   */
  readonly changes?: lambda.Code;
}

/**
 * How the handlers are built from source.
 */
export interface FromSourceOptions {
  /**
   * Further arguments of `cargo lambda build`, for example `--compiler`, `cargo`.
   *
   * @default - none but `--release`, `--locked`, the binary and the architecture
   */
  readonly cargoLambdaFlags?: string[];

  /**
   * Environment variables of the build. With `CARGO_TARGET_DIR`, what was built is kept where you say.
   *
   * @default - what the synth was started with; built in the folder `target` of this package, wherever that is installed
   */
  readonly environment?: Record<string, string>;
}

/**
 * Where the machine code of the handlers comes from.
 */
export abstract class HandlerCode {
  /**
   * The binaries that this package carries: nothing is built on your machine.
   */
  public static prebuilt(): HandlerCode {
    return new PrebuiltHandlerCode();
  }

  /**
   * Built at synth, from the Rust sources that this package carries, by cargo-lambda-cdk: that package must be installed (in
   * another language than TypeScript or JavaScript also imported), 0.0.32 or newer; newer ones need a newer aws-cdk-lib
   * than this package does. It calls cargo-lambda, which needs Rust 1.94.1 or newer, and access to crates.io the first
   * time; where cargo-lambda is not installed, it builds in Docker.
   *
   * The first synth takes minutes: the AWS SDK is compiled, and optimised for size.
   *
   * @param options how to build
   */
  public static fromSource(options: FromSourceOptions = {}): HandlerCode {
    return new SourceHandlerCode(options);
  }

  /**
   * Code of your own, for example the handlers built from source with your own settings. Each must hold an executable
   * named `bootstrap` for Amazon Linux 2023 and the architecture of the construct it is given to.
   *
   * @param binaries what the functions run
   */
  public static fromCode(binaries: HandlerBinaries): HandlerCode {
    return new GivenHandlerCode(binaries);
  }

  /**
   * The code of one handler. Called by the construct that deploys it.
   *
   * @param binary the handler's name: `webhook`, `redrive`, `deliver`, `follow-rotation` or `changes`
   * @param architecture what the function runs on
   */
  public abstract bind(binary: string, architecture: lambda.Architecture): lambda.Code;
}

// One level up from constructs/ as from lib/, into which it is compiled.
const PACKAGE = path.join(__dirname, '../..');

class PrebuiltHandlerCode extends HandlerCode {
  public bind(binary: string, architecture: lambda.Architecture): lambda.Code {
    return prebuiltCode(path.join(PACKAGE, 'assets'), binary, architecture);
  }
}

class SourceHandlerCode extends HandlerCode {
  public constructor(private readonly options: FromSourceOptions) {
    super();
  }

  public bind(binary: string, architecture: lambda.Architecture): lambda.Code {
    return codeFromSource(PACKAGE, binary, architecture, this.options);
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
      throw new Error(`handlerCode has no code for the handler ${binary}. Give it to HandlerCode.fromCode(...).`);
    }
    return code;
  }
}
