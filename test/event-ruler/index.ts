import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = join(__dirname, 'lib');
const MAX_OUTPUT_BYTES = 1024 ** 3;

/**
 * The names of the rules that each of the events matches, by AWS's own matcher, Event Ruler, which EventBridge runs on.
 *
 * @param patterns event patterns, by their rules' names
 * @param events as JSON text, since not every JSON number is one of JavaScript
 */
export function matchingRules(patterns: Readonly<Record<string, unknown>>, events: readonly string[]): string[][] {
  if (!existsSync(LIBRARIES)) throw new Error('Event Ruler is not installed: run scripts/setup.sh');
  const lines = [patterns, ...events].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const { status, stdout, stderr } = spawnSync(
    'java',
    ['-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', join(LIBRARIES, '*'), join(__dirname, 'MatchingRules.java')],
    { input: lines.join('\n'), encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES },
  );
  if (status !== 0) throw new Error(`Event Ruler failed:\n${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
}
