import { type Shown, shownIn, type Widget } from './dashboard-body';
import { billedOf, type Series, seriesOf } from './series';

/** Pixels of a column and of a row of the dashboard's grid. */
const COLUMN = 45;
const ROW = 37;
const GAP = 6;
const COLUMNS = 24;
/** Of the line below the dashboard. */
const FOOT = 34;
const NOTE = 'Drawn by scripts/dashboard-picture from made-up data. Not a screenshot of CloudWatch.';

/** For what has no colour on the dashboard: the first that is not taken in its graph. Which one CloudWatch gives is unknown. */
const PALETTE = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f', '#bcbd22'];

const STYLE = `
    svg { --ink: #16191f; --faint: #545b64; --paper: #f2f3f3; --card: #ffffff; --grid: #e1e4e8; --ok: #2ca02c; }
    @media (prefers-color-scheme: dark) {
      svg { --ink: #e9ebed; --faint: #a2a9b2; --paper: #0f1b2a; --card: #192534; --grid: #33404f; --ok: #40b840; }
    }
    .paper { fill: var(--paper); }
    .card { fill: var(--card); }
    .grid { stroke: var(--grid); }
    .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
    .area { fill-opacity: 0.55; }
    .ok { fill: none; stroke: var(--ok); }
    text { font: 10.5px 'Amazon Ember', system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: var(--faint); }
    .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
    .heading { font-size: 18px; font-weight: 600; fill: var(--ink); }
    .value { font-size: 24px; fill: var(--ink); text-anchor: middle; }
    .middle { text-anchor: middle; }
    .end { text-anchor: end; }
    .name { font-size: 12px; fill: var(--ink); }
    .note { font-size: 12px; }`;

/** A rectangle in pixels. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The dashboard as an SVG, with made-up data. */
export function pictureOf(widgets: readonly Widget[], alarmNames: ReadonlyMap<string, string>): string {
  const width = COLUMNS * COLUMN;
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * ROW + FOOT;
  const headings = widgets.filter(({ type }) => type === 'text');
  const drawn = widgets.flatMap((widget) => {
    const heading = headings.filter(({ y }) => y < widget.y).at(-1);
    return draw(widget, heading ? titlesOf([heading]).join('') : '', alarmNames);
  });
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" role="img" aria-labelledby="title description">`,
    '  <title id="title">MomentoEventBridgeDashboard</title>',
    `  <desc id="description">${NOTE} Widgets: ${escaped(titlesOf(widgets).join('; '))}.</desc>`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect class="paper" width="${px(width)}" height="${px(height)}" rx="8" />`,
    ...drawn.map((line) => `  ${line}`),
    `  ${text('note middle', width / 2, height - 12, NOTE)}`,
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** The titles and headings of a dashboard, as they are in the picture. */
export function titlesOf(widgets: readonly Widget[]): string[] {
  return widgets.map(({ properties: { title, markdown = '' } }) => title ?? markdown.replace(/^#+ /, ''));
}

function draw(widget: Widget, heading: string, alarmNames: ReadonlyMap<string, string>): string[] {
  const [title = ''] = titlesOf([widget]);
  const box = {
    x: widget.x * COLUMN + GAP / 2,
    y: widget.y * ROW + GAP / 2,
    width: widget.width * COLUMN - GAP,
    height: widget.height * ROW - GAP,
  };
  if (widget.type === 'text') return [text('heading', box.x + 10, box.y + 22, title)];
  const card = [
    `<rect class="card" x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" rx="4" />`,
    text('title', box.x + 12, box.y + 21, title),
  ];
  if (widget.type === 'alarm') return [...card, ...alarms(box, widget.properties.alarms ?? [], alarmNames)];
  if (widget.properties.view === 'singleValue') return [...card, ...values(box, heading, shownIn(widget))];
  return [...card, ...graph(box, title, widget)];
}

function alarms(box: Box, ids: readonly string[], names: ReadonlyMap<string, string>): string[] {
  const columns = 4;
  const width = (box.width - 24) / columns;
  return ids.flatMap((id, i) => {
    const x = box.x + 12 + (i % columns) * width;
    const y = box.y + 34 + Math.floor(i / columns) * 34;
    return [
      `<rect class="ok" x="${px(x)}" y="${px(y)}" width="${px(width - 8)}" height="27" rx="3" />`,
      text('name', x + 10, y + 18, names.get(id) ?? id),
      text('end', x + width - 18, y + 18, 'OK'),
    ];
  });
}

function values(box: Box, heading: string, shown: readonly Shown[]): string[] {
  const width = box.width / shown.length;
  return shown.flatMap(({ label }, i) => {
    const x = box.x + (i + 0.5) * width;
    return [text('value', x, box.y + 64, billedOf(heading, label)), text('middle', x, box.y + 86, label)];
  });
}

interface Line extends Shown {
  readonly color: string;
  readonly axis: 'left' | 'right';
  readonly series: Series;
}

