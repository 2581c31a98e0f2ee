/** A member of a JSON object: its name, and its value as the text that stands there. */
export interface JsonMember {
  readonly name: string;
  readonly json: string;
}

const WHITE_SPACE = /[ \t\r\n]/;

/**
 * The members of a JSON object in their order, repeated ones included. `JSON.parse` alone would round numbers beyond 2^53 and
 * keep the last of several members with one name: what is only passed on is passed on as text.
 *
 * @returns `undefined` if the text is not a JSON object
 */
export function jsonMembers(text: string): JsonMember[] | undefined {
  if (!isObject(text)) return undefined;
  const members: JsonMember[] = [];
  let depth = 0;
  let name: string | undefined;
  /** Where the value of the member begins. */
  let start = -1;
  const endMember = (end: number): void => {
    if (name !== undefined) members.push({ name, json: text.slice(start, end).trimEnd() });
    name = undefined;
    start = -1;
  };
  // The text is valid, so quotes, brackets, colons and commas are all that is to be told apart.
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (WHITE_SPACE.test(character)) continue;
    if (depth === 1 && name !== undefined && start === -1 && character !== ':') start = index;
    if (character === '"') {
      const end = endOfString(text, index);
      if (depth === 1 && name === undefined) name = JSON.parse(text.slice(index, end)) as string;
      index = end - 1;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) endMember(index);
    } else if (character === ',' && depth === 1) {
      endMember(index);
    }
  }
  return members;
}

/** The members by name, or the name of one that is there more than once. */
export function uniqueMembers(members: readonly JsonMember[]): ReadonlyMap<string, string> | string {
  const byName = new Map<string, string>();
  for (const { name, json } of members) {
    if (byName.has(name)) return name;
    byName.set(name, json);
  }
  return byName;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The index behind the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text.charAt(index) !== '"') index += text.charAt(index) === '\\' ? 2 : 1;
  return index + 1;
}
