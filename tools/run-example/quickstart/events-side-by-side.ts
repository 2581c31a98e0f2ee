/** An event as a rule's target received it. */
export interface MomentoEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Marks a field that the two events have different values of. */
export const DIFFERENT = '≠';
const ABSENT = '–';

/** Two events of the same message as a table, with a mark at each difference. */
export function eventsSideBySide(bySubscription: MomentoEvent, byWebhook: MomentoEvent): string {
  const events = [bySubscription, byWebhook];
  const fields = [...new Set(events.flatMap(({ detail }) => Object.keys(detail)))];
  const rows = [
    ['source', ...events.map(({ source }) => source)],
    ['detail-type', ...events.map((event) => event['detail-type'])],
    ...fields.map((field) => [`detail.${field}`, ...events.map(({ detail }) => shown(detail[field]))]),
  ];
  const table = [['', 'by subscription', 'by webhook'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(([field = '', one = '', other = ''], index) => {
      const mark = index > 0 && one !== other ? DIFFERENT : ' ';
      return `${mark} ${field.padEnd(widths[0] ?? 0)}  ${one.padEnd(widths[1] ?? 0)}  ${other}`.trimEnd();
    })
    .join('\n');
}

function shown(value: unknown): string {
  return value === undefined ? ABSENT : JSON.stringify(value);
}
