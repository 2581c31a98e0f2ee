import assert from 'node:assert/strict';
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** A phone, a tablet and a desktop: widths in CSS pixels. */
const WIDTHS = [390, 820, 1280];
const SCHEMES = ['light', 'dark'] as const;
const WCAG_22_AA: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  // Of WCAG 2.2, and off unless it is asked for.
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
};
const EXCESS_WIDTH = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/**
 * Fails if axe finds something against WCAG 2.2 AA in what the page shows now, at each width, light and dark, or if there is something to
 * scroll to sideways. Afterwards the page has its size and colours again.
 */
export async function checkAccessibility(page: Page): Promise<void> {
  const before = page.viewportSize();
  // Not through a script element, which the page's Content-Security-Policy refuses.
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of SCHEMES) {
      // Without animations, so that no colour is on its way to another.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const at = `at ${width.toString()} px, ${colorScheme}`;
      found.push(...(await violations(page)).map((violation) => `${at}: ${violation}`));
      const excess = await page.evaluate<number>(EXCESS_WIDTH);
      if (excess > 0) found.push(`${at}: the page is ${excess.toString()} px too wide`);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
  if (found.length > 0) assert.fail(found.join('\n'));
}

/** What axe finds: each rule with its meaning, the element and what is wrong with it. */
async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate<AxeResults, RunOptions>(
    (options) => (globalThis as unknown as { axe: typeof axe }).axe.run(options),
    WCAG_22_AA,
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) => `${id} (${help})\n  ${html}\n  ${failureSummary.replace(/\s+/g, ' ')}`,
    ),
  );
}

/**
 * What goes wrong in a page from now on: errors of its scripts, and what its Content-Security-Policy has refused. Tests expect it to stay
 * empty.
 */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  return faults;
}
