/**
 * A script for GNU ld and lld that puts functions next to each other, in this order, before all others, into a section of their own:
 * `.text.ordered`. A function that an executable does not have is left out.
 *
 * @param symbols those of the functions, as the compiler mangles them
 */
export function linkerScript(symbols: readonly string[]): string {
  const patterns = new Set(symbols.filter(hasOwnSection).map(symbolPattern));
  // `.text.unlikely.` is where the compiler puts functions that it takes for cold, but a start or an event can come by. (One pattern for
  // both, `.text*.`, takes lld 30 s instead of 2.)
  const sections = [...patterns].map((pattern) => `    *(.text.${pattern} .text.unlikely.${pattern})\n`);
  return `SECTIONS {\n  .text.ordered : {\n${sections.join('')}  }\n} INSERT BEFORE .text;\n`;
}

/** Whether it is of Rust. Functions of libraries in C and assembler share a section. */
function hasOwnSection(symbol: string): boolean {
  return /^_(ZN|R)/.test(symbol);
}

/** What a symbol has in common with that of the same function from another compiler, for another processor or in another executable. */
export function symbolPattern(symbol: string): string {
  // The optimizer numbers functions that have the same name.
  const name = symbol.replace(/(?:\.llvm)?\.\d+$/, '');
  // https://doc.rust-lang.org/rustc/symbol-mangling: a legacy symbol ends with a hash, which a version of the crate or the compiler
  // changes. Functions that are generic over something else share a pattern.
  if (name.startsWith('_ZN')) return name.replace(/17h[0-9a-f]{16}E$/, '17h*');
  const pattern = name
    // The hash of a crate,
    .replaceAll(/Cs[0-9A-Za-z]+_/g, 'Cs*_')
    // the place in the symbol of what occurs again,
    .replaceAll(/B[0-9A-Za-z]{0,3}_/g, 'B*_')
    // and the crate for which generic code was compiled.
    .replace(/B\*_$/, '')
    .replace(/Cs\*_(\d+)_?(\w+)$/, (crate: string, length: string, rest: string) =>
      rest.length === Number(length) ? '' : crate,
    );
  return `${pattern}*`;
}
