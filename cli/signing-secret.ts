import { callAws } from './aws-call';
import { clientSettings, regionOfArn } from './aws-client';
import { Failure, UsageError } from './failure';
import { printable } from './printable';
import { pickSigningSecret, readSigningSecrets } from './secret-document';
import { warn } from './warning';

/** Options that select the secret to sign with. */
export interface SigningSecretOptions {
  readonly 'secret-id'?: string;
  readonly 'secret-env'?: string;
  readonly secret?: string;
  readonly webhook?: string;
  readonly region?: string;
}

/** Finds the secret to sign with. */
export async function findSigningSecret(options: SigningSecretOptions): Promise<string> {
  const { 'secret-id': id, 'secret-env': variable, secret } = options;
  if ([id, variable, secret].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('Give exactly one of --secret-id, --secret-env and --secret.');
  }
  if (id === '') throw new UsageError('--secret-id is empty.');
  const document =
    id !== undefined
      ? await readSecret(id, options.region, WORDS)
      : variable !== undefined
        ? fromEnvironment(variable)
        : secret;
  if (secret !== undefined) {
    warn(
      '--secret is visible in the process list and in the history of the shell: prefer --secret-id or --secret-env.',
    );
  }
  const signingSecrets = readSigningSecrets(document ?? '');
  const { leftOut, secrets } = signingSecrets;
  if (secrets.length > 0 && leftOut.length > 0) {
    warn(
      `The handler ignores members of the secret that are not valid signing secrets: ${leftOut.map(printable).join(', ')}.`,
    );
  }
  return pickSigningSecret(signingSecrets, options.webhook);
}

function fromEnvironment(variable: string): string {
  const value = process.env[variable];
  // The name is not repeated: it may be the secret itself, given to the wrong option.
  if (!value) throw new UsageError('The environment variable given with --secret-env is not set, or empty.');
  return value;
}

/** What is said of a secret that has no string. */
export interface SecretWords {
  readonly empty: string;
  readonly binary: string;
}

/** The words about a secret for the signing secret of a webhook. */
export const WORDS: SecretWords = {
  empty: 'The secret has no value yet: store the signing secret of the webhook in it, as Momento gave it.',
  binary: 'The secret is binary: store the signing secret as a string.',
};

/**
 * Reads the current version of a secret.
 *
 * @param id its name or ARN
 * @throws Failure if there is no such secret, or it has no string
 */
export async function readSecret(id: string, region: string | undefined, words: SecretWords): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(await clientSettings(region ?? regionOfArn(id)));
  const command = new GetSecretValueCommand({ SecretId: id });
  const { SecretString } = await callAws('Secrets Manager', 'secretsmanager:GetSecretValue', async () => {
    try {
      return await client.send(command);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      // The same error says that there is no secret, and that it has no value yet.
      const isEmpty = error.message.includes('AWSCURRENT');
      throw new Failure(isEmpty ? words.empty : `There is no secret ${printable(id)} in this account and region.`);
    }
  });
  if (SecretString === undefined) throw new Failure(words.binary);
  return SecretString;
}
