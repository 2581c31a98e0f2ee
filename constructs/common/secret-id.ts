import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { fail } from './prop-checks';

/** What Secrets Manager takes for the end of a complete ARN, even if it is part of the name. */
const COMPLETE = /-[A-Za-z0-9]{6}$/;

/**
 * What to read the secret by: its complete ARN, or its name, and a partial ARN only in another account, where a name does
 * not reach.
 *
 * Secrets Manager takes an ARN that ends in a hyphen and six characters for complete. So it finds no secret by the partial
 * ARN of `momento-secret` (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
 */
export function secretId(scope: IConstruct, prop: string, secret: secretsmanager.ISecret): string {
  if (secret.secretFullArn !== undefined) {
    return secret.secretFullArn;
  }
  if (Token.compareStrings(secret.env.account, Stack.of(scope).account) !== TokenComparison.DIFFERENT) {
    return checkedName(scope, prop, nameOf(secret));
  }
  if (!Token.isUnresolved(secret.secretArn) && COMPLETE.test(secret.secretArn)) {
    fail(
      scope,
      `${prop} must have a complete ARN: Secrets Manager takes the partial one, ${secret.secretArn}, for complete, because ` +
        'the name ends in a hyphen and six characters. Pass Secret.fromSecretCompleteArn(...).',
    );
  }
  return secret.secretArn;
}

/** What Secrets Manager takes as a name (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html). */
const NAME = /^[-/_+=.@A-Za-z0-9]{1,512}$/;

function checkedName(scope: IConstruct, prop: string, name: string): string {
  if (!Token.isUnresolved(name) && !NAME.test(name)) {
    fail(
      scope,
      `${prop} must have a name of 1 to 512 letters, digits and / _ + = . @ -, got ${name || 'an empty string'}. Pass an ARN to ` +
        'Secret.fromSecretCompleteArn().',
    );
  }
  return name;
}

/**
 * The name of a secret without a complete ARN. (The CDK takes the end of a partial ARN for the six characters, and gives a
 * part of the name.)
 */
export function nameOf({ secretArn, secretName }: secretsmanager.ISecret): string {
  return secretArn.split(':secret:')[1] ?? secretName;
}
