import { createRequire } from 'node:module';
import * as path from 'node:path';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** The arguments and the environment of cargo-lambda. */
export interface SourceBuild {
  readonly cargoLambdaFlags?: string[];
  readonly environment?: Record<string, string>;
}

/**
 * The part of cargo-lambda-cdk that is used here. Not its own types: it is installed only for a build from source. Its
 * constructs are functions, and a handler is a function already, so this is what those constructs call.
 */
interface CargoLambdaBundling {
  readonly Bundling: {
    bundle(
      options: SourceBuild & {
        readonly manifestPath: string;
        readonly binaryName: string;
        readonly architecture: lambda.Architecture;
      },
    ): lambda.Code;
  };
}

const BUNDLING = 'cargo-lambda-cdk/lib/bundling';

/**
 * Builds a binary of the Cargo workspace in `directory` at synth.
 *
 * @throws if cargo-lambda-cdk can't be found from there
 */
export function codeFromSource(
  directory: string,
  binary: string,
  architecture: lambda.Architecture,
  { cargoLambdaFlags = [], environment }: SourceBuild,
): lambda.Code {
  const manifestPath = path.join(directory, 'Cargo.toml');
  return cargoLambdaBundling(manifestPath).Bundling.bundle({
    manifestPath,
    binaryName: binary,
    architecture,
    environment,
    // With the same dependency versions as the prebuilt handlers.
    cargoLambdaFlags: ['--release', '--locked', ...cargoLambdaFlags],
  });
}

function cargoLambdaBundling(from: string): CargoLambdaBundling {
  try {
    return createRequire(from)(BUNDLING) as CargoLambdaBundling;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    throw new Error(
      'HandlerCode.fromSource() needs the package cargo-lambda-cdk. Install it next to cdk-momento-eventbridge ' +
        '(`npm install cargo-lambda-cdk`); in a language other than TypeScript and JavaScript, also import it.',
      { cause: error },
    );
  }
}
