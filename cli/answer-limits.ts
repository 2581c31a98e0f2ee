import type { Readable } from 'node:stream';
import { Failure } from './failure';

/** How long a service may take to begin its answer, and to end it. They answer in milliseconds, or after a long poll of 1 s. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** More than the longest answer has: ten messages, with 1 MiB of text between them, and each character of it escaped. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Reads the body of an answer.
 *
 * @throws Failure if it is too long, or does not end
 */
export async function readAnswer(body: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => {
    body.destroy(new Failure(`An AWS service took more than ${(ANSWER_TIMEOUT_MS / 1_000).toString()} s to answer.`));
  }, ANSWER_TIMEOUT_MS);
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_ANSWER_BYTES) throw new Failure(`An AWS service answered more than ${bytes.toString()} bytes.`);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
