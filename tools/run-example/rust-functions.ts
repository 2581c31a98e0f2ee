import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const WORKSPACE = join(__dirname, '../../examples');
// Shared with the handlers, whose dependencies are mostly the same and are compiled already.
const TARGET = join(__dirname, '../../target');

/**
 * Compiles the functions of an example for this machine, unoptimised.
 *
 * @param packageName the package in the workspace of the examples
 * @param functions the names of its executables
 * @returns the directory that `cargo lambda build` would have left them in: one directory for each, with a `bootstrap`
 */
export function buildRustFunctions(packageName: string, functions: readonly string[]): string {
  // The whole workspace and its tests: another choice would have other features of its dependencies, compiled again.
  execFileSync('cargo', ['build', '--quiet', '--locked', '--all-targets'], {
    cwd: WORKSPACE,
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
    stdio: 'inherit',
  });
  const directory = join(TARGET, 'examples', packageName);
  for (const name of functions) {
    mkdirSync(join(directory, name), { recursive: true });
    // Most of an executable is what debuggers want to know.
    execFileSync('strip', ['-o', join(directory, name, 'bootstrap'), join(TARGET, 'debug', name)]);
  }
  return directory;
}
