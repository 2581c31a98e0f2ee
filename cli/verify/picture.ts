import type { Evidence, Outcome } from './check';
import { counts, groupOf, place, type RunReport } from './report';
import type { Result } from './run-checks';

const WIDTH = 760;
const ROW = 24;
const TOP = 84;
/** Where the columns begin. */
const [NAME, OUTCOME, EVIDENCE] = [40, 400, 540];

const OUTCOME_COLOURS: Readonly<Record<Outcome['kind'], string>> = {
  held: '#1a7f37',
  broken: '#cf222e',
  'not here': '#8c959f',
  undecided: '#bf8700',
};
const EVIDENCE_COLOURS: Readonly<Record<Evidence, string>> = {
  record: '#1a7f37',
  documentation: '#0969da',
  inference: '#bf8700',
  'not modelled': '#8c959f',
};

/** Draws what is proved where: each check with its outcome, and how it is known that the local AWS does as AWS. SVG. */
export function picture(report: RunReport): string {
  const { results } = report;
  const lines: string[] = [];
  let y = TOP;
  for (const group of new Set(results.map(groupOf))) {
    lines.push(text(24, y, group, 'heading'));
    y += ROW;
    for (const result of results.filter((one) => groupOf(one) === group)) {
      lines.push(...row(result, y));
      y += ROW;
    }
    y += ROW / 2;
  }
  const where = report.isLocal ? 'the local AWS' : 'AWS';
  const title = `What ${where} did: ${counts(results)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH.toString()} ${y.toString()}" width="${WIDTH.toString()}" role="img" aria-labelledby="t">`,
    `<title id="t">${title}</title>`,
    '<style>text{font:14px system-ui,sans-serif;fill:#1f2328}.heading{font-weight:600}.title{font-size:18px;font-weight:600}.column{fill:#59636e}</style>',
    `<rect width="${WIDTH.toString()}" height="${y.toString()}" fill="#fff"/>`,
    text(24, 32, title, 'title'),
    text(24, 60, 'check', 'column'),
    text(OUTCOME, 60, place(report), 'column'),
    text(EVIDENCE, 60, 'the local AWS does so by', 'column'),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function row({ check: { id, local }, outcome: { kind } }: Result, y: number): string[] {
  return [
    text(NAME, y, id.slice(id.indexOf('/') + 1)),
    dot(OUTCOME, y, OUTCOME_COLOURS[kind]),
    text(OUTCOME + 16, y, kind),
    dot(EVIDENCE, y, EVIDENCE_COLOURS[local.evidence]),
    text(EVIDENCE + 16, y, local.evidence),
  ];
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${(x + 5).toString()}" cy="${(y - 5).toString()}" r="5" fill="${colour}"/>`;
}

function text(x: number, y: number, words: string, name?: string): string {
  const style = name === undefined ? '' : ` class="${name}"`;
  return `<text${style} x="${x.toString()}" y="${y.toString()}">${words}</text>`;
}
