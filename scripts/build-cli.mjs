// Bundles cli/ with all that it needs into bin/cdk-momento-eventbridge.js, so that the constructs need no other
// package; and puts the licences of what is in it beside it.
//
// usage: node scripts/build-cli.mjs
//        node scripts/build-cli.mjs --list             (only prints the folders of the packages that are in it)
//        node scripts/build-cli.mjs --metafile FILE    (only writes what esbuild says is in it)
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const BUNDLE = 'bin/cdk-momento-eventbridge.js';
const NOTICES = 'bin/THIRD-PARTY-NOTICES.txt';
const [mode, metafilePath] = process.argv.slice(2);
// Packages that leave their licence out, and a package of the same repository that has it.
const SAME_REPOSITORY = { 'node_modules/proxy-agent-negotiate': 'node_modules/https-proxy-agent' };
const LICENCES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

const { metafile } = await build({
  entryPoints: ['cli/main.ts'],
  outfile: BUNDLE,
  bundle: true,
  platform: 'node',
  target: 'node20.16',
  // What `verify` deploys are the constructs of this package, with the aws-cdk-lib of the user, which is beside it.
  external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'cdk-momento-eventbridge', 'constructs'],
  minify: true,
  legalComments: 'none', // in the notices
  banner: { js: '#!/usr/bin/env node' },
  metafile: true,
  write: mode === undefined,
  logLevel: 'warning',
});

if (mode === '--metafile') {
  writeFileSync(metafilePath, JSON.stringify(metafile));
  process.exit();
}

const packages = new Map();
for (const input of Object.keys(metafile.inputs)) {
  const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
  if (folder) packages.set(folder, JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')));
}
if (mode === '--list') {
  console.log([...packages.keys()].join('\n'));
  process.exit();
}

const byText = new Map();
for (const [folder, { name, version, license }] of packages) {
  if (!LICENCES.has(license)) throw new Error(`${name} ${version} has the licence ${license}: may it be bundled?`);
  const text = licenceText(folder, license);
  byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}, ${license}`]);
}
const notices = [...byText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}\n`);
writeFileSync(NOTICES, `What ${BUNDLE} contains besides this package's own code.\n\n${notices.sort().join('\n\n')}`);
chmodSync(BUNDLE, 0o755);
for (const made of [BUNDLE, NOTICES]) console.log(`${made}: ${readFileSync(made).length} bytes`);

function licenceText(folder, license) {
  for (const name of ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'license', 'license.md', 'LICENCE']) {
    try {
      return readFileSync(`${SAME_REPOSITORY[folder] ?? folder}/${name}`, 'utf8').trim();
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  // Some of the AWS SDK's packages leave it out. This package has the same licence, and its text.
  if (license === 'Apache-2.0') return 'See the file LICENSE of this package.';
  throw new Error(`${folder} has no licence text`);
}
