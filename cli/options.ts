import { parseArgs } from 'node:util';
import { UsageError } from './failure';

/** The options of a command: each is followed by a value, or stands alone. */
export type OptionTypes = Readonly<Record<string, 'value' | 'flag'>>;

/** What was given. */
export type Options<T extends OptionTypes> = {
  readonly [Name in keyof T]?: T[Name] extends 'flag' ? true : string;
};

// So that `--age -5` is what it looks like, and `--secret --cache` an oversight.
const LOOKS_LIKE_AN_OPTION = /^-(?!\d|$)/;

/**
 * Reads the options of a command line.
 *
 * `parseArgs` finds the words; what it would say about wrong ones is replaced, since it can repeat what was given, and that
 * may be a secret.
 */
export function parseOptions<const T extends OptionTypes>(args: readonly string[], types: T): Options<T> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [name, { type: type === 'flag' ? 'boolean' : 'string' }] as const),
    ),
    strict: false,
    tokens: true,
  });
  const options: Record<string, string | true> = {};
  let previous = '';
  for (const token of tokens) {
    if (token.kind !== 'option') {
      const after = previous && ` after ${previous}`;
      throw new UsageError(`There is a word too many${after}. A value with spaces in it has to stand in quotes.`);
    }
    const { name, rawName, value } = token;
    if (!Object.hasOwn(types, name) || !rawName.startsWith('--')) {
      throw new UsageError(`There is no option ${rawName}.`);
    }
    if (name in options) throw new UsageError(`${rawName} is given more than once.`);
    if (types[name] === 'flag') {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      options[name] = true;
    } else {
      if (value === undefined) throw new UsageError(`${rawName} needs a value.`);
      if (!token.inlineValue && LOOKS_LIKE_AN_OPTION.test(value)) {
        throw new UsageError(`${rawName} needs a value. One that begins with a dash is given as ${rawName}=-….`);
      }
      options[name] = value;
    }
    previous = rawName;
  }
  return options as Options<T>;
}

/** The value of an option that has to be there. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`${option} is missing.`);
  if (value === '') throw new UsageError(`${option} is empty.`);
  return value;
}

/** The value of an option as a whole number. */
export function wholeNumber(value: string, option: string, { least }: { readonly least: number }): number {
  const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number) || number < least) {
    const bound = least > Number.MIN_SAFE_INTEGER ? ` of ${least.toString()} or more` : '';
    throw new UsageError(`${option} is not a whole number${bound}.`);
  }
  return number;
}
