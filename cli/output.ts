/** Prints a line of the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
