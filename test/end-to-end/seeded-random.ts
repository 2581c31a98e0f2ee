import { createHash } from 'node:crypto';

/**
 * Random numbers that do not depend on the order of calls: the same seed and the same question give the same number,
 * whatever runs at the same time.
 */
export class SeededRandom {
  public constructor(private readonly seed: number) {}

  /** A number from 0 (inclusive) to 1 (exclusive). */
  public of(...question: readonly (string | number)[]): number {
    const digest = createHash('sha256')
      .update([this.seed, ...question].join('/'))
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  }

  /** A whole number from 1 to `max`. */
  public upTo(max: number, ...question: readonly (string | number)[]): number {
    return 1 + Math.floor(this.of(...question) * max);
  }
}
