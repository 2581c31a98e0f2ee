import { Failure } from '../failure';
import { type ApiKeyProblem, apiKeyProblem } from '../api-key-document';
import { printable } from '../printable';
import { describeProblem, readSigningSecrets } from '../secret-document';
import { readSecret, type SecretWords, WORDS } from '../signing-secret';
import type { Examination } from './examination';

/** The signing secrets of webhooks and the API keys, by the rules by which the handlers read them. */
export async function examineSecrets(examination: Examination): Promise<void> {
  const { constructs, region } = examination;
  const apiKeys = new Map<string, { readonly subject: string; readonly id: string; readonly field?: string }>();
  for (const { variables, logicalId, role } of constructs.flatMap(({ functions }) => functions)) {
    const { MOMENTO_SECRET_ID: secretId, MOMENTO_API_KEY_SECRET_ID: keyId, MOMENTO_API_KEY_FIELD: field } = variables;
    if (role === 'webhook' && secretId !== undefined) {
      await examination.examine('signing-secret', logicalId, async (report) => {
        const { problem, leftOut, secrets } = readSigningSecrets(await readSecret(secretId, region, WORDS));
        const [first] = secrets;
        if (first) examination.webhook(logicalId).signingSecret = first.secret;
        if (problem !== null) report(describeProblem(problem, leftOut));
        else if (leftOut.length > 0) {
          report(
            `The handler ignores members of the secret that are not valid signing secrets: ${leftOut.map(printable).join(', ')}.`,
          );
        }
      });
    }
    if (keyId) apiKeys.set(JSON.stringify([keyId, field]), { subject: logicalId, id: keyId, ...(field && { field }) });
  }
  for (const { subject, id, field } of apiKeys.values()) {
    await examination.examine('api-key', subject, async () => {
      const problem = apiKeyProblem(await readSecret(id, region, API_KEY_WORDS), field);
      if (problem !== undefined) throw new Failure(describeApiKey(problem, field));
    });
  }
}

const API_KEY_WORDS: SecretWords = {
  empty: 'The secret for the API key has no value yet: store an API key of Momento in it.',
  binary: 'The secret for the API key is binary: store the API key as a string.',
};

function describeApiKey(problem: ApiKeyProblem, field = ''): string {
  switch (problem) {
    case 'EMPTY':
      return 'The API key is empty: store an API key of Momento in the secret.';
    case 'NOT_AN_OBJECT':
      return `The secret with the API key is not a JSON object, so it has no field ${printable(field)} (apiKeyField).`;
    case 'NO_FIELD':
      return `The secret with the API key has no field ${printable(field)} (apiKeyField) that is a string.`;
    case 'WHICH_FIELD':
      return 'The secret with the API key is a JSON object, and apiKeyField does not say which of its fields is the key.';
    case 'UNSENDABLE':
      return 'The API key has white space inside, or characters that are not ASCII: store it again, as Momento gave it.';
  }
}
