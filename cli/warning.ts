/** Tells the person at the terminal something that is not a result. */
export function warn(message: string): void {
  process.stderr.write(`warning: ${message}\n`);
}
