import { Failure } from './failure';
import { printable } from './printable';

/** How many signing secrets the handler takes in one document. */
const MAX_SECRETS = 20;

/**
 * Picks a signing secret from a secret's string, which the handler reads in the same way: it is the signing secret itself, or a
 * JSON object whose values are those of several webhooks. What is said about it names members, never values.
 *
 * @param webhook the member's name; needed where there are several
 */
export function pickSigningSecret(document: string, webhook?: string): string {
  if (!document.trimStart().startsWith('{')) {
    if (webhook !== undefined) {
      throw new Failure('The secret is one signing secret, not a JSON object of several: leave --webhook out.');
    }
    return nonEmpty(document, 'The secret is empty: put the signing secret of the webhook in it.');
  }
  const members = Object.entries(parse(document));
  const names = members.map(([name]) => printable(name)).join(', ');
  const [only] = members;
  if (!only) throw new Failure('The secret is a JSON object without members: it has to have one for each webhook.');
  if (members.length > MAX_SECRETS) {
    throw new Failure(
      `The secret has ${members.length.toString()} members: the handler takes ${MAX_SECRETS.toString()} at most, and answers 503 until then.`,
    );
  }
  if (webhook === undefined && members.length > 1) {
    throw new Failure(`The secret has several members: say with --webhook which one signs. There are: ${names}.`);
  }
  const member = webhook === undefined ? only : members.find(([name]) => name === webhook);
  if (!member) throw new Failure(`The secret has no member ${printable(webhook ?? '')}. There are: ${names}.`);
  const [name, value] = member;
  const noSecret = `The secret's member ${printable(name)} is not a string that could be a signing secret.`;
  if (typeof value !== 'string') throw new Failure(noSecret);
  return nonEmpty(value, noSecret);
}

function parse(document: string): Record<string, unknown> {
  try {
    return JSON.parse(document) as Record<string, unknown>;
  } catch {
    // The parser's own message quotes what it stumbled over.
    throw new Failure('The secret begins with a brace but is not a JSON object whose values are signing secrets.');
  }
}

function nonEmpty(secret: string, otherwise: string): string {
  if (secret === '') throw new Failure(otherwise);
  return secret;
}
