import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type HandlerName = 'webhook' | 'subscribe' | 'redrive' | 'deliver' | 'changes';

/** What a handler writes, as the tests of the handlers have recorded it. */
export interface HandlerOutput {
  /** The fields of each message of the log. */
  readonly logs: Readonly<Record<string, readonly string[]>>;
  /** The sets of dimensions of each metric. */
  readonly metrics: Readonly<Record<string, readonly (readonly string[])[]>>;
}

export function outputOf(handler: HandlerName): HandlerOutput {
  const file = join(__dirname, `../../../handler/tests/output/${handler}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as HandlerOutput;
}