function graph(box: Box, title: string, widget: Widget): string[] {
  const { stacked = false, yAxis } = widget.properties;
  const shown = shownIn(widget);
  const free = PALETTE.filter((color) => shown.every((one) => one.color !== color));
  const lines = shown.map((one): Line => {
    const color = one.color ?? free.shift() ?? '';
    return { ...one, color, axis: one.yAxis ?? 'left', series: seriesOf(title, one.label) };
  });
  const rows = legendRows(lines, box.width - 24);
  const bottom = box.y + box.height - 12 - rows.length * 15;
  const plot = { x: box.x + 46, y: box.y + 50, width: box.width - 92, height: bottom - 20 - (box.y + 50) };
  const tops = { left: topOf(lines, 'left', stacked), right: topOf(lines, 'right', stacked) };
  return [
    ...axes(plot, tops, yAxis?.left.label ?? '', yAxis?.right?.label),
    ...(stacked ? areas(plot, lines, tops.left) : lines.map((line) => curve(plot, line, tops[line.axis]))),
    ...rows.flatMap((row, i) => legend(row, box.x + 12, bottom + 10 + i * 15)),
  ];
}

/** A round number that nothing on the axis exceeds. */
function topOf(lines: readonly Line[], axis: 'left' | 'right', stacked: boolean): number {
  const on = lines.filter((line) => line.axis === axis).map(({ series }) => series.map((value) => value ?? 0));
  const points = on[0]?.map((_, point) => on.map((series) => series[point] ?? 0)) ?? [];
  const most = Math.max(
    ...points.map((at) => (stacked ? at.reduce((sum, value) => sum + value, 0) : Math.max(...at))),
    1,
  );
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

function axes(plot: Box, tops: { left: number; right: number }, left: string, right?: string): string[] {
  const end = plot.x + plot.width;
  const levels = [0, 0.5, 1].flatMap((part) => {
    const y = plot.y + plot.height * (1 - part);
    return [
      `<path class="grid" d="M${px(plot.x)} ${px(y)}H${px(end)}" />`,
      text('end', plot.x - 5, y + 3.5, short(part * tops.left)),
      ...(right === undefined ? [] : [text('', end + 5, y + 3.5, short(part * tops.right))]),
    ];
  });
  const times = ['-3 h', '-2 h', '-1 h', 'now'].map((time, i) =>
    text('middle', plot.x + (plot.width * i) / 3, plot.y + plot.height + 15, time),
  );
  const units = [
    text('', plot.x - 34, plot.y - 10, left),
    ...(right === undefined ? [] : [text('end', end + 34, plot.y - 10, right)]),
  ];
  return [...levels, ...times, ...units];
}

/** A line, with a gap where there is no data. */
function curve(plot: Box, { color, series }: Line, top: number): string {
  const path = series.map((value, i) => {
    if (value === undefined) return '';
    return `${i === 0 || series[i - 1] === undefined ? 'M' : 'L'}${at(plot, i, series.length, value / top)}`;
  });
  return `<path class="line" stroke="${color}" d="${path.join('')}" />`;
}

/** Areas upon each other. */
function areas(plot: Box, lines: readonly Line[], top: number): string[] {
  let below: readonly number[] = [];
  return lines.map(({ color, series }) => {
    const lower = series.map((_, i) => below[i] ?? 0);
    const upper = series.map((value, i) => (value ?? 0) + (lower[i] ?? 0));
    below = upper;
    const there = upper.map((value, i) => at(plot, i, series.length, value / top));
    const back = lower.map((value, i) => at(plot, i, series.length, value / top)).reverse();
    return `<path class="area" fill="${color}" d="M${there.join('L')}L${back.join('L')}Z" />`;
  });
}

function at(plot: Box, point: number, points: number, part: number): string {
  return `${px(plot.x + (plot.width * point) / (points - 1))} ${px(plot.y + plot.height * (1 - part))}`;
}

/** About as wide as a browser draws it. */
const widthOf = (label: string) => label.length * 5.6 + 26;

/** The labels in as many rows as they need. */
function legendRows(lines: readonly Line[], width: number): Line[][] {
  return lines.reduce<Line[][]>((rows, line) => {
    const last = rows.at(-1);
    const used = last?.reduce((sum, { label }) => sum + widthOf(label), 0) ?? width;
    return last && used + widthOf(line.label) <= width ? [...rows.slice(0, -1), [...last, line]] : [...rows, [line]];
  }, []);
}

function legend(row: readonly Line[], x: number, y: number): string[] {
  return row.flatMap(({ label, color }, i) => {
    const left = x + row.slice(0, i).reduce((sum, other) => sum + widthOf(other.label), 0);
    return [
      `<rect fill="${color}" x="${px(left)}" y="${px(y - 8)}" width="9" height="9" rx="1.5" />`,
      text('', left + 13, y, label),
    ];
  });
}

function text(className: string, x: number, y: number, content: string): string {
  const attribute = className === '' ? '' : ` class="${className}"`;
  return `<text${attribute} x="${px(x)}" y="${px(y)}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** 1.5k for 1,500. */
function short(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toString()}M`;
  return value >= 1000 ? `${(value / 1000).toString()}k` : value.toString();
}

/** Tenths of a pixel are enough, and keep the file small. */
function px(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}
