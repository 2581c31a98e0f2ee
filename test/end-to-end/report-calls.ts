import type { Call } from '../../tools';
import { textTable } from './text-table';

/** Prints how many calls of each operation went well, and how many each fault hit. */
export function reportCalls(calls: readonly Call[]): void {
  const operations = [...new Set(calls.map(({ operation = '' }) => operation))].sort();
  const faults = [...new Set(calls.map(({ fault = 'well' }) => fault))].sort();
  const count = (one: string, other: string) =>
    calls.filter(({ operation = '', fault = 'well' }) => operation === one && fault === other).length;
  const rows = operations.map((operation) => [operation, ...faults.map((fault) => count(operation, fault).toString())]);
  console.log(textTable(['calls', ...faults], rows));
}
