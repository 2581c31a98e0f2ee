// Writes API.md, the reference of the public API, from what `npm run build` has left: of the constructs by jsii-docgen, and of
// `cdk-momento-eventbridge/commands`, which is TypeScript only and so unknown to jsii, from its declarations.
//
// usage: npm run api [-- --check]      (with --check, writes nothing and fails if API.md is not up to date)
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { sayMade } from './made';

const ROOT = join(__dirname, '..');
const API = join(ROOT, 'API.md');

/** The reference of the constructs. */
function constructs(): string {
  const directory = mkdtempSync(join(tmpdir(), 'api-'));
  try {
    linkAssemblies(directory);
    execFileSync(join(ROOT, 'node_modules/.bin/jsii-docgen'), { cwd: directory, stdio: 'inherit' });
    return readFileSync(join(directory, 'API.md'), 'utf8').trim();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Puts what jsii-docgen reads into a folder: this package, and those that it may depend on. jsii-docgen looks for assemblies in every
 * folder, through links too, and in the repository the package's link to itself leads back some forty times.
 */
export function linkAssemblies(directory: string): void {
  for (const file of ['package.json', '.jsii']) copyFileSync(join(ROOT, file), join(directory, file));
  const modules = join(ROOT, 'node_modules');
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((scoped) => join(name, scoped)) : name,
  );
  for (const name of names.filter((module) => existsSync(join(modules, module, '.jsii')))) {
    if (realpathSync(join(modules, name)) === ROOT) continue;
    mkdirSync(join(directory, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(modules, name), join(directory, 'node_modules', name));
  }
}

/** The reference of an entry point that is TypeScript only: the declaration of each of its exports, below its documentation. */
export function entryPoint(name: string, declarations: string): string {
  const program = ts.createProgram([declarations], { skipLibCheck: true });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(declarations);
  const module = file && checker.getSymbolAtLocation(file);
  if (!file || !module) throw new Error(`${declarations} is missing: run 'npm run build' first`);
  const sections = checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const [declaration] = symbol.declarations ?? [];
    const statement = declaration && ts.findAncestor(declaration, ts.isStatement);
    const documentation = ts.displayPartsToString(symbol.getDocumentationComment(checker));
    if (!statement || documentation === '') throw new Error(`${name}: ${exported.name} has no documentation`);
    const code = statement.getText().replace(/^export (declare )?/, '');
    return `### ${exported.name}\n\n${documentation}\n\n\`\`\`typescript\n${code}\n\`\`\``;
  });
  return [`## Entry point \`${name}\``, moduleDocumentation(file), ...sections].join('\n\n');
}

/** The comment that a file begins with. */
function moduleDocumentation(file: ts.SourceFile): string {
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(file.text) ?? [];
  return comment.replace(/^\s*\* ?/gm, '').trim();
}

function main(): void {
  const commands = entryPoint('cdk-momento-eventbridge/commands', join(ROOT, 'lib/commands/index.d.ts'));
  const reference = `${constructs()}\n\n${commands}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(API, reference);
    sayMade(API);
  } else if (readFileSync(API, 'utf8') !== reference) {
    console.error("API.md is not up to date: run 'npm run api', and commit it with the change");
    process.exitCode = 1;
  }
}

if (require.main === module) main();
