import { statSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');

/** Says of a file that a command has made where it is, and how large. */
export function sayMade(path: string): void {
  console.log(`${relative(ROOT, path)}: ${statSync(path).size.toString()} bytes`);
}
