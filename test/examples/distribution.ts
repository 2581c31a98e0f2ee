/** How values are spread, in words: for a latency in milliseconds, `min 3, median 5, …`. */
export function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  const named = { min: at(0), median: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  return Object.entries(named)
    .map(([name, value]) => `${name} ${value.toFixed(0)}`)
    .join(', ');
}
