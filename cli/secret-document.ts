import { Failure } from './failure';
import { jsonMembers } from './json-members';
import { counted, printable } from './printable';

/** How many signing secrets the handler accepts in one document. */
const MAX_SECRETS = 20;
/** AWS's own minimum for the keys of webhooks. */
const MIN_SECRET_BYTES = 16;
/** What Momento's own tools call the signing secret. Where one of them is there, no other member is one. */
const MOMENTO_NAMES = ['secret', 'momentoSecret'];
/** What they say beside it. Every user of the cache knows these, so they never sign. */
const DESCRIPTIONS = ['webhookName', 'cacheName'];
const JSON_OBJECT = /^[ \t\r\n]*\{/;
// A surrogate without its other half: text that has no UTF-8.
const HALF_A_PAIR = /\p{Surrogate}/u;
// White space as Unicode has it, control characters and the byte order mark.
const UNFIT_END = /^[\p{White_Space}\p{Cc}\ufeff]|[\p{White_Space}\p{Cc}\ufeff]$/u;

/** Why a document holds no signing secret. */
export type SecretProblem = 'EMPTY' | 'NOT_A_SECRET' | 'NOT_JSON' | 'NO_SECRETS' | 'TOO_MANY';

/** What a document holds. */
export interface SigningSecrets {
  /** In their order. `member` is `null` where the document itself is the signing secret. */
  readonly secrets: readonly { readonly member: string | null; readonly secret: string }[];
  /** The names of members that should be signing secrets and cannot be. */
  readonly leftOut: readonly string[];
  readonly problem: SecretProblem | null;
}

/** Reads a secret's string as the handler does: `test/vectors/secret-documents.json` binds both. */
export function readSigningSecrets(document: string): SigningSecrets {
  if (!JSON_OBJECT.test(document)) {
    return canBeSecret(document)
      ? { secrets: [{ member: null, secret: document }], leftOut: [], problem: null }
      : unusable(document === '' ? 'EMPTY' : 'NOT_A_SECRET');
  }
  const members = jsonMembers(document);
  if (!members || members.some(({ name }) => HALF_A_PAIR.test(name))) return unusable('NOT_JSON');
  const candidates = members.filter(({ name }) => !DESCRIPTIONS.includes(name));
  const isFromMomento = candidates.some(({ name }) => MOMENTO_NAMES.includes(name));
  const secrets: { member: string; secret: string }[] = [];
  const leftOut = new Set<string>();
  for (const { name, json } of candidates) {
    const value: unknown = JSON.parse(json);
    const isAmbiguous = candidates.filter((other) => other.name === name).length > 1;
    const mayBeSecret = !isFromMomento || MOMENTO_NAMES.includes(name);
    if (mayBeSecret && !isAmbiguous && typeof value === 'string' && canBeSecret(value)) {
      secrets.push({ member: name, secret: value });
    } else {
      leftOut.add(name);
    }
  }
  if (secrets.length > MAX_SECRETS) return unusable('TOO_MANY', leftOut);
  return secrets.length > 0 ? { secrets, leftOut: [...leftOut], problem: null } : unusable('NO_SECRETS', leftOut);
}

/**
 * Picks the signing secret to sign with. Messages name members, never values.
 *
 * @param webhook the member's name; needed where there are several
 */
export function pickSigningSecret({ secrets, leftOut, problem }: SigningSecrets, webhook?: string): string {
  if (problem !== null) throw new Failure(describeProblem(problem, leftOut));
  const [first, ...others] = secrets;
  const names = secrets.map(({ member }) => printable(member ?? '')).join(', ');
  if (webhook === undefined) {
    if (first && others.length === 0) return first.secret;
    throw new Failure(
      `The secret has ${counted(secrets.length, 'signing secret')}: choose one with --webhook. Its members: ${names}.`,
    );
  }
  if (first?.member === null) {
    throw new Failure('The secret is a single signing secret, not a JSON object of several: omit --webhook.');
  }
  const chosen = secrets.find(({ member }) => member === webhook);
  if (chosen) return chosen.secret;
  const name = printable(webhook);
  throw new Failure(
    leftOut.includes(webhook)
      ? `Member ${name} of the secret is not a valid signing secret: ${REQUIREMENTS}`
      : `The secret has no member ${name}. Its members: ${names}.`,
  );
}

const REQUIREMENTS =
  `it must be a string of at least ${MIN_SECRET_BYTES.toString()} bytes that neither begins nor ends with white space, a control ` +
  'character or a byte order mark, under a name that is there only once.';

/** Why a document holds no signing secret, in a sentence that says what to do. */
export function describeProblem(problem: SecretProblem, leftOut: readonly string[]): string {
  switch (problem) {
    case 'EMPTY':
      return "The secret is empty: store the webhook's signing secret in it.";
    case 'NOT_A_SECRET':
      return (
        `The secret is not a valid signing secret: it must have at least ${MIN_SECRET_BYTES.toString()} bytes and neither begin nor end ` +
        'with white space (such as a line break), a control character or a byte order mark.'
      );
    case 'NOT_JSON':
      return 'The secret begins with a brace but is not a valid JSON object.';
    case 'NO_SECRETS':
      return (
        'The secret is a JSON object without a valid signing secret' +
        (leftOut.length === 0 ? '.' : ` (invalid members: ${leftOut.map(printable).join(', ')}): ${REQUIREMENTS}`)
      );
    case 'TOO_MANY':
      return `The secret has more than ${MAX_SECRETS.toString()} signing secrets: the handler rejects it and answers 503.`;
  }
}

function canBeSecret(text: string): boolean {
  return !HALF_A_PAIR.test(text) && Buffer.byteLength(text) >= MIN_SECRET_BYTES && !UNFIT_END.test(text);
}

function unusable(problem: SecretProblem, leftOut: Iterable<string> = []): SigningSecrets {
  return { secrets: [], leftOut: [...leftOut], problem };
}
