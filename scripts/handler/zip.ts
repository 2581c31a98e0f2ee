import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Zip, type ZipInputFile } from 'fflate';
import { ROOT } from './cargo';

const DEFLATE = 8;
const UNIX = 3;
const REGULAR_FILE = 0o100000;
// In this machine's time zone, as zip has it, so that it is the same number everywhere.
const ZIP_EPOCH = new Date(1980, 0, 1);

/** A file to put into a zip. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
  /** Of owner, group and others: `0o755`. */
  readonly permissions: number;
}

/** A zip that depends on nothing but the files: no time, no owner, and a compressor of a pinned version. */
export function zip(files: readonly ZipFile[]): Buffer {
  const chunks: Uint8Array[] = [];
  const archive = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  for (const { name, content, permissions } of files) {
    const file: ZipInputFile = {
      filename: name,
      size: content.length,
      crc: crc32(content),
      compression: DEFLATE,
      mtime: ZIP_EPOCH,
      os: UNIX,
      attrs: (REGULAR_FILE | permissions) << 16,
    };
    archive.add(file);
    file.ondata?.(null, new Uint8Array(deflate(content)), true);
  }
  archive.end();
  return Buffer.concat(chunks);
}

/** Compresses with libdeflate, which takes 2 % less than the best level of fflate, in half a second; as little as Zopfli in ten. */
function deflate(content: Uint8Array): Buffer {
  const env = { ...process.env };
  // What the handlers are built with; the tool is built for this machine, where the other tools are.
  delete env.CARGO_ENCODED_RUSTFLAGS;
  delete env.CARGO_TARGET_DIR;
  const options = ['run', '--quiet', '--locked', '--package', 'deflate'];
  return execFileSync('cargo', options, { cwd: join(ROOT, 'tools'), env, input: content, maxBuffer: 2 ** 28 });
}
