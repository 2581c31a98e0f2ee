import type { Figures } from './figures';

/** By how much a figure may exceed the baseline's. Two counts of the same lie 0.7 % apart at most. */
const TOLERANCE = 0.03;

/** What is worse than in the baseline: a sentence for each figure. */
export function regressions(baseline: Figures, measured: Figures): string[] {
  return compare(baseline, measured, (before, now) => now > before * (1 + TOLERANCE));
}

/** What is so much better that a new baseline is worth it, so that the gain is not lost unnoticed. */
export function gains(baseline: Figures, measured: Figures): string[] {
  return compare(baseline, measured, (before, now) => now < before * (1 - TOLERANCE));
}

function compare(baseline: Figures, measured: Figures, matters: (before: number, now: number) => boolean): string[] {
  const names = new Set([...Object.keys(baseline), ...Object.keys(measured)]);
  return [...names].flatMap((name) => {
    const [before, now] = [baseline[name], measured[name]];
    if (before === undefined) return `${name} is not in the baseline`;
    if (now === undefined) return `${name} was not measured`;
    const change = (((now - before) / before) * 100).toFixed(1);
    return matters(before, now) ? `${name}: ${now.toString()}, ${change} % from ${before.toString()}` : [];
  });
}
