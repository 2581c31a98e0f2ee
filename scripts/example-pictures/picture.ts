// A small picture of what flows where: boxes on a grid, and arrows between them.

/** A box. */
export interface Box {
  /** The column and the row, from 0. */
  readonly at: readonly [column: number, row: number];
  /** How many rows it is high. Default: 1. */
  readonly rows?: number;
  /** Default: a service of AWS. */
  readonly kind?: 'momento' | 'bus' | 'rust' | 'yours';
  /** What it is. */
  readonly text: string;
  /** Lines below that, in small print. */
  readonly notes?: readonly string[];
}

/** An arrow from a box to another one, by their names. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Above it, between the boxes of one row. */
  readonly label?: string;
  /** Whether something comes back the same way. */
  readonly both?: boolean;
}

/** What a picture shows. */
export interface Flow {
  /** In a sentence, of what. */
  readonly title: string;
  /** For those who do not see the picture: its alternative text. */
  readonly description: string;
  readonly boxes: Readonly<Record<string, Box>>;
  readonly arrows: readonly Arrow[];
}

const BOX = { width: 142, height: 52 };
const PITCH = { x: 212, y: 74 };
const MARGIN = 14;
/** The height of a line of small print. */
const NOTE = 14;
/** At most what a letter takes of the size of its font. The fonts differ by reader, and their widest letters are rare. */
const WIDEST_LETTER = 0.58;
const TEXT_SIZE = 13;
const SMALL_SIZE = 11;

const STYLE = `
    svg { --ink: #1f2328; --faint: #59636e; --paper: #ffffff; --edge: #8c959f; --yours: #f6f8fa; --rust: #fff1e5; --rust-edge: #bc4c00; --bus: #fbefff; --bus-edge: #8250df; --momento: #dafbe1; --momento-edge: #1a7f37; }
    @media (prefers-color-scheme: dark) {
      svg { --ink: #f0f6fc; --faint: #9198a1; --paper: #0d1117; --edge: #656c76; --yours: #151b23; --rust: #3d1f0a; --rust-edge: #f0883e; --bus: #271052; --bus-edge: #ab7df8; --momento: #04260f; --momento-edge: #3fb950; }
    }
    .paper { fill: var(--paper); }
    .aws { fill: var(--paper); stroke: var(--edge); }
    .yours { fill: var(--yours); stroke: var(--edge); stroke-dasharray: 4 3; }
    .rust { fill: var(--rust); stroke: var(--rust-edge); }
    .bus { fill: var(--bus); stroke: var(--bus-edge); }
    .momento { fill: var(--momento); stroke: var(--momento-edge); }
    text { font: ${TEXT_SIZE.toString()}px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: var(--ink); text-anchor: middle; }
    .small { font-size: ${SMALL_SIZE.toString()}px; fill: var(--faint); }
    .flow { fill: none; stroke: var(--ink); stroke-width: 1.4; marker-end: url(#head); }
    .both { marker-start: url(#head); }
    .head { fill: var(--ink); }`;

/**
 * The picture as an SVG, for light and dark.
 *
 * @throws if a text is wider than its place, or an arrow has no way
 */
export function pictureOf({ title, description, boxes, arrows }: Flow): string {
  const all = Object.values(boxes);
  const width = Math.max(...all.map((box) => edges(box).right)) + MARGIN;
  const height = Math.max(...all.map((box) => edges(box).bottom)) + MARGIN;
  const boxOf = (name: string) => boxes[name] ?? fail(`There is no box ${name}`);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toString()}" height="${height.toString()}" viewBox="0 0 ${width.toString()} ${height.toString()}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="description">${escaped(description)}</desc>`,
    `  <style>${STYLE}\n  </style>`,
    '  <defs>',
    '    <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">',
    '      <path class="head" d="M0 0 8 4 0 8z" />',
    '    </marker>',
    '  </defs>',
    `  <rect class="paper" width="${width.toString()}" height="${height.toString()}" rx="8" />`,
    ...arrows.flatMap((arrow) => drawnArrow(arrow, boxOf(arrow.from), boxOf(arrow.to))),
    ...all.flatMap(drawnBox),
  ];
  return `${lines.join('\n')}\n</svg>\n`;
}

function edges({ at: [column, row], rows = 1 }: Box) {
  const left = MARGIN + column * PITCH.x;
  const top = MARGIN + row * PITCH.y;
  const bottom = top + (rows - 1) * PITCH.y + BOX.height;
  return { left, right: left + BOX.width, top, bottom, x: left + BOX.width / 2, y: (top + bottom) / 2 };
}

function drawnBox(box: Box): string[] {
  const { kind = 'aws', text, notes = [] } = box;
  const { left, top, bottom, x, y } = edges(box);
  // The text and its notes, centred together.
  const first = y + 4.5 - (notes.length * NOTE) / 2;
  return [
    `  <rect class="${kind}" x="${left.toString()}" y="${top.toString()}" width="${BOX.width.toString()}" height="${(bottom - top).toString()}" rx="6" />`,
    line('', x, first, text, TEXT_SIZE, BOX.width),
    ...notes.map((note, index) => line(' class="small"', x, first + (index + 1) * NOTE, note, SMALL_SIZE, BOX.width)),
  ];
}

function drawnArrow({ from, to, label, both = false }: Arrow, source: Box, target: Box): string[] {
  const [a, b] = [edges(source), edges(target)];
  const className = both ? 'flow both' : 'flow';
  const path = (d: string) => `  <path class="${className}" d="${d}" />`;
  if (a.left === b.left) {
    if (label !== undefined) throw new Error(`The arrow from ${from} to ${to} has no place for ${label}`);
    return [
      a.y < b.y ? path(`M${px(a.x)} ${px(a.bottom)}V${px(b.top)}`) : path(`M${px(a.x)} ${px(a.top)}V${px(b.bottom)}`),
    ];
  }
  const [start, end] = a.x < b.x ? [a.right, b.left] : [a.left, b.right];
  if (Math.min(a.bottom, b.bottom) <= Math.max(a.top, b.top)) {
    throw new Error(`The arrow from ${from} to ${to} has no way: they share neither a column nor a row`);
  }
  const y = a.bottom - a.top < b.bottom - b.top ? a.y : b.y;
  const drawn = [path(`M${px(start)} ${px(y)}H${px(end)}`)];
  if (label === undefined) return drawn;
  return [...drawn, line(' class="small"', (start + end) / 2, y - 6, label, SMALL_SIZE, Math.abs(end - start))];
}

function line(attributes: string, x: number, y: number, text: string, size: number, place: number): string {
  const most = text.length * size * WIDEST_LETTER;
  if (most > place) throw new Error(`"${text}" may take ${px(most)} px and has ${px(place)}`);
  return `  <text${attributes} x="${px(x)}" y="${px(y)}">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function px(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

function fail(reason: string): never {
  throw new Error(reason);
}
