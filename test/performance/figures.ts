import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BASELINE = join(__dirname, 'baseline.json');

/** What the figures depend on beside the source. */
export interface Tools {
  /** The compiler's own words on its version. */
  readonly rustc: string;
  readonly valgrind: string;
  readonly glibc: string;
}

/** Figures by name: instructions of one handler, or the bytes of each zip. */
export type Figures = Readonly<Record<string, number>>;

/** What the handlers for x86_64 cost. */
export interface Performance {
  readonly tools: Tools;
  /** By handler. */
  readonly instructions: Readonly<Record<string, Figures>>;
  /** By file. */
  readonly zips: Figures;
}

export function readBaseline(): Performance {
  return JSON.parse(readFileSync(BASELINE, 'utf8')) as Performance;
}
