// Prints, as CycloneDX, what the npm package contains besides its own code: what is bundled into its command line.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Bom {
  readonly metadata: { readonly component: { name: string } };
  components: { readonly 'bom-ref': string; scope?: string }[];
  dependencies: { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const root = join(__dirname, '../..');
const run = (command: string, ...options: string[]) =>
  execFileSync(command, options, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string; version: string };

const folders = run('node', 'scripts/build-cli.mjs', '--list').trim().split('\n');
const bundled = folders.map(manifest).map(({ name, version }) => `${name}@${version}`);
// npm knows what is installed here, most of which the package does not have.
const bom = JSON.parse(run('npm', 'sbom', '--sbom-format', 'cyclonedx')) as Bom;
const { name, version } = manifest('.');
bom.metadata.component.name = name;
bom.components = bom.components.filter((component) => bundled.includes(component['bom-ref']));
for (const component of bom.components) component.scope = 'required';
bom.dependencies = [
  { ref: `${name}@${version}`, dependsOn: bom.components.map((component) => component['bom-ref']) },
  ...bom.components.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
];
const missing = bundled.filter((reference) => !bom.components.some((component) => component['bom-ref'] === reference));
if (missing.length > 0) throw new Error(`npm sbom does not know ${missing.join(', ')}`);
console.log(JSON.stringify(bom, null, 2));
