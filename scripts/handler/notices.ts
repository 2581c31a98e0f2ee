import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cargo, CRATE, type Package, packages, ROOT } from './cargo';

/** Those that deny.toml allows. Where a crate leaves a choice, the first one of these is taken. */
const LICENCES = ['Apache-2.0', 'MIT', 'ISC', 'BSD-3-Clause', 'Unicode-3.0'];

/** Where the text is for crates that leave it out, though their licence asks for it. Theirs is in their repository. */
const TEXTS = new Map([
  ['base64-simd', 'nugine-simd.txt'],
  ['tonic-prost', 'tonic.txt'],
  ['vsimd', 'nugine-simd.txt'],
]);

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
const SOURCE_FILE = /\.(rs|c|h|inl|S|pl)$/;
const COPYRIGHT = /copyright (?:\(c\) )?\d{4}.*/gi;

/**
 * The licences of all that is in the executables for a target, each text once, below the names of the crates that it is the
 * licence of. Then the copyright notices that only their source files have.
 *
 * @throws Error when a crate has no licence that is known here, or no text of it can be found
 */
export function notices(target: string): string {
  const byText = new Map<string, { readonly text: string; readonly crates: string[] }>();
  const add = (crate: string, text: string): void => {
    const words = text.split(/\s+/).join(' ');
    const entry = byText.get(words) ?? { text, crates: [] };
    byText.set(words, entry);
    entry.crates.push(crate);
  };
  const crates = linkedCrates(target);
  for (const crate of crates) {
    const licence = choose(crate);
    for (const text of licenceTexts(crate, licence)) add(`${crate.name} ${crate.version}, ${licence}`, text);
  }
  add("Rust's standard library, Apache-2.0: see the end", ownLicence());
  const sections = [...byText.values()].map((entry) => `${entry.crates.join('\n')}\n\n${entry.text}`).sort();
  return [
    'What the executable `bootstrap` is made of, and under which licences. Above each text are the names of what it applies to.',
    ...sections,
    copyrights(crates, sections.join()),
    readFileSync(join(__dirname, 'licences/rust-standard-library.txt'), 'utf8').trim(),
    '',
  ].join(`\n\n${'='.repeat(80)}\n\n`);
}

/** The crates whose code is in the executables: neither what is needed for building only, nor macros. */
function linkedCrates(target: string): Package[] {
  const edges = ['--edges', 'normal,no-proc-macro', '--prefix', 'none', '--format', '{p}'];
  const tree = cargo('tree', '--package', CRATE, '--target', target, ...edges);
  const linked = new Set(
    [...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name = '', version = '']) => `${name} ${version}`),
  );
  const crates = packages('--filter-platform', target).filter(({ name, version }) => linked.has(`${name} ${version}`));
  if (crates.length !== linked.size) throw new Error('cargo tree and cargo metadata do not name the same crates');
  return crates.sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
}

/** Of each choice the licence that comes first in LICENCES. */
function choose({ name, version, license }: Package): string {
  const parts = (license ?? '').split(' AND ').map((part) => part.replace(/^\((.*)\)$/, '$1').split(/ OR |\s*\/\s*/));
  const chosen = parts.map((alternatives) => LICENCES.find((known) => alternatives.includes(known)));
  if (chosen.includes(undefined)) {
    throw new Error(`${name} ${version} has the licence ${license ?? '(none)'}: may it be linked?`);
  }
  return chosen.join(' AND ');
}

/** What a crate says of its licence: in its own folder, and in those of others' code that it contains. */
function licenceTexts({ name, version, license, manifest_path }: Package, chosen: string): string[] {
  if (name === CRATE) return [ownLicence()];
  const texts = readdirSync(dirname(manifest_path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .filter((entry) => chosen === license || !isOfAnother(entry.name.toUpperCase(), chosen.toUpperCase()))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').trim());
  if (texts.length > 0) return texts;
  const elsewhere = TEXTS.get(name);
  if (elsewhere !== undefined) return [readFileSync(join(__dirname, 'licences', elsewhere), 'utf8').trim()];
  // The same for everybody, and this project's own.
  if (chosen === 'Apache-2.0') return [ownLicence()];
  throw new Error(`${name} ${version}, ${chosen}, has no licence text: find it, and add it to TEXTS`);
}

/** The copyright notices in the source files of crates, without those that are in `texts`. Ring has most of its own only there. */
function copyrights(crates: readonly Package[], texts: string): string {
  const found = crates.map((crate) => {
    const files = readdirSync(dirname(crate.manifest_path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    const notices = files.flatMap((text) => text.match(COPYRIGHT) ?? []).map((line) => line.replace(/[\s*/.]*$/, ''));
    const missing = [...new Set(notices)].filter((notice) => !texts.includes(notice)).sort();
    return { crate, missing };
  });
  return [
    'Copyright notices that stand in source files only',
    ...found
      .filter(({ missing }) => missing.length > 0)
      .map(({ crate, missing }) => [`${crate.name} ${crate.version}:`, ...missing].join('\n')),
  ].join('\n\n');
}

/** Whether a file's name says that it is of an alternative that was not chosen: `LICENSE-MIT`, `UNLICENSE`. */
function isOfAnother(file: string, chosen: string): boolean {
  return ['APACHE', 'BOOST', 'ISC', 'MIT', 'UNLICENSE'].some(
    (licence) => file.includes(licence) && !chosen.includes(licence),
  );
}

function ownLicence(): string {
  return readFileSync(join(ROOT, 'LICENSE'), 'utf8').trim();
}
