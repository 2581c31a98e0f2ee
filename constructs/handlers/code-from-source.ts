import { createRequire } from 'node:module';
import * as path from 'node:path';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** How cargo-lambda is called. */
export interface SourceBuild {
  readonly cargoLambdaFlags?: string[];
  readonly environment?: Record<string, string>;
}

/**
 * What is used of cargo-lambda-cdk. Not its own types: whoever does not build from source has it not installed. Its
 * constructs would be functions, and a handler is one already, so this is what they call.
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
    // The versions that the prebuilt handlers are made of.
    cargoLambdaFlags: ['--release', '--locked', ...cargoLambdaFlags],
  });
}

function cargoLambdaBundling(from: string): CargoLambdaBundling {
  try {
    return createRequire(from)(BUNDLING) as CargoLambdaBundling;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    throw new Error(
      'HandlerCode.fromSource() needs the package cargo-lambda-cdk. Install it beside cdk-momento-eventbridge ' +
        '(`npm install cargo-lambda-cdk`); in another language than TypeScript or JavaScript, import it before.',
      { cause: error },
    );
  }
}
