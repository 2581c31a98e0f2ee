import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file that is put into each bucket. */
export interface ReleasedFile {
  /** Where it is on this machine. */
  readonly path: string;
  /** Its key in the buckets. */
  readonly key: string;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
  readonly contentType: string;
}

/** What an upload has to know of a file on this machine. */
export function releasedFile(path: string, contentType: string, key: string): ReleasedFile {
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { path, key, sha256, contentType };
}
