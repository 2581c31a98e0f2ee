import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CFN_LINT = join(__dirname, '../.venv/bin/cfn-lint');
// The CDK itself makes a function or a rule depend on a role that it refers to anyway, and on that role's policy.
const REDUNDANT_DEPENDS_ON = 'W3005';

/** What cfn-lint finds in each of some templates, by file. One process checks all of them, since its start takes longer than a template. */
export function cfnLint(files: readonly string[], regions: readonly string[] = ['us-east-1']): Map<string, string[]> {
  const options = ['--ignore-checks', REDUNDANT_DEPENDS_ON, '--format', 'json', '--regions', ...regions];
  const { stdout, stderr } = spawnSync(CFN_LINT, [...options, '--', ...files], { encoding: 'utf8' });
  if (!stdout.startsWith('[') || stderr !== '') throw new Error(`cfn-lint failed: ${stderr}`);
  const findings = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { Filename, Rule, Message, Location } of JSON.parse(stdout) as Match[]) {
    const found = findings.get(Filename);
    if (!found) throw new Error(`cfn-lint found something in ${Filename}, which is not one of these files`);
    found.push(`${Rule.Id} ${Message} (${(Location.Path ?? []).join('/')})`);
  }
  return findings;
}

/** A finding, as cfn-lint writes it. */
interface Match {
  readonly Filename: string;
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}
