// Control characters, and those that change the direction of text. (`\p{Cf}` would take the joiners that emoji and several scripts need.)
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from elsewhere as one line that a terminal shows and does not obey: a publisher to a topic chooses its name and
 * text, and an escape sequence in it could rewrite what the operator reads.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A value as one line of JSON that a terminal shows and does not obey. `JSON.stringify` escapes only the control characters that
 * JSON forbids; the others occur in strings alone, where their escapes mean the same.
 */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value));
}

/** One of something, or several. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toString()} ${count === 1 ? one : several}`;
}

/** A time in milliseconds since the Unix epoch as people and logs write it; `undefined` if it is not a valid time. */
export function isoTime(millis: number): string | undefined {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
