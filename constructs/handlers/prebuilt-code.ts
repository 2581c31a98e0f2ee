import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * The zip of a handler in `directory`, refused with what to do when it has not been built.
 */
export function prebuiltCode(directory: string, binary: string, architecture: lambda.Architecture): lambda.Code {
  const zip = path.join(directory, `${binary}-${architecture.name}.zip`);
  if (!existsSync(zip)) {
    throw new Error(
      `The prebuilt handler ${zip} is missing. In a checkout of cdk-momento-eventbridge, run \`npm run build:handler\`; ` +
        'as an installed package, install it again, or give handlerCode: HandlerCode.fromCode(...).',
    );
  }
  return lambda.Code.fromAsset(zip);
}
