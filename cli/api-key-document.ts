import { jsonMembers } from './json-members';

/** Why a document has no API key. */
export type ApiKeyProblem = 'EMPTY' | 'NOT_AN_OBJECT' | 'NO_FIELD' | 'WHICH_FIELD' | 'UNSENDABLE';

// What Rust's `trim` removes: White_Space of Unicode, and so not the byte order mark, which JavaScript's `trim` removes.
const SPACE_AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;
const SENDABLE = /^[!-~]+$/;

/**
 * What is wrong with a secret's string as an API key; nothing if the handlers take it (`handler/src/momento/api_key.rs`).
 *
 * @param field the member that the key is in, where the secret is a JSON object
 */
export function apiKeyProblem(document: string, field: string | undefined): ApiKeyProblem | undefined {
  if (field === undefined) {
    return document.replace(SPACE_AROUND, '').startsWith('{') ? 'WHICH_FIELD' : problemOf(document);
  }
  // Of several members with one name, the handler takes the last.
  const json = jsonMembers(document);
  if (!json) return 'NOT_AN_OBJECT';
  const member = json.filter(({ name }) => name === field).at(-1);
  const key: unknown = member && JSON.parse(member.json);
  return typeof key === 'string' ? problemOf(key) : 'NO_FIELD';
}

function problemOf(text: string): ApiKeyProblem | undefined {
  const key = text.replace(SPACE_AROUND, '');
  if (key === '') return 'EMPTY';
  return SENDABLE.test(key) ? undefined : 'UNSENDABLE';
}
