/** How a person is told by their name. */

/** @returns one or two letters */
export function initialsOf(name) {
  const words = name.split(/\s+/u).filter(Boolean);
  const letters = words.map((word) => [...word][0]);
  return (letters.length > 1 ? letters[0] + letters.at(-1) : (letters[0] ?? '?')).toLocaleUpperCase();
}

/** @returns a colour's hue in degrees, the same for the same name */
export function hueOf(name) {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  return hue;
}
