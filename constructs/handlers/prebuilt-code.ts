import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * The zip of a handler in `directory`.
 *
 * @throws if it has not been built, with what to do
 */
export function prebuiltCode(directory: string, binary: string, architecture: lambda.Architecture): lambda.Code {
  const zip = path.join(directory, `${binary}-${architecture.name}.zip`);
  if (!existsSync(zip)) {
    throw new Error(
      `The prebuilt handler ${zip} is missing. In a checkout of cdk-momento-eventbridge, run \`npm run build:handler\`; ` +
        'if you installed the package, install it again, or pass handlerCode: HandlerCode.fromCode(...).',
    );
  }
  return lambda.Code.fromAsset(zip);
}
