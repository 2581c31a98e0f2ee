import { Document, isMap, isScalar, type Node, type Scalar } from 'yaml';

/** The order of CloudFormation's documentation: first what one is asked for, then what is made of it. */
const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
];

/** The functions that are written as tags. Those of rules are documented without. */
const TAGS: Readonly<Record<string, string>> = {
  Ref: '!Ref',
  'Fn::Equals': '!Equals',
  'Fn::FindInMap': '!FindInMap',
  'Fn::GetAtt': '!GetAtt',
  'Fn::If': '!If',
  'Fn::Not': '!Not',
  'Fn::Sub': '!Sub',
};

/**
 * A template as a person would write it: sections in their order, functions as tags, `!Sub` instead of joined pieces.
 *
 * @param heading the comment at the top
 * @param comments what is to be said above a resource, by its logical id
 */
export function templateYaml(
  template: Readonly<Record<string, unknown>>,
  heading: string,
  comments: Readonly<Record<string, string>> = {},
): string {
  const unknown = Object.keys(template).filter((section) => !SECTIONS.includes(section));
  if (unknown.length > 0) throw new Error(`Unknown template section ${unknown.join(', ')}: add it to SECTIONS`);
  const sections = SECTIONS.filter((section) => section in template);
  // CloudFormation reads version 1.1, in which an unquoted date or `yes` is not a string.
  const document = new Document(undefined, { version: '1.1' });
  document.commentBefore = comment(heading);
  document.contents = node(document, Object.fromEntries(sections.map((section) => [section, template[section]])));
  for (const section of sections.slice(1)) keyAt(document, section).spaceBefore = true;
  for (const id of Object.keys(template.Resources ?? {}).slice(1)) keyAt(document, 'Resources', id).spaceBefore = true;
  for (const [id, text] of Object.entries(comments)) keyAt(document, 'Resources', id).commentBefore = comment(text);
  return document.toString({ lineWidth: 120, singleQuote: true });
}

function node(document: Document, value: unknown): Node {
  const [name = '', argument] = onlyEntry(value) ?? [];
  if (name === 'Fn::Join') {
    const sub = substitution(argument as [string, unknown]);
    if (sub !== undefined) return tagged('!Sub', node(document, sub));
  }
  const tag = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  // A tag cannot follow another, so what is called with the result of another function is written out.
  if (tag !== undefined && onlyEntry(argument) === undefined) {
    return tagged(tag, node(document, name === 'Fn::GetAtt' ? (argument as string[]).join('.') : argument));
  }
  if (Array.isArray(value)) return document.createNode(value.map((item) => node(document, item)));
  if (typeof value !== 'object' || value === null) return document.createNode(value);
  const entries = Object.entries(value).map(([key, item]) => [key, node(document, item)] as const);
  return document.createNode(Object.fromEntries(entries));
}

function tagged(tag: string, argument: Node): Node {
  (argument as Scalar).tag = tag;
  return argument;
}

function onlyEntry(value: unknown): [string, unknown] | undefined {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return entries.length === 1 ? entries[0] : undefined;
}

/** What `!Sub` takes to join the same pieces, if they are joined by nothing and are such as can be named in a text. */
function substitution([separator, pieces]: [string, unknown]): string | [string, object] | undefined {
  if (separator !== '' || !Array.isArray(pieces)) return undefined;
  const variables = new Map<string, unknown>();
  const texts = pieces.map((piece: unknown) => {
    if (typeof piece === 'string') return piece.replaceAll('${', '${!');
    const [name, argument] = onlyEntry(piece) ?? [];
    if (name === 'Ref') return `\${${String(argument)}}`;
    if (name === 'Fn::GetAtt') return `\${${(argument as string[]).join('.')}}`;
    if (name !== 'Fn::FindInMap') return undefined;
    const key = String((argument as unknown[]).at(-1));
    variables.set(key, piece);
    return `\${${key}}`;
  });
  if (texts.includes(undefined)) return undefined;
  return variables.size === 0 ? texts.join('') : [texts.join(''), Object.fromEntries(variables)];
}

function keyAt(document: Document, ...path: string[]): Node {
  const map = document.getIn(path.slice(0, -1));
  const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  if (!pair) throw new Error(`The template has no ${path.join('.')}`);
  return pair.key as Node;
}

function comment(text: string): string {
  return text.replace(/^/gm, ' ');
}
