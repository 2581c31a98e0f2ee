import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the zips are, and the manifest. */
export const ASSETS = join(__dirname, '../../assets');
export const MANIFEST = join(ASSETS, 'manifest.json');

/** What Lambda calls the architectures that it has. */
export type Architecture = 'arm64' | 'x86_64';

/** Says of each zip what is in it and what it was made of. */
export interface Manifest {
  /** By the names of their files. */
  readonly handlers: readonly HandlerZip[];
}

/** A zip that Lambda is given. */
export interface HandlerZip {
  /** The name of the file, beside the manifest. */
  readonly file: string;
  /** The name of the handler: `webhook`, `redrive`, … */
  readonly handler: string;
  readonly architecture: Architecture;
  /** Of the file. */
  readonly size: number;
  readonly sha256: string;
  /** The file `bootstrap` in it. */
  readonly executable: {
    readonly size: number;
    readonly sha256: string;
    /** The oldest glibc that it runs with, such as `2.34`. */
    readonly glibc: string;
  };
  /** The compiler's own words on its version. The same source makes the same executable with the same compiler only. */
  readonly rustc: string;
  /** Absent where it was built outside of a git repository. */
  readonly source?: Source;
}

/** What it was built from. */
export interface Source {
  /** What was checked out: of a release, what its tag names. */
  readonly commit: string;
  /** Whether there were changes in it, not committed, to what the handlers are made from. */
  readonly modified: boolean;
}

/** Files and folders, in the repository's root, that decide what is in the zips. */
export const SOURCES: readonly string[] = [
  'Cargo.lock',
  'Cargo.toml',
  'LICENSE',
  'handler/Cargo.toml',
  'handler/build.rs',
  'handler/signature',
  'handler/src',
  'scripts/build-handler.sh',
  'scripts/handler',
  'tools/Cargo.lock',
  'tools/deflate',
];

/** @throws Error when there is none */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
}
