import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** The crate behind every handler. */
export const CRATE = 'cdk-momento-eventbridge-handler';

/** A package as `cargo metadata` describes it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  readonly manifest_path: string;
  readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[];
}

/** What cargo prints on a command, with the versions of Cargo.lock. */
export function cargo(command: string, ...options: readonly string[]): string {
  return execFileSync('cargo', [command, '--locked', ...options], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** The packages of the workspace and, unless `--no-deps` is among the options, those that it depends on. */
export function packages(...options: readonly string[]): readonly Package[] {
  const metadata = cargo('metadata', '--format-version', '1', ...options);
  return (JSON.parse(metadata) as { readonly packages: readonly Package[] }).packages;
}

/** The names of the handlers, one executable each. */
export function handlerNames(): string[] {
  const targets = packages('--no-deps').find(({ name }) => name === CRATE)?.targets ?? [];
  return targets.filter(({ kind }) => kind.includes('bin')).map(({ name }) => name);
}
