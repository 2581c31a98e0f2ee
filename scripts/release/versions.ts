import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What names the version of this repository, and the version that it names. */
export type Versions = Readonly<Record<string, string>>;

/** A version of CHANGELOG.md. */
export interface ChangelogEntry {
  readonly version: string;
  /** The day of the release, or `unreleased`. */
  readonly date: string;
  /** What stands under the heading. */
  readonly text: string;
}

/** The versions that a checkout names. */
export function versionsOf(root: string): Versions {
  const metadata = execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], {
    cwd: root,
  });
  const { packages } = JSON.parse(metadata.toString()) as { packages: { name: string; version: string }[] };
  const npm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { version: string };
  return {
    'package.json': npm.version,
    'package-lock.json': lock.version,
    ...Object.fromEntries(packages.map(({ name, version }) => [`the crate ${name}`, version])),
    ...exampleVersions(root),
    'CHANGELOG.md': newestEntry(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).version,
  };
}

/** The version that each example depends on, without the caret; of those that depend on this package. */
function exampleVersions(root: string): Versions {
  const manifests = readdirSync(join(root, 'examples'))
    .map((name) => `examples/${name}/package.json`)
    .filter((manifest) => existsSync(join(root, manifest)));
  return Object.fromEntries(
    manifests.flatMap((manifest) => {
      const { dependencies } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as {
        dependencies: Readonly<Record<string, string>>;
      };
      const version = dependencies['cdk-momento-eventbridge'];
      return version === undefined ? [] : [[manifest, version.replace(/^\^/, '')]];
    }),
  );
}

/** The topmost entry of a changelog, whose heading is `## [1.2.3] - 2026-12-31` or `## [1.2.3] - unreleased`. */
export function newestEntry(changelog: string): ChangelogEntry {
  const [, ...sections] = changelog.split(/^## /m);
  const [heading = '', ...lines] = (sections[0] ?? '').split('\n');
  const [, version, date] = /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2}|unreleased)$/.exec(heading) ?? [];
  if (version === undefined || date === undefined) {
    throw new Error(`CHANGELOG.md begins with '${heading}' and not with a version, such as '[1.2.3] - 2026-12-31'`);
  }
  return { version, date, text: lines.join('\n').trim() };
}

/** What is wrong when not all name the same version: a sentence for each that differs from package.json. */
export function disagreements(versions: Versions): string[] {
  const expected = versions['package.json'] ?? '';
  return Object.entries(versions)
    .filter(([, version]) => version !== expected)
    .map(([name, version]) => `${name} has ${version}, and package.json has ${expected}`);
}
