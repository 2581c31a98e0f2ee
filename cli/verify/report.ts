import { version } from '../../package.json';
import { printable } from '../printable';
import type { Outcome } from './check';
import type { Result } from './run-checks';

/** What a run has found out. */
export interface RunReport {
  readonly region: string;
  readonly isLocal: boolean;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly results: readonly Result[];
  /** Why something that the run made is left; nothing where all of it was deleted. */
  readonly left?: string;
  /** The account's number, which is not written. */
  readonly account: string;
}

/** The kinds of outcome, in the order in which they are counted. */
const KINDS: readonly Outcome['kind'][] = ['held', 'broken', 'not here', 'undecided'];

/** How many checks had an outcome: `24 held, 2 not here`. */
export function counts(results: readonly Result[]): string {
  const counted = KINDS.map((kind) => [results.filter(({ outcome }) => outcome.kind === kind).length, kind] as const);
  return counted
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count.toString()} ${kind}`)
    .join(', ');
}

/** Where a run was. */
export function place({ isLocal, region }: Pick<RunReport, 'isLocal' | 'region'>): string {
  return isLocal ? 'the local AWS' : `AWS, ${region}`;
}

/** The report for programs. */
export function reportJson(report: RunReport): string {
  const { region, isLocal, startedAt, seconds, results, left } = report;
  const checks = results.map(({ check, outcome, milliseconds }) => ({
    id: check.id,
    promise: check.promise,
    outcome: outcome.kind,
    seen: masked(outcome.seen, report),
    milliseconds,
    localAws: check.local,
    source: check.source,
  }));
  const facts = { version, where: isLocal ? 'local AWS' : 'AWS', region, startedAt: startedAt.toISOString(), seconds };
  return `${JSON.stringify({ ...facts, left: left ?? null, checks }, undefined, 2)}\n`;
}

/**
 * The report for people, in Markdown.
 *
 * @param picture the name of the picture beside it
 */
export function reportMarkdown(report: RunReport, picture: string): string {
  const { startedAt, seconds, results, left, isLocal } = report;
  const groups = [...new Set(results.map(groupOf))];
  return [
    `# What cdk-momento-eventbridge promises, and what ${isLocal ? 'the local AWS' : 'AWS'} did`,
    '',
    `Written by \`cdk-momento-eventbridge verify\`, version ${version}, on ${place(report)}, ${startedAt.toISOString().slice(0, 10)}, in ` +
      `${seconds.toString()} s.`,
    '',
    `**${results.length.toString()} promises: ${counts(results)}.**`,
    ...(isLocal
      ? ['', 'The local AWS is an emulator. What is held here is held against what we know of AWS, not against AWS.']
      : []),
    '',
    left === undefined ? 'All that the run made was deleted.' : `**Something is left:** ${printable(left)}`,
    '',
    `![Each promise, its outcome, and how the local AWS is known](${picture})`,
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      ...results.filter((result) => groupOf(result) === group).flatMap((result) => section(result, report)),
    ]),
    '',
  ].join('\n');
}

function section({ check, outcome, milliseconds }: Result, report: RunReport): string[] {
  const { id, promise, source, local } = check;
  const rules = (local.rules ?? []).map((rule) => `, \`${rule}\``).join('');
  return [
    '',
    `### ${id}: ${outcome.kind}`,
    '',
    `- Promise: ${promise}`,
    `- Seen, in ${(milliseconds / 1_000).toFixed(1)} s: ${code(masked(outcome.seen, report))}`,
    `- The local AWS: ${local.does} (${local.evidence}${rules})`,
    `- Source: ${source}`,
  ];
}

/** The group of a check: what its id begins with. */
export function groupOf({ check: { id } }: Result): string {
  return id.slice(0, id.indexOf('/'));
}

function masked(text: string, { account }: RunReport): string {
  return account === '' ? text : text.replaceAll(account, '<account>');
}

/** As it is: a text can hold what Markdown would obey. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}
