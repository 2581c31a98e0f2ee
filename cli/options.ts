import { parseArgs } from 'node:util';
import { UsageError } from './failure';
import { printable } from './printable';

/** The options of a command: each is followed by a value, or stands alone. */
export type OptionTypes = Readonly<Record<string, 'value' | 'flag'>>;

/** What was given. */
export type Options<T extends OptionTypes> = {
  readonly [Name in keyof T]?: T[Name] extends 'flag' ? true : string;
};

/** Reads the options of a command line. */
export function parseOptions<const T extends OptionTypes>(args: readonly string[], types: T): Options<T> {
  const options = Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, { type: type === 'flag' ? 'boolean' : 'string' }] as const),
  );
  try {
    const { tokens, values } = parseArgs({ args: [...args], options, strict: true, tokens: true });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const repeated = given.find((name, index) => given.indexOf(name) !== index);
    if (repeated !== undefined) throw new UsageError(`--${repeated} is given more than once.`);
    return values as Options<T>;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(explain(error as NodeJS.ErrnoException));
  }
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  // The parser's own message repeats the argument, which may be a part of a secret.
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'Unexpected argument. Put a value with spaces in quotes.';
  return printable(message.replaceAll('\n', ' ').replace(/\.?$/, '.'));
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
    throw new UsageError(`${option} must be a whole number${bound}.`);
  }
  return number;
}
