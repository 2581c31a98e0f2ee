/** What was typed after the command's name; unless that is one for each of the names, the command ends with its usage. */
export function argumentsOf<Names extends readonly string[]>(...names: Names): { [Index in keyof Names]: string } {
  const given = process.argv.slice(2);
  if (given.length !== names.length) {
    console.error(`usage: ${process.argv[1]?.split('/').at(-1) ?? ''} ${names.join(' ')}`);
    process.exit(2);
  }
  return given as unknown as { [Index in keyof Names]: string };
}
