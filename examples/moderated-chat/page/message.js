/** What a message of the chat is, as README.md describes it. */

/** The latest time that a `Date` can hold, in milliseconds since the Unix epoch. */
const LATEST = 8.64e15;

/** @returns the message that this JSON is, or `undefined` if it is not one of the chat */
export function messageIn(json) {
  try {
    return messageFrom(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** @returns the message that this value is, or `undefined` if it is not one of the chat */
export function messageFrom(value) {
  const { id, author, text, language, originalLanguage, original, masked, publishedAt, sequence } = value ?? {};
  const isMessage =
    [id, author, text, language, originalLanguage].every((field) => typeof field === 'string') &&
    [publishedAt, sequence].every((field) => Number.isSafeInteger(field) && field >= 0) &&
    publishedAt <= LATEST &&
    typeof masked === 'boolean' &&
    (original === undefined || typeof original === 'string');
  return isMessage ? value : undefined;
}

/** Whether a text shows nothing: the functions behind the chat drop such a message, by the same rule. */
export function isBlank(text) {
  return /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

/** Compares messages by when they were published, for sorting. */
export function inOrder(a, b) {
  return a.publishedAt - b.publishedAt || a.sequence - b.sequence || (a.id < b.id ? -1 : Number(a.id > b.id));
}
