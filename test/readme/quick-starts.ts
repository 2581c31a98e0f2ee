import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FENCES = { typescript: 'tsx', python: 'python', java: 'java', go: 'go' };

/** A language that the README has the quick start in. */
export type QuickStartLanguage = keyof typeof FENCES;

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');

/** How the README says to synthesize the quick start in TypeScript, once it is saved. */
export const [, QUICK_START_COMMAND = ''] = /`npx cdk deploy --app '([^']+)'`/.exec(README) ?? [];

/** The README's quick start in one language, as a reader copies it. */
export function quickStart(language: QuickStartLanguage): string {
  const fence = FENCES[language];
  // jsii translates TypeScript in a package's README, wrongly for Go. So the fence is one that it leaves alone, and there are four snippets.
  const snippets = [...README.matchAll(new RegExp(`^\`\`\`${fence}\\n([^]*?)^\`\`\``, 'gm'))];
  if (snippets.length !== 1) throw new Error(`README.md must have one \`\`\`${fence} snippet`);
  return snippets[0]?.[1] ?? '';
}
