// Asks npm for the known vulnerabilities of the packages in package-lock.json, and says which of them matter.
//
// `npm audit --omit=dev` finds nothing here whatever there is to find, and asks nobody: the package has no run-time
// dependencies. What it ships of others is bundled into bin/ from development dependencies, so all of them are looked at.
//
// status: 0 none, or all explained; 1 one that is not explained; 2 npm could not say
import { execFileSync, spawnSync } from 'node:child_process';

// The advisories that may stay, by their ids, each with the reason. One of a package that is shipped may not.
const EXPLAINED = new Map([]);

const audit = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const report = parse(audit.stdout);
if (!report?.vulnerabilities) {
  console.log(`npm audit: ${report?.message ?? report?.error?.summary ?? audit.stderr.trim()}`);
  process.exit(2);
}

const shipped = new Set(
  execFileSync(process.execPath, ['scripts/build-cli.mjs', '--list'], { encoding: 'utf8' }).trim().split('\n'),
);
const advisories = new Map();
for (const { nodes, via } of Object.values(report.vulnerabilities)) {
  // A package that is only affected through another names that one, which has an entry of its own.
  for (const { url, title, severity, name } of via.filter((cause) => typeof cause === 'object')) {
    const id = url.split('/').at(-1);
    const isShipped = nodes.some((node) => shipped.has(node));
    advisories.set(`${id} ${name}`, { id, name, title, severity, isShipped });
  }
}

let unexplained = 0;
for (const { id, name, title, severity, isShipped } of advisories.values()) {
  const reason = isShipped ? undefined : EXPLAINED.get(id);
  if (reason === undefined) unexplained += 1;
  const where = isShipped ? 'bundled into bin/' : 'for development only';
  console.log(`${id} ${name} (${severity}, ${where}): ${title}${reason ? `\n  may stay: ${reason}` : ''}`);
}
console.log(`npm audit: advisories: ${advisories.size}, not explained: ${unexplained}`);
process.exit(unexplained > 0 ? 1 : 0);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
